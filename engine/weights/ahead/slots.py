"""Memory for pieces of files: places of one size in one mapping.

Nothing is taken before it is used. Pages that were touched once cost nothing the next time, so
`Slots` are used again and again. In a `Room` every piece has a place of its own, in the order of
the file, so that what was read can stay where it came.
"""

from __future__ import annotations

import mmap
import os
from contextlib import suppress
from typing import Final

PIECE: Final = 16 << 20
"""Bytes of a place, and of what is asked for at once."""


class Slots:
    """`count` places, of which `kept` stay in memory while they are free; not for two threads.

    What is above that goes back to the system. If `shared`, other processes can map them by
    `descriptor`, which is -1 otherwise. Raises `OSError` where the system has no such memory, or
    never takes it back.
    """

    def __init__(self, count: int, kept: int, *, shared: bool = False) -> None:
        self.descriptor = os.memfd_create("engine-pieces") if shared else -1
        self._give_back = mmap.MADV_REMOVE if shared else mmap.MADV_DONTNEED
        try:
            if shared:
                os.ftruncate(self.descriptor, count * PIECE)
            self._memory = mmap.mmap(self.descriptor, count * PIECE)
            # Not every system takes shared memory back, and without that it would grow.
            self._memory.madvise(self._give_back, 0, PIECE)
        except OSError:
            self._close_descriptor()
            raise
        self._view = memoryview(self._memory)
        self._kept = kept
        self._warm: list[int] = []
        self._cold = list(range(count - 1, -1, -1))

    def take(self, piece: int) -> int:
        """Return a free place for a piece, preferably one that has its pages already."""
        return self._warm.pop() if self._warm else self._cold.pop()

    def give(self, slot: int) -> None:
        """Take a place back; nobody may look at it any more."""
        if len(self._warm) < self._kept:
            self._warm.append(slot)
            return
        self._empty(slot)
        self._cold.append(slot)

    def view(self, slot: int, length: int) -> memoryview:
        """Return the first `length` bytes of a place."""
        return place(self._view, slot, length)

    def close(self) -> None:
        """Give all memory back, as soon as nobody looks at it any more."""
        self._view.release()
        with suppress(BufferError):
            self._memory.close()
        self._close_descriptor()

    def _empty(self, slot: int) -> None:
        self._memory.madvise(self._give_back, slot * PIECE, PIECE)

    def _close_descriptor(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


class Room(Slots):
    """A place for each of `count` pieces, so that a file's lie next to each other."""

    def __init__(self, count: int, *, shared: bool = False) -> None:
        super().__init__(count, 0, shared=shared)

    def take(self, piece: int) -> int:
        """Return the place of a piece."""
        return piece

    def give(self, slot: int) -> None:
        """Take a place back; nobody may look at it any more."""
        self._empty(slot)

    def span(self, first: int, offset: int, length: int) -> memoryview:
        """Return bytes from `offset` on after the place `first`, which may lie in several.

        They outlive `close`: the memory of all goes back with the last one that is looked at.
        """
        start = first * PIECE + offset
        return self._view[start : start + length]


def place(memory: memoryview, slot: int, length: int) -> memoryview:
    """Return the first `length` bytes of a place in the memory of all."""
    return memory[slot * PIECE : slot * PIECE + length]
