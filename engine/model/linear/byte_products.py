"""Products of 8-bit integers, summed exactly, in the ways that CPUs and GPUs are quick at.

CPUs with VNNI multiply matrices as they lie in memory. Others need the weight rearranged by oneDNN
beforehand, want one side unsigned, and add two products in 16 bits, which cuts off what exceeds
them: they are exact only where integers stay small. NVIDIA's GPUs have units for matrices of bytes
since Turing.
"""

from __future__ import annotations

from functools import cache
from typing import ClassVar, Final, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

# The two products that old CPUs add in 16 bits, 2 * (2 * 90) * 90, stay below 32,768.
FULL_RANGE: Final = 127
REDUCED_RANGE: Final = 90

# Tokens that are scaled together: few enough that they stay in the caches.
_TOKENS_AT_ONCE: Final = 16

# What cuBLAS asks of integers: more than 16 tokens, and sides that 8 divides.
_FEWEST_TOKENS: Final = 32
_MULTIPLE: Final = 8


class ByteProduct(Protocol):
    """A weight of integers, ready to be multiplied with."""

    dtype: ClassVar[torch.dtype]
    keeps: ClassVar[bool]
    """Whether the weight is multiplied as it was given, and not rearranged."""

    def __init__(self, weight: Tensor, scales: Tensor, limit: int) -> None:
        """Take int8 `weight` [rows, columns] from -limit to limit, and float32 `scales` [rows]."""

    @property
    def zero(self) -> int:
        """What stands for 0 in the integers of x."""

    def __call__(self, x: Tensor, scales: Tensor) -> Tensor:
        """Return (x - zero) W', times the scales of both sides, float32 [tokens, rows].

        `x` is [tokens, columns] of `dtype`, `scales` float32 [tokens, 1].
        """

    def bare(self, x: Tensor) -> Tensor:
        """Return the product before all of its scales are applied: nothing but multiplying."""


class DeviceProduct:
    """For GPUs: integers of both sides are signed; sides are filled up to what cuBLAS takes."""

    dtype: ClassVar[torch.dtype] = torch.int8
    keeps: ClassVar[bool] = False
    zero: Final = 0

    def __init__(self, weight: Tensor, scales: Tensor, limit: int) -> None:
        """See `ByteProduct`."""
        self._rows, columns = weight.shape
        self._missing = -columns % _MULTIPLE
        self._weight = F.pad(weight, (0, self._missing, 0, -self._rows % _MULTIPLE))
        self._scales = scales

    def __call__(self, x: Tensor, scales: Tensor) -> Tensor:
        """See `ByteProduct`."""
        return (self.bare(x) * self._scales).mul_(scales)

    def bare(self, x: Tensor) -> Tensor:
        """See `ByteProduct`."""
        tokens = len(x)
        few = max(0, _FEWEST_TOKENS - tokens)
        if few or self._missing:
            x = F.pad(x, (0, self._missing, 0, few))
        return torch._int_mm(x, self._weight.T)[:tokens, : self._rows]


class PlainProduct:
    """For CPUs with VNNI: integers of both sides are signed and lie in rows."""

    dtype: ClassVar[torch.dtype] = torch.int8
    keeps: ClassVar[bool] = True
    zero: Final = 0

    def __init__(self, weight: Tensor, scales: Tensor, limit: int) -> None:
        """See `ByteProduct`."""
        self._weight, self._scales = weight, scales

    def __call__(self, x: Tensor, scales: Tensor) -> Tensor:
        """See `ByteProduct`."""
        sums = self.bare(x)
        # Floats take the integers' place, some rows at a time: another matrix as large would cost
        # more time than the scaling.
        y = sums.view(torch.float32)
        for start in range(0, len(x), _TOKENS_AT_ONCE):
            part = slice(start, start + _TOKENS_AT_ONCE)
            y[part] = (sums[part] * self._scales).mul_(scales[part])
        return y

    def bare(self, x: Tensor) -> Tensor:
        """See `ByteProduct`."""
        return torch._int_mm(x, self._weight.T)


class RearrangedProduct:
    """For other CPUs: oneDNN has rearranged the weight, and integers of x are unsigned."""

    dtype: ClassVar[torch.dtype] = torch.uint8
    keeps: ClassVar[bool] = False

    def __init__(self, weight: Tensor, scales: Tensor, limit: int) -> None:
        """See `ByteProduct`."""
        self.zero = limit
        self._weight = torch.ops.onednn.qlinear_prepack(weight, None)
        self._scales = scales
        self._no_offsets = torch.zeros(len(weight), dtype=torch.int64)

    def __call__(self, x: Tensor, scales: Tensor) -> Tensor:
        """See `ByteProduct`."""
        return self.bare(x).mul_(scales)

    def bare(self, x: Tensor) -> Tensor:
        """See `ByteProduct`; oneDNN applies the scales of W itself."""
        weight = (self._weight, self._scales, self._no_offsets)
        plain = (1.0, 0, torch.float32, "none", (), "")
        y: Tensor = torch.ops.onednn.qlinear_pointwise(x, 1.0, self.zero, *weight, None, *plain)
        return y


@cache
def quickest_product(kind: str = "cpu") -> tuple[type[ByteProduct], int]:
    """Return how a kind of device multiplies bytes, and the largest integer that it does exactly.

    0 stands for a device, or a torch, that does it slowly or not at all.
    """
    if kind != "cpu":
        exact = is_exact(DeviceProduct, FULL_RANGE, device=kind)
        return DeviceProduct, FULL_RANGE if exact else 0
    return _quickest_on_cpu()


def _quickest_on_cpu() -> tuple[type[ByteProduct], int]:
    if torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "NO AVX"):
        return RearrangedProduct, 0
    if not torch._C._has_mkldnn or not hasattr(torch.ops.onednn, "qlinear_prepack"):
        return RearrangedProduct, 0
    if torch.cpu._is_vnni_supported() and is_exact(PlainProduct, FULL_RANGE):
        return PlainProduct, FULL_RANGE
    for limit in (FULL_RANGE, REDUCED_RANGE):
        if is_exact(RearrangedProduct, limit):
            return RearrangedProduct, limit
    return RearrangedProduct, 0


def is_exact(kind: type[ByteProduct], limit: int, size: int = 256, device: str = "cpu") -> bool:
    """Whether the largest sums that integers up to `limit` can give are exact on a device."""
    weight = torch.full((size, size), limit, dtype=torch.int8, device=device)
    weight[1::2] = -limit
    ones = torch.ones(size, 1, device=device)
    product = kind(weight, ones[:, 0], limit)
    x = torch.full((size, size), product.zero + limit, dtype=kind.dtype, device=device)
    x[1::2] = product.zero - limit
    sign = 1 - 2 * (torch.arange(size, device=device) % 2)
    expected = torch.outer(sign, sign) * limit * limit * size
    try:
        found = product(x, ones)
    except RuntimeError:
        # What torch raises for a GPU, or a build of its libraries, without such units.
        return False
    return bool((found == expected).all())


def int8_available() -> bool:
    """Whether this CPU multiplies bytes quicker than floats: it has AVX2 or later."""
    return quickest_product()[1] > 0


def instructions() -> str:
    """Return what this CPU computes with, in words."""
    capability = torch.backends.cpu.get_cpu_capability()
    kind, limit = quickest_product()
    if limit == 0:
        return capability
    how = "VNNI" if kind is PlainProduct else "oneDNN"
    return f"{capability}, bytes by {how} up to ±{limit}"
