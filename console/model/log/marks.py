"""Lines that a person marked, to come back to them or to take them along."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter

from console.model.log.lines import LogEntry
from console.model.log.store import LogStore


class LogMarks:
    """The marked lines of `store`; one that the store let go is marked no more."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self._numbers: set[int] = set()
        self._latest: LogEntry | None = None
        self._let_go = store.let_go

    def __len__(self) -> int:
        if self._let_go != self._store.let_go:
            self._let_go = self._store.let_go
            self._numbers = {each for each in self._numbers if self._store.get(each) is not None}
        return len(self._numbers)

    def __contains__(self, entry: LogEntry) -> bool:
        return entry.seq in self._numbers

    def turn(self, entry: LogEntry) -> None:
        """Mark a line, or take its mark away."""
        self._numbers ^= {entry.seq}
        self._latest = entry

    def reach(self, entry: LogEntry, shown: Iterable[LogEntry]) -> int:
        """Mark all of `shown` from the line marked last to `entry`; return how many those are.

        Where none was marked it is this one alone.
        """
        start = self._latest if self._latest is not None and self._latest in self else entry
        first, last = sorted((start.place, entry.place))
        between = [each.seq for each in shown if first <= each.place <= last]
        self._numbers |= {entry.seq, *between}
        self._latest = entry
        return len(between)

    def clear(self) -> None:
        """Take every mark away."""
        self._numbers.clear()
        self._latest = None

    def entries(self) -> list[LogEntry]:
        """Return the marked lines, oldest first, whether a filter shows them or not."""
        kept = (self._store.get(number) for number in self._numbers)
        return sorted((each for each in kept if each is not None), key=attrgetter("place"))
