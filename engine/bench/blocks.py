"""Random numbers as files store them, made as fast as a disk takes them.

Quantised blocks are random bytes with chosen scales, so that the numbers they stand for have about
the standard deviation of trained weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engine.weights.tensors import BF16, F32, TensorType

Bytes = NDArray[np.uint8]

DEVIATION: Final = 0.02
_BLOCKS_AT_ONCE: Final = 1 << 18
# Standard deviations of a block's integers when all its bytes are random: of `scale * number -
# 7.5 * minimum` in Q4_K, of `scale * (number - 32)` in Q6_K, of a byte in Q8_0.
_Q4_K_SPREAD, _Q6_K_SPREAD, _Q8_0_SPREAD = 258.0, 1_366.0, 73.9


def random_numbers(
    kind: TensorType, count: int, deviation: float, mean: float, random: np.random.Generator
) -> Iterator[Bytes]:
    """Yield the bytes of `count` numbers; `mean` is that of floats, quantised ones have none.

    Raises `KeyError` for a type that is not made here.
    """
    blocks = count // kind.block
    for start in range(0, blocks, _BLOCKS_AT_ONCE):
        part = min(_BLOCKS_AT_ONCE, blocks - start)
        if kind in (F32, BF16):
            numbers = random.standard_normal(part, np.float32) * deviation + mean
            yield _floats(kind, numbers.astype(np.float32))
        else:
            data = np.frombuffer(random.bytes(part * kind.block_bytes), np.uint8).copy()
            data = data.reshape(part, kind.block_bytes)
            _set_scales(kind, data, deviation)
            yield data.reshape(-1)


def _floats(kind: TensorType, numbers: NDArray[np.float32]) -> Bytes:
    if kind is F32:
        return numbers.view(np.uint8)
    # The upper half of a float32 is a bfloat16.
    return (numbers.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)


def _set_scales(kind: TensorType, blocks: Bytes, deviation: float) -> None:
    match kind.name:
        case "Q4_K":
            blocks[:, 0:2] = _half(deviation / _Q4_K_SPREAD)
            blocks[:, 2:4] = _half(7.5 * deviation / _Q4_K_SPREAD)
        case "Q6_K":
            blocks[:, 208:210] = _half(deviation / _Q6_K_SPREAD)
        case "Q8_0":
            blocks[:, 0:2] = _half(deviation / _Q8_0_SPREAD)
        case name:
            raise KeyError(name)


def _half(number: float) -> Bytes:
    return np.array([number], np.float16).view(np.uint8)
