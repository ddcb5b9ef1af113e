"""Memory for pieces of files: places of one size in one mapping, used again and again.

Pages that were touched once cost nothing the next time, so places that are free are kept up to
`kept`, and what is above that goes back to the system. Nothing is taken before it is used.
"""

from __future__ import annotations

import mmap
from contextlib import suppress
from typing import Final

PIECE: Final = 16 << 20
"""Bytes of a place, and of what is asked for at once."""


class Slots:
    """`count` places, of which `kept` stay in memory while they are free; not for two threads."""

    def __init__(self, count: int, kept: int) -> None:
        self._memory = mmap.mmap(-1, count * PIECE)
        self._view = memoryview(self._memory)
        self._kept = kept
        self._warm: list[int] = []
        self._cold = list(range(count - 1, -1, -1))

    def take(self) -> int:
        """Return a free place, preferably one that has its pages already."""
        return self._warm.pop() if self._warm else self._cold.pop()

    def give(self, slot: int) -> None:
        """Take a place back; nobody may look at it any more."""
        if len(self._warm) < self._kept:
            self._warm.append(slot)
            return
        self._memory.madvise(mmap.MADV_DONTNEED, slot * PIECE, PIECE)
        self._cold.append(slot)

    def view(self, slot: int, length: int) -> memoryview:
        """Return the first `length` bytes of a place."""
        return self._view[slot * PIECE : slot * PIECE + length]

    def close(self) -> None:
        """Give all memory back, as soon as nobody looks at it any more."""
        self._view.release()
        with suppress(BufferError):
            self._memory.close()
