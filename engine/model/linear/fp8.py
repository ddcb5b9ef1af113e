"""Weights of 8-bit floats, multiplied as such: for GPUs that can, Ada, Hopper and later.

Numbers are E4M3 (Micikevicius et al. 2022, FP8 Formats for Deep Learning, arXiv 2209.05433), with
a scale for each row of W, found once, and for each token of x, found when it comes. Three bits of
a number's own place it anywhere in its range equally well, so channels that stand out need nothing
done about them, but every number is rounded by up to a sixteenth.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.linear.rounding import step_of
from engine.weights.stream import StoredTensor

E4M3: Final = torch.float8_e4m3fn
LARGEST: Final = 448
# What cuBLAS asks of the sides of 8-bit floats.
_MULTIPLE: Final = 16
# Two sides that are each rounded by 2.6 % on average are 3.7 % away together.
_MOST_ERROR: Final = 0.06


class Fp8Linear:
    """A linear layer of 8-bit floats; y has the type of x."""

    def __init__(self, stack: Sequence[StoredTensor], bias: Tensor | None) -> None:
        """Round a stored weight."""
        weight = torch.cat([stored.numbers().flatten(1) for stored in stack])
        self._rows, columns = weight.shape
        self._missing = -columns % _MULTIPLE
        padded = F.pad(weight, (0, self._missing, 0, -self._rows % _MULTIPLE))
        self._weight, scales = _rounded(padded)
        self._scales = scales.T
        self._bias = bias

    def __call__(self, x: Tensor) -> Tensor:
        """Return y [..., rows of W] for x [..., columns of W]."""
        tokens = x.reshape(-1, x.shape[-1])
        if self._missing:
            tokens = F.pad(tokens, (0, self._missing))
        rounded, scales = _rounded(tokens)
        y = torch._scaled_mm(
            rounded, self._weight.T, scale_a=scales, scale_b=self._scales, out_dtype=x.dtype
        )
        y = y[:, : self._rows].view(*x.shape[:-1], -1)
        return y if self._bias is None else y + self._bias


def _rounded(numbers: Tensor) -> tuple[Tensor, Tensor]:
    """Return [rows, columns] as 8-bit floats, and the float32 scales [rows, 1]."""
    scales = step_of(numbers.float(), LARGEST)
    return (numbers / scales).to(E4M3), scales


@cache
def fp8_available(kind: str) -> bool:
    """Whether a kind of device multiplies 8-bit floats quicker than 16-bit ones; it is tried."""
    if kind != "cuda" or torch.cuda.get_device_capability() < (8, 9):
        return False
    generator = torch.Generator(kind).manual_seed(0)
    weight, x = torch.randn(2, 256, 256, device=kind, generator=generator)
    try:
        layer = Fp8Linear([StoredTensor.of(weight)], None)
        error = (layer(x.bfloat16()) - x @ weight.T).norm() / (x @ weight.T).norm()
    except RuntimeError:
        return False
    return bool(error < _MOST_ERROR)
