"""Weights of 8 bits, multiplied as integers: the quickest way on CPUs.

Each row of W has a scale, found once; each token of x has one, found when it comes. Products are
summed exactly in 32 bits by oneDNN. A channel that stands out would take all of the 8 bits, so two
things that leave the product alone come before rounding. Where channels of W are small or large,
half of that (in powers) is handed to x (Xiao et al. 2022, SmoothQuant, arXiv 2211.10438). Then both
sides are turned by an orthogonal matrix, which spreads each channel over many (Ashkboos et al.
2024, QuaRot, arXiv 2404.00456).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Final

import torch
from torch import Tensor

from engine.weights.stream import StoredTensor

# The two products that old CPUs add in 16 bits, 2 * (2 * 90) * 90, stay below 32,768.
FULL_RANGE: Final = 127
REDUCED_RANGE: Final = 90

_LARGEST_TURN: Final = 64
# Rows that are prepared together: few enough that they stay in the caches.
_TOKENS_AT_ONCE: Final = 64
_ROWS_AT_ONCE: Final = 512
_SMALLEST_SCALE: Final = 1e-30
# Rows that the size of a weight's channels is estimated from.
_SAMPLE: Final = 256


class Int8Linear:
    """A linear layer of 8-bit weights on a CPU; x and y are float32."""

    def __init__(
        self, stack: Sequence[StoredTensor], bias: Tensor | None, limit: int | None = None
    ) -> None:
        """Convert the stored weight some rows at a time.

        `limit` is the largest integer to be used on either side, by default what this CPU
        multiplies exactly.
        """
        self._limit = integer_range() if limit is None else limit
        self._bias = bias
        rows = sum(stored.shape[0] for stored in stack)
        columns = math.prod(stack[0].shape[1:])
        self._turn = rotation(columns)
        self._balance = balance(stack)
        integers = torch.empty((rows, columns), dtype=torch.int8)
        self._scales = torch.empty(rows)
        start = 0
        for stored in stack:
            start = self._convert(stored, integers, start)
        self._weight = torch.ops.onednn.qlinear_prepack(integers, None)
        self._no_offsets = torch.zeros(rows, dtype=torch.int64)

    def __call__(self, x: Tensor) -> Tensor:
        """Return y [..., rows of W] for x [..., columns of W]."""
        integers, scales = self._quantised(x.reshape(-1, x.shape[-1]))
        y = multiply(integers, self._limit, self._weight, self._scales, self._no_offsets)
        y = y.mul_(scales).view(*x.shape[:-1], -1)
        return y if self._bias is None else y.add_(self._bias)

    def _convert(self, stored: StoredTensor, integers: Tensor, start: int) -> int:
        """Write a part's rows from row `start` on; return the row after it."""
        for first in range(0, stored.shape[0], _ROWS_AT_ONCE):
            part = slice(first, min(first + _ROWS_AT_ONCE, stored.shape[0]))
            weight = turned(stored.rows(part).flatten(1) / self._balance, self._turn)
            scales = self._scales_of(weight)
            end = start + len(weight)
            integers[start:end] = weight.div_(scales).round_()
            self._scales[start:end] = scales[:, 0]
            start = end
        return start

    def _quantised(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return x [tokens, columns] as uint8 around `limit`, and the scales [tokens, 1]."""
        integers = torch.empty(x.shape, dtype=torch.uint8)
        scales = torch.empty(len(x), 1)
        for start in range(0, len(x), _TOKENS_AT_ONCE):
            part = slice(start, start + _TOKENS_AT_ONCE)
            tokens = turned(x[part] * self._balance, self._turn)
            scales[part] = self._scales_of(tokens)
            # Half a step more makes the cut to whole numbers a rounding.
            integers[part] = tokens.div_(scales[part]).add_(self._limit + 0.5)
        return integers, scales

    def _scales_of(self, numbers: Tensor) -> Tensor:
        """Return what one step is worth in each row, [rows, 1]."""
        largest = torch.maximum(numbers.amax(1, keepdim=True), -numbers.amin(1, keepdim=True))
        return largest.div_(self._limit).clamp_min_(_SMALLEST_SCALE)


def balance(stack: Sequence[StoredTensor]) -> Tensor:
    """Return by what to multiply the channels of x, and divide those of W, [columns]."""
    rows = [stored.rows(slice(None, None, -(-stored.shape[0] // _SAMPLE))) for stored in stack]
    sizes = torch.cat(rows).flatten(1).square().mean(dim=0).sqrt()
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


def multiply(
    integers: Tensor, zero: int, weight: Tensor, scales: Tensor, no_offsets: Tensor
) -> Tensor:
    """Return ((integers - zero) @ weight') * scales in float32 with exact integer sums.

    `integers` is uint8 [tokens, columns], `weight` int8 [rows, columns] prepacked by oneDNN,
    `scales` float32 and `no_offsets` int64 zeros, both [rows].
    """
    result: Tensor = torch.ops.onednn.qlinear_pointwise(
        integers, 1.0, zero, weight, scales, no_offsets, None, 1.0, 0, torch.float32, "none", [], ""
    )
    return result


@cache
def integer_range() -> int:
    """Return the largest integer that this CPU multiplies exactly, 0 if oneDNN is not there.

    CPUs without VNNI add two products of an unsigned and a signed byte in 16 bits and cut off
    what exceeds them, so the worst case is tried.
    """
    if not torch._C._has_mkldnn or not hasattr(torch.ops.onednn, "qlinear_prepack"):
        return 0
    for limit in (FULL_RANGE, REDUCED_RANGE):
        if _is_exact(limit):
            return limit
    return 0


def _is_exact(limit: int, size: int = 256) -> bool:
    integers = torch.full((size, size), 2 * limit, dtype=torch.uint8)
    weight = torch.full((size, size), limit, dtype=torch.int8)
    packed = torch.ops.onednn.qlinear_prepack(weight, None)
    zeros = torch.zeros(size, dtype=torch.int64)
    found = multiply(integers, 0, packed, torch.ones(size), zeros)
    return bool((found == 2 * limit * limit * size).all())


def int8_available() -> bool:
    """Whether this CPU multiplies bytes quicker than floats: it has AVX2 or later."""
    quick = torch.backends.cpu.get_cpu_capability() not in ("DEFAULT", "NO AVX")
    return quick and integer_range() > 0
