"""Packed weights: kept as the file stores them, turned into floats for each use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.weights.stream import StoredTensor

# Rows that are unpacked together: small enough for the caches, large enough for the matmul.
_ROWS_AT_ONCE: Final = 512


class PackedLinear:
    """A linear layer whose weight is a stack of parts, which may be stored in different ways."""

    def __init__(
        self, stack: Sequence[StoredTensor], bias: Tensor | None, dtype: torch.dtype
    ) -> None:
        self._stack = tuple(stack)
        self._bias = bias
        self._dtype = dtype

    def __call__(self, x: Tensor) -> Tensor:
        """Return y [..., rows of W] for x [..., columns of W]."""
        y = torch.cat([self._part(x, stored) for stored in self._stack], dim=-1)
        return y if self._bias is None else y + self._bias

    def _part(self, x: Tensor, weight: StoredTensor) -> Tensor:
        rows = weight.shape[0]
        y = x.new_empty((*x.shape[:-1], rows))
        for start in range(0, rows, _ROWS_AT_ONCE):
            part = slice(start, min(start + _ROWS_AT_ONCE, rows))
            y[..., part] = F.linear(x, weight.rows(part, self._dtype))
        return y
