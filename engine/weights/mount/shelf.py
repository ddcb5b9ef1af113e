"""What a mount gives while one model is loaded: the versions of its files, read ahead."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engine.weights.ahead.pieces import Wanted
from engine.weights.ahead.read_ahead import RING, THREADS, ReadAhead
from engine.weights.ahead.slots import PIECE, Slots
from engine.weights.mount.files import MountedFile, Patience, Ranges, as_it_is

_RING_ALONE: Final = 192 << 20


class MountShelf:
    """The files of a model on a mount while it is loaded; any thread may ask."""

    def __init__(self, patience: Patience | None = None, threads: int = THREADS) -> None:
        self._patience, self._threads = patience or Patience(), threads
        self._lock = threading.Lock()
        self._files: dict[Path, MountedFile] = {}
        self._ahead: ReadAhead[MountedFile] | None = None
        self._mended = 0
        self._last_trouble = ""

    def stored(self, path: Path) -> MountedFile:
        """Return a file as it was when it was first asked for; raises `ModelNotFound`."""
        with self._lock:
            if path not in self._files:
                self._files[path] = as_it_is(path)
            return self._files[path]

    def begin(self, wanted: Sequence[Wanted[MountedFile]], early: int) -> None:
        """Begin to read the files of a model, which `source` then finds."""
        self._ahead = self._read_ahead(wanted, early, RING)

    def leave_out(self, stored: MountedFile) -> None:
        """Read no more of a file that was begun and will not be used now."""
        if self._ahead is not None and self._ahead.has(stored):
            self._ahead.finish(stored)

    def source(
        self, name: str, stored: MountedFile, extents: Sequence[tuple[int, int]]
    ) -> MountSource:
        """Open a file that was begun, or any other; its `extents` are needed, in this order.

        `name` is what messages call it.
        """
        if self._ahead is not None and self._ahead.has(stored):
            return MountSource(name, stored, self._ahead)
        alone = self._read_ahead((Wanted(stored, tuple(extents)),), 0, _RING_ALONE)
        return MountSource(name, stored, alone)

    def close(self) -> tuple[int, str]:
        """Give back what reading took; return how many interruptions were mended, and the last.

        What is asked for afterwards is looked at anew.
        """
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None
        with self._lock:
            self._files.clear()
            return self._mended, self._last_trouble

    def _read_ahead(
        self, wanted: Sequence[Wanted[MountedFile]], early: int, ring: int
    ) -> ReadAhead[MountedFile]:
        slots = Slots(max(ring, early) // PIECE + self._threads + 2, ring // PIECE)
        return ReadAhead(
            wanted,
            slots,
            lambda ahead: _Bringer(slots, self._ranges(ahead.stopped)),
            agrees=lambda stored, offset, data: True,
            read=self._read_few,
            checking=False,
            early=early,
            ring=ring,
            threads=self._threads,
        )

    def _read_few(self, stored: MountedFile, offset: int, buffer: memoryview) -> None:
        ranges = self._ranges(threading.Event())
        try:
            ranges.read(stored, offset, buffer)
        finally:
            ranges.close()

    def _ranges(self, stopped: threading.Event) -> Ranges:
        return Ranges(self._patience, stopped, self._note)

    def _note(self, trouble: str) -> None:
        with self._lock:
            self._mended += 1
            self._last_trouble = trouble


class _Bringer:
    """See `engine.weights.ahead.read_ahead.Fetcher`; a mount states no checksums."""

    def __init__(self, slots: Slots, ranges: Ranges) -> None:
        self._slots, self._ranges = slots, ranges

    def fetch(self, stored: MountedFile, offset: int, length: int, slot: int) -> int:
        with self._slots.view(slot, length) as place:
            self._ranges.read(stored, offset, place)
        return 0

    def close(self) -> None:
        self._ranges.close()


class MountSource:
    """A file of a mount that is read in pieces; see `engine.weights.source.Source`."""

    def __init__(self, name: str, stored: MountedFile, ahead: ReadAhead[MountedFile]) -> None:
        self.name = name
        self._stored, self._ahead = stored, ahead

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Fill `buffer` with the bytes from `offset`; raises `ModelError`."""
        self._ahead.read_into(self._stored, offset, buffer)

    def check(self) -> None:
        """Do nothing: a mount states no checksums."""

    def close(self) -> None:
        """Read no more of the file."""
        self._ahead.finish(self._stored)
