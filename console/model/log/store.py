"""The log lines that the console keeps, in the order of their time: the latest, and no more.

Every entry has a number that never changes and is never used again, and a place that is its time
and its number. So a reader who remembers a place finds the same line after others arrived late,
were read from further back, or had to leave.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from sys import getsizeof
from typing import Final

from console.model.log.lines import (
    UNKNOWN_PROVENANCE,
    LogEntry,
    LogRecord,
    Place,
    Provenance,
    Severity,
)
from console.model.log.numbers import EntriesByNumber
from console.model.text import SafeText

CAPACITY: Final = 200_000
CHUNK: Final = 1_024
BUDGET: Final = 384 * 1024 * 1024
"""How many bytes the lines kept may take, as `weight` estimates them."""

_PLAIN: Final = 700
_FIELD: Final = 120
_DEEPEST: Final = 8
_PLACE: Final = attrgetter("place")
_TIME: Final = attrgetter("time")


class LogStore:
    """The latest entries by time, at most `capacity` and about `budget` bytes.

    The oldest leave `chunk` at a time, which keeps that rare. A line from before those that had
    to leave is not kept.
    """

    def __init__(self, capacity: int = CAPACITY, chunk: int = CHUNK, budget: int = BUDGET) -> None:
        if not 1 <= chunk <= capacity:
            raise ValueError(f"a chunk of {chunk} does not fit into a capacity of {capacity}")
        self.capacity = capacity
        self._chunk = chunk
        self._budget = budget
        self._ordered: list[LogEntry] = []
        self._by_number = EntriesByNumber()
        self._next = 0
        self._weight = 0
        self._let_go = 0
        self._left: Place | None = None

    def __len__(self) -> int:
        return len(self._ordered)

    def __iter__(self) -> Iterator[LogEntry]:
        return iter(list(self._ordered))

    @property
    def next_seq(self) -> int:
        """The number that the next entry will get."""
        return self._next

    @property
    def let_go(self) -> int:
        """How many lines are no longer kept."""
        return self._let_go

    @property
    def oldest(self) -> LogEntry | None:
        """The first of the entries kept."""
        return self._ordered[0] if self._ordered else None

    @property
    def newest(self) -> LogEntry | None:
        """The last of the entries kept."""
        return self._ordered[-1] if self._ordered else None

    @property
    def full(self) -> bool:
        """Whether lines had to leave, so that older ones than those kept find no room."""
        return self._left is not None

    def append(
        self,
        time: datetime,
        severity: Severity,
        message: SafeText,
        event: str = "",
        fields: Mapping[str, object] | None = None,
        provenance: Provenance = UNKNOWN_PROVENANCE,
    ) -> LogEntry:
        """Add a line and return it with its number."""
        return self.add(LogRecord(time, severity, message, event, fields or {}, provenance))

    def add(self, record: LogRecord) -> LogEntry:
        """Add what a source delivered, at its time, and return it with its number."""
        return self.add_all((record,))[0]

    def add_all(self, records: Iterable[LogRecord]) -> list[LogEntry]:
        """Add what a source delivered, each line at its time; return them with their numbers."""
        entries = [_numbered(record, seq) for seq, record in enumerate(records, self._next)]
        self._next += len(entries)
        kept = [entry for entry in entries if self._left is None or entry.place > self._left]
        self._let_go += len(entries) - len(kept)
        for entry in kept:
            self._by_number.keep(entry)
            self._weight += weight(entry)
        merge(self._ordered, kept)
        while len(self) > self.capacity or (self._weight > self._budget and len(self) > 1):
            self._evict()
        return entries

    def get(self, seq: int) -> LogEntry | None:
        """Return the entry with this number, or None when it left or does not exist yet."""
        return self._by_number.get(seq)

    def since(self, seq: int) -> Iterator[LogEntry]:
        """Yield the entries that arrived from number `seq` on and are kept."""
        return self._by_number.between(seq, self._next)

    def tail(self, count: int) -> list[LogEntry]:
        """Return the last `count` entries, oldest first."""
        return self._ordered[-count:] if count > 0 else []

    def between(self, start: datetime | None, end: datetime | None) -> list[LogEntry]:
        """Return the entries from `start` on and before `end`, oldest first; None is no limit."""
        first = 0 if start is None else bisect_left(self._ordered, start, key=_TIME)
        last = None if end is None else bisect_left(self._ordered, end, key=_TIME)
        return self._ordered[first:last]

    def before(self, place: Place | None, count: int, start: datetime | None) -> list[LogEntry]:
        """Return the last `count` entries before a place and from `start` on, oldest first.

        None is no limit, at either end.
        """
        first, last = self._rows_before(place, start)
        return self._ordered[max(first, last - count) : last]

    def count_before(self, place: Place | None, start: datetime | None) -> int:
        """Return how many entries are before a place and from `start` on."""
        first, last = self._rows_before(place, start)
        return max(0, last - first)

    def _rows_before(self, place: Place | None, start: datetime | None) -> tuple[int, int]:
        first = 0 if start is None else bisect_left(self._ordered, start, key=_TIME)
        last = len(self._ordered)
        if place is not None:
            last = bisect_left(self._ordered, place, key=_PLACE)
        return first, last

    def _evict(self) -> None:
        gone = self._ordered[: min(self._chunk, len(self) - 1)]
        del self._ordered[: len(gone)]
        for entry in gone:
            self._by_number.forget(entry)
            self._weight -= weight(entry)
        self._let_go += len(gone)
        self._left = gone[-1].place


def merge(kept: list[LogEntry], fresh: list[LogEntry]) -> None:
    """Put `fresh`, in any order, among `kept`, which is in the order of places and stays so."""
    if not fresh:
        return
    fresh = sorted(fresh, key=_PLACE)
    if not kept or kept[-1].place < fresh[0].place:
        kept += fresh
        return
    first = bisect_left(kept, fresh[0].place, key=_PLACE)
    last = bisect_left(kept, fresh[-1].place, key=_PLACE)
    kept[first:last] = sorted([*kept[first:last], *fresh], key=_PLACE)


def _numbered(record: LogRecord, seq: int) -> LogEntry:
    return LogEntry(
        record.time,
        record.severity,
        record.message,
        record.event,
        record.fields,
        record.provenance,
        seq=seq,
    )


def weight(record: LogRecord) -> int:
    """Estimate how many bytes a line takes in memory."""
    return _PLAIN + getsizeof(record.message) + _weight(record.fields, 0)


def _weight(value: object, depth: int) -> int:
    if isinstance(value, str):
        return getsizeof(value)
    if depth == _DEEPEST:
        return _FIELD
    if isinstance(value, Mapping):
        return sum(_FIELD + _weight(each, depth + 1) for each in value.values())
    if isinstance(value, list | tuple):
        return sum(_FIELD + _weight(each, depth + 1) for each in value)
    return 0
