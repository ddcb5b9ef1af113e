"""Weights rounded to 8 bits: each row has a scale, and channels that stand out are dealt with.

A channel that stands out would take all of the 8 bits, so two things that leave the product alone
come before rounding. Where channels of W are small or large, half of that (in powers) is handed to
x (Xiao et al. 2022, SmoothQuant, arXiv 2211.10438). Then both sides are turned by an orthogonal
matrix, which spreads each channel over many (Ashkboos et al. 2024, QuaRot, arXiv 2404.00456).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.linear.by_rows import by_rows, in_runs, rows_in_caches
from engine.weights.stream import StoredTensor

_LARGEST_TURN: Final = 64
_SMALLEST_SCALE: Final = 1e-30
# Rows that the size of a weight's channels is estimated from.
_SAMPLE: Final = 256
# Of a weight on a GPU, which needs some memory meanwhile: five times 64 MiB.
_NUMBERS_ON_DEVICE: Final = 1 << 24


@dataclass(frozen=True, slots=True)
class RoundedWeight:
    """W as integers from -`limit` to `limit`.

    `integers` is int8 [rows, columns] of W after its channels were divided by `balance` [columns]
    and turned by `rotation(columns)`; a step of a row is worth its `scales` [rows].
    """

    integers: Tensor
    scales: Tensor
    balance: Tensor
    limit: int


def rounded(stack: Sequence[StoredTensor], limit: int) -> RoundedWeight:
    """Round a stored weight, some rows at a time."""
    columns = math.prod(stack[0].shape[1:])
    rows = sum(stored.shape[0] for stored in stack)
    handed, device = balance(stack), stack[0].data.device
    integers = torch.empty((rows, columns), dtype=torch.int8, device=device)
    scales = torch.empty(rows, device=device)
    first = 0
    for stored in stack:
        _round(stored, handed, limit, integers[first:], scales[first:])
        first += stored.shape[0]
    return RoundedWeight(integers, scales, handed, limit)


def _round(
    stored: StoredTensor, handed: Tensor, limit: int, integers: Tensor, scales: Tensor
) -> None:
    """Write a part of W to the beginning of `integers` and `scales`."""
    share, turn = handed.reciprocal(), rotation(integers.shape[1], integers.device)

    def convert(part: slice) -> None:
        weight = turned(stored.rows(part).flatten(1) * share, turn)
        step = step_of(weight, limit)
        integers[part] = weight.div_(step).round_()
        scales[part] = step[:, 0]

    if integers.device.type == "cpu":
        by_rows(stored.shape[0], rows_in_caches(integers.shape[1]), convert)
    else:
        in_runs(stored.shape[0], _NUMBERS_ON_DEVICE // integers.shape[1], convert)


def step_of(numbers: Tensor, limit: int) -> Tensor:
    """Return what one step is worth in each row, [rows, 1]."""
    largest = torch.maximum(numbers.amax(1, keepdim=True), -numbers.amin(1, keepdim=True))
    return largest.div_(limit).clamp_min_(_SMALLEST_SCALE)


def balance(stack: Sequence[StoredTensor]) -> Tensor:
    """Return by what to multiply the channels of x, and divide those of W, [columns]."""
    few = [stored.rows(slice(None, None, -(-stored.shape[0] // _SAMPLE))) for stored in stack]
    rows = torch.cat(few).flatten(1)
    # Each row has a scale of its own, so a large row counts no more than others.
    sizes = F.normalize(rows, dim=1).square().mean(dim=0).sqrt()
    mean = sizes.mean()
    return (sizes / mean).clamp(1e-3, 1e3).sqrt() if mean > 0 else torch.ones_like(sizes)


def rotation(columns: int, device: torch.device | None = None) -> Tensor | None:
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
    return turn.to(device)


def turned(numbers: Tensor, turn: Tensor | None) -> Tensor:
    """Return rows of numbers after each run of them was turned."""
    if turn is None:
        return numbers
    return (numbers.reshape(-1, len(turn)) @ turn).view(numbers.shape)
