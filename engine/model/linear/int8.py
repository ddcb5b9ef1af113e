"""Weights of 8 bits, multiplied as integers: the quickest way on CPUs.

Each row of W has a scale, found once; each token of x has one, found when it comes. A channel that
stands out would take all of the 8 bits, so two things that leave the product alone come before
rounding. Where channels of W are small or large, half of that (in powers) is handed to x (Xiao et
al. 2022, SmoothQuant, arXiv 2211.10438). Then both sides are turned by an orthogonal matrix, which
spreads each channel over many (Ashkboos et al. 2024, QuaRot, arXiv 2404.00456).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.linear.by_rows import by_rows, rows_in_caches
from engine.model.linear.byte_products import ByteProduct, quickest_product
from engine.weights.stream import StoredTensor

_LARGEST_TURN: Final = 64
# Tokens that are prepared together: few enough that they stay in the caches.
_TOKENS_AT_ONCE: Final = 64
_SMALLEST_SCALE: Final = 1e-30
# Rows that the size of a weight's channels is estimated from.
_SAMPLE: Final = 256


class Int8Linear:
    """A linear layer of 8-bit weights on a CPU; x and y are float32."""

    def __init__(
        self,
        stack: Sequence[StoredTensor],
        bias: Tensor | None,
        product: tuple[type[ByteProduct], int] | None = None,
    ) -> None:
        """Convert the stored weight some rows at a time.

        `product` is how to multiply and the largest integer to be used on either side, by
        default what is quickest on this CPU and what it multiplies exactly.
        """
        kind, self._limit = product or quickest_product()
        self._bias = bias
        columns = math.prod(stack[0].shape[1:])
        self._turn = rotation(columns)
        self._balance = balance(stack)
        integers, scales = self._converted(stack, columns)
        self._product = kind(integers, scales, self._limit)

    def __call__(self, x: Tensor) -> Tensor:
        """Return y [..., rows of W] for x [..., columns of W]."""
        y = self._product(*self._quantised(x.reshape(-1, x.shape[-1])))
        y = y.view(*x.shape[:-1], -1)
        return y if self._bias is None else y.add_(self._bias)

    def _converted(self, stack: Sequence[StoredTensor], columns: int) -> tuple[Tensor, Tensor]:
        """Return W as integers int8 [rows, columns], and the scales [rows]."""
        rows = sum(stored.shape[0] for stored in stack)
        integers, scales = torch.empty((rows, columns), dtype=torch.int8), torch.empty(rows)
        first = 0
        for stored in stack:
            self._convert(stored, integers[first:], scales[first:])
            first += stored.shape[0]
        return integers, scales

    def _convert(self, stored: StoredTensor, integers: Tensor, scales: Tensor) -> None:
        """Write a part of W to the beginning of `integers` and `scales`."""
        share = self._balance.reciprocal()

        def convert(part: slice) -> None:
            weight = turned(stored.rows(part).flatten(1) * share, self._turn)
            step = self._scales_of(weight)
            integers[part] = weight.div_(step).round_()
            scales[part] = step[:, 0]

        by_rows(stored.shape[0], rows_in_caches(integers.shape[1]), convert)

    def _quantised(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return x [tokens, columns] as integers, and the scales [tokens, 1]."""
        zero = self._product.zero
        integers = torch.empty(x.shape, dtype=self._product.dtype)
        scales = torch.empty(len(x), 1)
        for start in range(0, len(x), _TOKENS_AT_ONCE):
            part = slice(start, start + _TOKENS_AT_ONCE)
            tokens = turned(x[part] * self._balance, self._turn)
            scales[part] = self._scales_of(tokens)
            integers[part] = tokens.div_(scales[part]).round_().add_(zero)
        return integers, scales

    def _scales_of(self, numbers: Tensor) -> Tensor:
        """Return what one step is worth in each row, [rows, 1]."""
        largest = torch.maximum(numbers.amax(1, keepdim=True), -numbers.amin(1, keepdim=True))
        return largest.div_(self._limit).clamp_min_(_SMALLEST_SCALE)


def balance(stack: Sequence[StoredTensor]) -> Tensor:
    """Return by what to multiply the channels of x, and divide those of W, [columns]."""
    few = [stored.rows(slice(None, None, -(-stored.shape[0] // _SAMPLE))) for stored in stack]
    rows = torch.cat(few).flatten(1)
    # Each row has a scale of its own, so a large row counts no more than others.
    sizes = F.normalize(rows, dim=1).square().mean(dim=0).sqrt()
    mean = sizes.mean()
    return (sizes / mean).clamp(1e-3, 1e3).sqrt() if mean > 0 else torch.ones_like(sizes)


def rotation(columns: int) -> Tensor | None:
    """Return the orthogonal matrix that turns each run of its size in `columns` numbers.

    It is a Hadamard matrix, the largest up to 64 that divides `columns`, with signs that keep
    a common offset of all channels from adding up in one. None where not even 2 divides them.
    """
    size = min(_LARGEST_TURN, columns & -columns)
    if size < 2:
        return None
    matrix = torch.ones(1, 1)
    while len(matrix) < size:
        matrix = torch.cat([torch.cat([matrix, matrix], 1), torch.cat([matrix, -matrix], 1)])
    signs = torch.randint(2, (size, 1), generator=torch.Generator().manual_seed(size)) * 2 - 1
    turn: Tensor = matrix * signs / size**0.5
    return turn


def turned(numbers: Tensor, turn: Tensor | None) -> Tensor:
    """Return rows of numbers after each run of them was turned."""
    if turn is None:
        return numbers
    return (numbers.reshape(-1, len(turn)) @ turn).view(numbers.shape)
