"""Packed weights: kept as the file stores them, turned into floats for each use."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.fused import fused_for
from engine.model.linear.by_rows import by_rows, rows_in_caches
from engine.weights.stream import StoredTensor

# Rows that many tokens are multiplied with together: enough for a quick product.
_ROWS_AT_ONCE: Final = 512
_MANY_TOKENS: Final = 128


class PackedLinear:
    """A linear layer whose weight is a stack of parts, which may be stored in different ways."""

    def __init__(
        self, stack: Sequence[StoredTensor], bias: Tensor | None, dtype: torch.dtype
    ) -> None:
        self._stack = tuple(stack)
        self._bias = bias
        self._dtype = dtype
        self._fused = fused_for(stack[0].data.device.type)

    def __call__(self, x: Tensor) -> Tensor:
        """Return y [..., rows of W] for x [..., columns of W]."""
        y = x.new_empty((*x.shape[:-1], sum(stored.shape[0] for stored in self._stack)))
        first = 0
        for stored in self._stack:
            self._multiply(x, stored, y[..., first : first + stored.shape[0]])
            first += stored.shape[0]
        return y if self._bias is None else y.add_(self._bias)

    def _multiply(self, x: Tensor, stored: StoredTensor, y: Tensor) -> None:
        """Write the product of `x` and one part of the weight into `y`."""

        def multiply(part: slice) -> None:
            y[..., part] = F.linear(x, self._unpacked(stored, part))

        if x.device.type != "cpu":
            shape = (stored.shape[0], x.shape[-1])
            weight = self._fused.unpacked(stored.data, stored.kind, shape, self._dtype)
            y[...] = F.linear(x, weight)
        else:
            many = x.numel() // x.shape[-1] >= _MANY_TOKENS
            at_once = _ROWS_AT_ONCE if many else rows_in_caches(x.shape[-1])
            by_rows(stored.shape[0], at_once, multiply)

    def _unpacked(self, stored: StoredTensor, part: slice) -> Tensor:
        """Return some rows as floats, unpacked a few at a time."""
        columns = math.prod(stored.shape[1:])
        few = rows_in_caches(columns)
        if part.stop - part.start <= few:
            return stored.rows(part, self._dtype).flatten(1)
        weight = torch.empty((part.stop - part.start, columns), dtype=self._dtype)
        for start in range(part.start, part.stop, few):
            end = min(start + few, part.stop)
            rows = stored.rows(slice(start, end), self._dtype).flatten(1)
            weight[start - part.start : end - part.start] = rows
        return weight
