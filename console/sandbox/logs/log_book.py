"""Every log entry of the sandbox: kept in order, in a file too, and told to whoever listens."""

from __future__ import annotations

import asyncio
import bisect
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from console.sandbox.logs.log_entries import Entry, as_message
from console.sandbox.logs.log_file import LogFile
from console.sandbox.logs.log_filter import Match
from console.sandbox.metrics.tally import Tally

CAPACITY: Final = 20_000
WAITING: Final = 20_000

Key = tuple[str, str]
"""Where an entry stands: its time, and its identifier among those of the same time."""


class Line:
    """An entry in the book, and the message that clients receive of it, made once."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.key: Key = (str(entry["timestamp"]), str(entry["insertId"]))

    @cached_property
    def message(self) -> Any:
        """The entry as a raw `LogEntry` message."""
        return as_message(self.entry)


def _key(line: Line) -> Key:
    return line.key


def _resource_type(entry: Entry) -> str:
    resource = entry.get("resource")
    return str(resource.get("type", "")) if isinstance(resource, Mapping) else ""


class Listener:
    """Lines that arrived and were not taken yet; what is too many is counted and left out."""

    def __init__(self, match: Match) -> None:
        self._match = match
        self._waiting: deque[Line] = deque()
        self._left_out = 0
        self._news = asyncio.Event()

    def hear(self, line: Line) -> None:
        """Take note of a new line."""
        if not self._match(line.entry):
            return
        if len(self._waiting) < WAITING:
            self._waiting.append(line)
        else:
            self._left_out += 1
        self._news.set()

    async def news(self) -> None:
        """Wait for lines."""
        await self._news.wait()

    def take(self) -> tuple[list[Line], int]:
        """Return the waiting lines in order, and how many were left out since the last time."""
        self._news.clear()
        lines, left_out = sorted(self._waiting, key=_key), self._left_out
        self._waiting.clear()
        self._left_out = 0
        return lines, left_out


class LogBook:
    """The latest `capacity` entries, in the order of their time; with a `path` kept there too.

    Bytes that are written there are counted in `taken_in`, by the type of what wrote the lines.
    """

    def __init__(
        self, path: Path | None = None, capacity: int = CAPACITY, taken_in: Tally | None = None
    ) -> None:
        self._capacity = capacity
        self._taken_in = Tally() if taken_in is None else taken_in
        self._lines: list[Line] = []
        self._listeners: set[Listener] = set()
        self._file: LogFile | None = None
        if path is not None:
            file = LogFile(path, capacity)
            self._lines = sorted(map(Line, file.read()), key=_key)[-capacity:]
            file.begin(line.entry for line in self._lines)
            self._file = file

    def append(self, entry: Entry) -> None:
        """Add an entry and tell the listeners."""
        self.extend((entry,))

    def extend(self, entries: Sequence[Entry]) -> None:
        """Add entries and tell the listeners."""
        for line in map(Line, entries):
            if self._lines and line.key < self._lines[-1].key:
                bisect.insort(self._lines, line, key=_key)
            else:
                self._lines.append(line)
            for listener in self._listeners:
                listener.hear(line)
        # In one go now and then: letting go of the first moves all others.
        if len(self._lines) > self._capacity + self._capacity // 10:
            del self._lines[: -self._capacity]
        if self._file is not None:
            for entry, size in zip(entries, self._file.write(entries), strict=True):
                self._taken_in.add((_resource_type(entry),), size, str(entry["timestamp"]))

    def lines(
        self, match: Match, after: Key | None, newest_first: bool, earliest: str = ""
    ) -> Iterator[Line]:
        """Yield the lines that `match`, of those that come after `after` in that order.

        Those from before the time `earliest` are not even looked at.
        """
        start, end = max(0, len(self._lines) - self._capacity), len(self._lines)
        if earliest:
            start = max(start, bisect.bisect_left(self._lines, (earliest, ""), key=_key))
        if after is not None and newest_first:
            end = bisect.bisect_left(self._lines, after, key=_key)
        elif after is not None:
            start = max(start, bisect.bisect_right(self._lines, after, key=_key))
        chosen = self._lines[start:end]
        if newest_first:
            chosen.reverse()
        return (line for line in chosen if match(line.entry))

    def select(self, match: Match, after: Key | None, newest_first: bool) -> Iterator[Entry]:
        """Yield the entries that `match`, of those that come after `after` in that order."""
        return (line.entry for line in self.lines(match, after, newest_first))

    @property
    def listeners(self) -> int:
        """How many listen for new lines."""
        return len(self._listeners)

    @contextmanager
    def listening(self, match: Match) -> Iterator[Listener]:
        """Hear of the new lines that `match`."""
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
