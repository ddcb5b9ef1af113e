"""Log lines: what one is, where it came from, and which ones a source is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from console.model.text import SafeText

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
class LogRecord:
    """One line: when, how severe, what it says; `fields` are its other values as JSON values.

    `received` is when the cloud received it, which may be long after `time`; it is not kept.
    """

    time: datetime
    severity: Severity
    message: SafeText
    event: str = ""
    fields: Mapping[str, object] = field(default_factory=lambda: _NO_FIELDS)
    provenance: Provenance = UNKNOWN_PROVENANCE
    received: datetime | None = None


Place = tuple[datetime, int]
"""Where a line stands among the others: its time, then its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry(LogRecord):
    """A line that the console keeps; `seq` is its number in the order of arrival."""

    seq: int

    @property
    def place(self) -> Place:
        """Where it stands: lines of the same time in the order in which they arrived."""
        return self.time, self.seq


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines a source is to deliver: all that is set must hold; nothing set means all.

    `until` is the moment before which a line was written; `received_from` and `received_until`
    are the first and last moment at which the cloud received it. With `lives` only lines are meant
    that tell of starts and lives of instances: the platform's, those of requests, and the moments
    of a start in the engine's words. `oldest_first` says which ones are delivered where there are
    more than are asked for.
    """

    severity: Severity = Severity.DEBUG
    text: str = ""
    revision: str = ""
    instance: str = ""
    trace: str = ""
    origin: Origin | None = None
    until: datetime | None = None
    received_from: datetime | None = None
    received_until: datetime | None = None
    lives: bool = False
    oldest_first: bool = False
