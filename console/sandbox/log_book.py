"""Every log entry of the sandbox: kept in order, in a file too, and told to whoever listens."""

from __future__ import annotations

import asyncio
import bisect
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from console.paths import write_atomically
from console.sandbox.log_filter import Entry, Match

CAPACITY: Final = 20_000
WAITING: Final = 10_000

Key = tuple[str, str]
"""Where an entry stands: its time, and its identifier among those of the same time."""


def key_of(entry: Entry) -> Key:
    """Return where an entry stands."""
    return str(entry["timestamp"]), str(entry["insertId"])


class Listener:
    """Entries that arrived and were not taken yet; what is too many is counted and left out."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self._waiting: deque[Entry] = deque()
        self._left_out = 0
        self._news = asyncio.Event()

    def hear(self, entry: Entry) -> None:
        """Take note of a new entry."""
        if not self._match(entry):
            return
        if len(self._waiting) < WAITING:
            self._waiting.append(entry)
        else:
            self._left_out += 1
        self._news.set()

    async def news(self) -> None:
        """Wait for entries."""
        await self._news.wait()

    def take(self) -> tuple[list[Entry], int]:
        """Return the waiting entries, and how many were left out since the last time."""
        self._news.clear()
        entries, left_out = list(self._waiting), self._left_out
        self._waiting.clear()
        self._left_out = 0
        return entries, left_out


class LogBook:
    """The latest `capacity` entries, in the order of their time.

    With a `path` they are kept there, an entry a line; lines that cannot be read are passed over,
    because the end of the file may be missing after a crash.
    """

    def __init__(self, path: Path | None = None, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._entries: list[Entry] = []
        self._listeners: set[Listener] = set()
        self._file: TextIO | None = None
        if path is not None:
            self._entries = sorted(_read(path), key=key_of)[-capacity:]
            kept = "".join(_line(entry) for entry in self._entries)
            write_atomically(path, kept.encode())
            self._file = path.open("a", encoding="utf-8")

    def append(self, entry: Entry) -> None:
        """Add an entry and tell the listeners."""
        bisect.insort(self._entries, entry, key=key_of)
        if len(self._entries) > self._capacity:
            del self._entries[0]
        if self._file is not None:
            self._file.write(_line(entry))
            self._file.flush()
        for listener in self._listeners:
            listener.hear(entry)

    def select(self, match: Match, after: Key | None, newest_first: bool) -> Iterator[Entry]:
        """Yield the entries that `match`, of those that come after `after` in that order."""
        if newest_first:
            end = len(self._entries)
            if after is not None:
                end = bisect.bisect_left(self._entries, after, key=key_of)
            chosen: Iterable[Entry] = reversed(self._entries[:end])
        else:
            start = 0
            if after is not None:
                start = bisect.bisect_right(self._entries, after, key=key_of)
            chosen = self._entries[start:]
        return (entry for entry in chosen if match(entry))

    @contextmanager
    def listening(self, match: Match) -> Iterator[Listener]:
        """Hear of the new entries that `match`."""
        listener = Listener(match)
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _line(entry: Entry) -> str:
    return json.dumps(entry) + "\n"


def _read(path: Path) -> Iterator[Entry]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:
        return
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, Mapping) and {"timestamp", "insertId", "logName"} <= entry.keys():
            yield entry
