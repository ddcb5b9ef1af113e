"""Log lines, and the bounded store that keeps the latest of them.

Every entry has a sequence number that never changes and is never used again, so a reader who
remembers a number finds the same line after others arrived or were evicted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from console.model.text import SafeText

CAPACITY: Final = 200_000
CHUNK: Final = 4_096

_NOTHING: Final = SafeText("")
_NO_FIELDS: Final[Mapping[str, object]] = MappingProxyType({})


class Severity(IntEnum):
    """How much a line matters; ordered, so that `>=` filters."""

    DEBUG = 0
    INFO = 1
    WARNING = 2
    ERROR = 3

    @classmethod
    def parse(cls, text: str) -> Severity:
        """Read a severity as Cloud Logging or Python spells it; an unknown word means INFO."""
        return _SEVERITIES.get(text.strip().upper(), cls.INFO)

    @property
    def letter(self) -> str:
        """The one letter that stands for it in a list: D, I, W or E."""
        return self.name[0]


_SEVERITIES: Final = {
    "TRACE": Severity.DEBUG,
    "DEBUG": Severity.DEBUG,
    "DEFAULT": Severity.INFO,
    "INFO": Severity.INFO,
    "NOTICE": Severity.INFO,
    "WARN": Severity.WARNING,
    "WARNING": Severity.WARNING,
    "ERROR": Severity.ERROR,
    "CRITICAL": Severity.ERROR,
    "FATAL": Severity.ERROR,
    "ALERT": Severity.ERROR,
    "EMERGENCY": Severity.ERROR,
}


class Origin(StrEnum):
    """Who wrote a line."""

    APPLICATION = "application"
    PLATFORM = "platform"
    REQUEST = "request"
    AUDIT = "audit"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a line came from; what is not known is empty.

    `trace` is the same for all lines of one request, `insert_id` tells lines of the same time
    apart.
    """

    origin: Origin = Origin.APPLICATION
    revision: SafeText = _NOTHING
    instance: SafeText = _NOTHING
    trace: SafeText = _NOTHING
    insert_id: SafeText = _NOTHING


UNKNOWN_PROVENANCE: Final = Provenance()


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line: when, how severe, what it says; `fields` are its other values as JSON values."""

    seq: int
    time: datetime
    severity: Severity
    message: SafeText
    event: str = ""
    fields: Mapping[str, object] = field(default_factory=lambda: _NO_FIELDS)
    provenance: Provenance = UNKNOWN_PROVENANCE


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A line as a source delivers it: a `LogEntry` that has no number yet."""

    time: datetime
    severity: Severity
    message: SafeText
    event: str = ""
    fields: Mapping[str, object] = field(default_factory=lambda: _NO_FIELDS)
    provenance: Provenance = UNKNOWN_PROVENANCE


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines a source is to deliver: all that is set must hold; nothing set means all."""

    severity: Severity = Severity.DEBUG
    text: str = ""
    revision: str = ""
    instance: str = ""
    trace: str = ""


class LogStore:
    """The latest entries, at most `capacity`; the oldest leave in whole chunks.

    Chunks keep eviction rare and cheap: all of them but the last are full, so that an entry is
    found by arithmetic.
    """

    def __init__(self, capacity: int = CAPACITY, chunk: int = CHUNK) -> None:
        if not 1 <= chunk <= capacity:
            raise ValueError(f"a chunk of {chunk} does not fit into a capacity of {capacity}")
        self.capacity = capacity
        self._chunk = chunk
        self._chunks: list[list[LogEntry]] = [[]]
        self._first = 0
        self._next = 0

    def __len__(self) -> int:
        return self._next - self._first

    def __iter__(self) -> Iterator[LogEntry]:
        for chunk in list(self._chunks):
            yield from chunk

    @property
    def first_seq(self) -> int:
        """Sequence number of the oldest entry kept; equal to `next_seq` when there is none."""
        return self._first

    @property
    def next_seq(self) -> int:
        """Sequence number that the next entry will get."""
        return self._next

    def append(
        self,
        time: datetime,
        severity: Severity,
        message: SafeText,
        event: str = "",
        fields: Mapping[str, object] = _NO_FIELDS,
        provenance: Provenance = UNKNOWN_PROVENANCE,
    ) -> LogEntry:
        """Add a line at the end and return it with its sequence number."""
        if len(self) == self.capacity:
            self._evict()
        if len(self._chunks[-1]) == self._chunk:
            self._chunks.append([])
        entry = LogEntry(self._next, time, severity, message, event, fields, provenance)
        self._chunks[-1].append(entry)
        self._next += 1
        return entry

    def add(self, record: LogRecord) -> LogEntry:
        """Add what a source delivered."""
        return self.append(
            record.time,
            record.severity,
            record.message,
            record.event,
            record.fields,
            record.provenance,
        )

    def get(self, seq: int) -> LogEntry | None:
        """Return the entry with this number, or None when it was evicted or does not exist yet."""
        if not self._first <= seq < self._next:
            return None
        chunk, index = divmod(seq - self._first, self._chunk)
        return self._chunks[chunk][index]

    def tail(self, count: int) -> list[LogEntry]:
        """Return the last `count` entries, oldest first."""
        start = max(self._first, self._next - max(count, 0))
        return [entry for seq in range(start, self._next) if (entry := self.get(seq)) is not None]

    def _evict(self) -> None:
        self._first += len(self._chunks.pop(0))
        if not self._chunks:
            self._chunks.append([])
