"""What the machine itself can do: matrix products of the model's shapes, alone in a loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
import torch.nn.functional as F

from engine.bench.sizes import ModelSizes
from engine.model.linear.byte_products import int8_available, quickest_product

_REPEATS: Final = 3


@dataclass(frozen=True, slots=True)
class Ceilings:
    """Operations per second of float32 and 8-bit products; `int8` is 0 where there are none."""

    float32: float
    int8: float


def measure_ceilings(sizes: ModelSizes, tokens: int) -> Ceilings:
    """Time the products of one block for so many tokens, the best of three each."""
    shapes = sizes.layer_shapes()
    operations = sum(2 * tokens * rows * columns for rows, columns in shapes)
    float32 = sum(_best(_float32(tokens, *shape)) for shape in shapes)
    if not int8_available():
        return Ceilings(operations / float32, 0.0)
    int8 = sum(_best(_int8(tokens, *shape)) for shape in shapes)
    return Ceilings(operations / float32, operations / int8)


def _float32(tokens: int, rows: int, columns: int) -> Callable[[], object]:
    x, weight = torch.rand(tokens, columns), torch.rand(rows, columns)
    return lambda: F.linear(x, weight)


def _int8(tokens: int, rows: int, columns: int) -> Callable[[], object]:
    kind, limit = quickest_product()
    integers = torch.randint(-limit, limit + 1, (rows, columns), dtype=torch.int8)
    multiply = kind(integers, torch.rand(rows), limit)
    x = torch.randint(-limit, limit + 1, (tokens, columns)).add_(multiply.zero).to(kind.dtype)
    return lambda: multiply.bare(x)


def _best(work: Callable[[], object]) -> float:
    work()
    seconds = []
    for _ in range(_REPEATS):
        before = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - before)
    return min(seconds)
