"""What the machine itself can do: matrix products of the model's shapes, alone in a loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from engine.bench.products import float_product, int8_product
from engine.bench.sizes import ModelSizes
from engine.model.linear.byte_products import int8_available

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
    float32 = sum(_best(float_product(tokens, *shape, "cpu")) for shape in shapes)
    if not int8_available():
        return Ceilings(operations / float32, 0.0)
    int8 = sum(_best(int8_product(tokens, *shape, "cpu")) for shape in shapes)
    return Ceilings(operations / float32, operations / int8)


def _best(work: Callable[[], object]) -> float:
    work()
    seconds = []
    for _ in range(_REPEATS):
        before = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - before)
    return min(seconds)
