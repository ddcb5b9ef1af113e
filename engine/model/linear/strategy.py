"""The ways to keep the weights of linear layers."""

from __future__ import annotations

from enum import StrEnum


class Strategy(StrEnum):
    """How the weights of a part's linear layers are kept.

    `DENSE` is exact and quick, and as large as floats are; `PACKED` is exact, as small as the file
    and slow; `INT8` is the quickest on CPUs, takes one byte per weight, and rounds. `STREAMED` is
    `PACKED` without the memory: the text encoder's layers are read again for each prompt.
    """

    DENSE = "dense"
    PACKED = "packed"
    INT8 = "int8"
    STREAMED = "streamed"
