"""What a mount gives while one model is loaded: the versions of its files, read ahead."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from engine.weights.ahead.beginnings import Beginnings
from engine.weights.ahead.pieces import Wanted
from engine.weights.ahead.read_ahead import RING, THREADS, ReadAhead
from engine.weights.ahead.shelf import AheadShelf, memory_for
from engine.weights.ahead.slots import Slots
from engine.weights.mount.files import MountedFile, Patience, Ranges, as_it_is, raise_if_changed


class MountShelf(AheadShelf[MountedFile]):
    """The files of a model on a mount while it is loaded; a mount states no checksums."""

    def __init__(self, patience: Patience | None = None, threads: int = THREADS) -> None:
        super().__init__()
        self._patience, self._threads = patience or Patience(), threads
        self._lock = threading.Lock()
        self._files: dict[Path, MountedFile] = {}
        self.beginnings = Beginnings[MountedFile](lambda: self._ranges(threading.Event()))
        self._mended = 0
        self._last_trouble = ""

    def stored(self, path: Path) -> MountedFile:
        """Return a file as it was when it was first asked for; raises `ModelNotFound`."""
        # Not with the lock held: several files are looked at side by side.
        found = self._files.get(path) or as_it_is(path)
        with self._lock:
            return self._files.setdefault(path, found)

    def close(self) -> tuple[int, str]:
        """Give back what reading took; return how many interruptions were mended, and the last.

        What is read afterwards, of a text encoder that is read for each prompt, has to be what the
        headers were read from.
        """
        self.stop()
        self.beginnings.close()
        with self._lock:
            return self._mended, self._last_trouble

    def read_ahead(
        self,
        wanted: Sequence[Wanted[MountedFile]],
        early: int = 0,
        ring: int = RING,
        *,
        stay: bool = False,
    ) -> ReadAhead[MountedFile]:
        """Begin to read files, into memory where they can `stay`; see `ReadAhead`."""
        most = max(ring, early)
        slots = memory_for(wanted, most, ring, self._threads, stay=stay, shared=False)
        return ReadAhead(
            wanted,
            slots,
            lambda ahead: _Bringer(slots, self._ranges(ahead.stopped)),
            agrees=self.beginnings.agrees,
            read=self._read_few,
            checking=False,
            early=early,
            ring=ring,
            threads=self._threads,
        )

    def check(self, name: str, stored: MountedFile, ahead: ReadAhead[MountedFile]) -> None:
        """Raise `MalformedFile` if the file is another than at first; there is no checksum."""
        raise_if_changed(stored)

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
