"""A file in pieces: which are needed, in what order, and what has come of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from engine.errors import ModelError
from engine.weights.ahead.checksum import joined
from engine.weights.ahead.slots import PIECE
from engine.weights.ahead.stored import Stored

# What is not needed is read for the checksum's sake, as long as that costs little.
_MOST_UNNEEDED: Final = 0.6
_LITTLE: Final = 512 << 20

S = TypeVar("S", bound=Stored)


@dataclass(frozen=True, slots=True)
class Wanted(Generic[S]):
    """A file, and where the bytes lie that are needed of it, in the order of use.

    Each extent is (offset, bytes).
    """

    stored: S
    extents: tuple[tuple[int, int], ...]


def piece_count(size: int) -> int:
    """Return in how many pieces so many bytes are read."""
    return -(-size // PIECE)


class PiecedFile(Generic[S]):
    """What is known of one file while it is read; whoever changes it holds the reader's lock.

    `first` is the number of its first piece among those of all files.
    """

    def __init__(self, wanted: Wanted[S], first: int = 0) -> None:
        self.stored = wanted.stored
        self.first = first
        self.count = piece_count(wanted.stored.bytes)
        self._needed, ranks = _needs(wanted.extents, self.count)
        self.left = list(self._needed)
        self.checksums: list[int | None] = [None] * self.count
        self.error: ModelError | None = None
        self.done = False
        self.order = sorted(ranks, key=lambda index: (ranks[index], index))
        rest = [index for index in range(self.count) if index not in ranks]
        spare = sum(self.length(index) for index in rest)
        checked = wanted.stored.crc32c is not None
        self.whole = checked and spare <= min(_LITTLE, int(_MOST_UNNEEDED * wanted.stored.bytes))
        if self.whole:
            self.order += rest

    def length(self, index: int) -> int:
        """Return the bytes of a piece: the last one may be short."""
        return min(PIECE, self.stored.bytes - index * PIECE)

    def planned(self, index: int) -> bool:
        """Whether bytes of a piece were said to be needed, and have not all been used yet."""
        return self.left[index] > 0

    def complete(self) -> bool:
        """Whether every piece that is to be read has been, at least once."""
        return all(self.checksums[index] is not None for index in self.order)

    def intact(self) -> bool:
        """Whether the whole file is what its metadata says."""
        parts = ((c or 0, self.length(i)) for i, c in enumerate(self.checksums))
        return joined(parts) == self.stored.crc32c


def _needs(extents: Iterable[tuple[int, int]], count: int) -> tuple[list[int], dict[int, int]]:
    """Return how many bytes are needed of each piece, and when each is first."""
    needed, ranks = [0] * count, dict[int, int]()
    for rank, (offset, size) in enumerate(extents):
        end = offset + size
        for index in range(offset // PIECE, -(-end // PIECE)):
            begin = index * PIECE
            needed[index] += min(end, begin + PIECE) - max(offset, begin)
            ranks.setdefault(index, rank)
    return needed, ranks
