"""The ways to keep the weights of linear layers."""

from __future__ import annotations

from enum import StrEnum


class Strategy(StrEnum):
    """How the weights of a part's linear layers are kept.

    `DENSE` is exact and quick, and as large as floats are; `PACKED` is exact, as small as the file
    and slow; `INT8` takes one byte per weight, rounds, and is the quickest on CPUs; `FP8` does the
    same with floats of 8 bits, which newer GPUs multiply, and rounds three times as much.
    `STREAMED` is `PACKED` without the memory: the text encoder's layers are read again for each
    prompt.
    """

    DENSE = "dense"
    PACKED = "packed"
    INT8 = "int8"
    FP8 = "fp8"
    STREAMED = "streamed"
