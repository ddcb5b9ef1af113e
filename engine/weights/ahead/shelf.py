"""The files of one model, read ahead while it is loaded, and each of them as a source of bytes."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, Generic, TypeVar

from engine.weights.ahead.pieces import Wanted, piece_count
from engine.weights.ahead.read_ahead import RING, ReadAhead
from engine.weights.ahead.slots import PIECE, Room, Slots
from engine.weights.ahead.stored import Stored

_RING_ALONE: Final = 192 << 20

S = TypeVar("S", bound=Stored)


def memory_for(
    wanted: Sequence[Wanted[S]], most: int, ring: int, threads: int, *, stay: bool, shared: bool
) -> Slots:
    """Return memory for files of which `most` bytes wait at most; raises `OSError`, see `Slots`."""
    if stay:
        return Room(sum(piece_count(each.stored.bytes) for each in wanted), shared=shared)
    return Slots(most // PIECE + threads + 2, ring // PIECE, shared=shared)


class AheadSource(Generic[S]):
    """A file of a shelf that is read in pieces; see `engine.weights.source.Source`.

    `alone` says that nothing else is read at the same time.
    """

    def __init__(
        self, shelf: AheadShelf[S], name: str, stored: S, ahead: ReadAhead[S], *, alone: bool
    ) -> None:
        self.name = name
        self._shelf, self._stored, self._ahead, self._alone = shelf, stored, ahead, alone

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset`; raises `ModelError`."""
        self._ahead.read_into(self._stored, offset, buffer)

    def lend(self, offset: int, length: int) -> memoryview | None:
        """Return bytes where they came, to be kept, None where they do not stay."""
        return self._ahead.lend(self._stored, offset, length)

    def check(self) -> None:
        """Raise `MalformedFile` if what was read is not the file; see `AheadShelf.check`."""
        self._shelf.check(self.name, self._stored, self._ahead)

    def close(self) -> None:
        """Read no more of the file."""
        self._ahead.finish(self._stored)
        if self._alone:
            self._shelf.hang_up()


class AheadShelf(ABC, Generic[S]):
    """Where a model's files are, while one model is loaded; any thread may ask."""

    def __init__(self) -> None:
        self._ahead: ReadAhead[S] | None = None

    @abstractmethod
    def read_ahead(
        self, wanted: Sequence[Wanted[S]], early: int = 0, ring: int = RING, *, stay: bool = False
    ) -> ReadAhead[S]:
        """Begin to read files, into memory where they can `stay`; see `ReadAhead`."""

    def check(self, name: str, stored: S, ahead: ReadAhead[S]) -> None:
        """Compare what was read with the file's checksum, or say in the log why that is not done.

        Raises `DamagedRead` if it is another.
        """
        if reason := ahead.check(stored):
            words = f"{name} was not compared with its checksum: {reason}"
            logging.getLogger(__name__).warning(words)

    def hang_up(self) -> None:
        """Let go of what was kept to ask with, until somebody asks for something again."""

    def begin(self, wanted: Sequence[Wanted[S]], early: int, *, stay: bool) -> None:
        """Begin to read the files of a model, which `source` then finds."""
        self._ahead = self.read_ahead(wanted, early, stay=stay)

    def leave_out(self, stored: S) -> None:
        """Read no more of a file that was begun and will not be used now."""
        if self._ahead is not None and self._ahead.has(stored):
            self._ahead.finish(stored)

    def source(self, name: str, stored: S, extents: Sequence[tuple[int, int]]) -> AheadSource[S]:
        """Open a file that was begun, or any other; its `extents` are needed, in this order.

        `name` is what messages call it.
        """
        if self._ahead is not None and self._ahead.has(stored):
            return AheadSource(self, name, stored, self._ahead, alone=False)
        alone = self.read_ahead((Wanted(stored, tuple(extents)),), ring=_RING_ALONE)
        return AheadSource(self, name, stored, alone, alone=True)

    def stop(self) -> None:
        """Read no more of any file, and give the memory back."""
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None
