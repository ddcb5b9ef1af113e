"""The file in which log entries outlive the sandbox, one in a line of JSON.

While it is written it is in two parts: when the newer one is full it takes the place of the older
one, so that what is on disk is bounded and nothing is ever written twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from console.paths import write_atomically
from console.sandbox.logs.log_entries import Entry

_ESSENTIAL = {"timestamp", "insertId", "logName"}


class LogFile:
    """Entries at `path`, at least the latest `capacity` of them; raises `OSError`."""

    def __init__(self, path: Path, capacity: int) -> None:
        self._path = path
        self._older = path.with_name(f"{path.stem}-older{path.suffix}")
        self._capacity = capacity
        self._lines = 0

    def begin(self, kept: Iterable[Entry]) -> None:
        """Write anew with `kept` alone, and be ready for more."""
        lines = [_line(entry) for entry in kept]
        write_atomically(self._path, "".join(lines).encode())
        self._older.unlink(missing_ok=True)
        self._file = self._path.open("a", encoding="utf-8")
        self._lines = len(lines)

    def read(self) -> Iterator[Entry]:
        """Yield what there is; lines that cannot be read are passed over.

        The end of the file may be missing after a crash.
        """
        for path in (self._older, self._path):
            try:
                text = path.read_text(encoding="utf-8", errors="replace")
            except FileNotFoundError:
                continue
            yield from _entries(text)

    def write(self, entries: Iterable[Entry]) -> list[int]:
        """Add entries; return how many bytes each takes up."""
        lines = [_line(entry) for entry in entries]
        self._file.write("".join(lines))
        self._file.flush()
        self._lines += len(lines)
        if self._lines >= self._capacity:
            self._file.close()
            self._path.replace(self._older)
            self._file = self._path.open("a", encoding="utf-8")
            self._lines = 0
        return [len(line) for line in lines]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _line(entry: Entry) -> str:
    return json.dumps(entry) + "\n"


def _entries(text: str) -> Iterator[Entry]:
    for line in text.split("\n"):
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, Mapping) and entry.keys() >= _ESSENTIAL:
            yield entry
