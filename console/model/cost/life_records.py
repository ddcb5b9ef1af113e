"""The lives of instances as the log tells them, for what they cost.

Lines may come late, twice and in any order; the same lines make the same lives. The platform says
when an instance is asked for, when its probe passed, and mostly when its container ended; a
request's line has its arrival and how long its answer took.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from console.model.cost.estimate import Window
from console.model.cost.instance_lives import Life
from console.model.log.lines import LogRecord, Origin
from console.model.text import SafeText
from engine.schema import Phase

MAX_KNOWN: Final = 20_000
"""How many instances are remembered; the oldest are forgotten first."""

_STARTED: Final = re.compile(r"Starting new instance\.")
_PROBED: Final = re.compile(r"(?:Default )?STARTUP \w+ probe succeeded")
_ENDED: Final = re.compile(
    r"Container called exit\(|Container terminated on signal|.*The instance was not started\.",
    re.DOTALL,
)
_LONGEST_ANSWER: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class _Known:
    """What lines told of one instance; moments that they did not tell are None."""

    revision: SafeText
    first_line: datetime
    last_line: datetime
    asked_for: datetime | None = None
    probed: datetime | None = None
    loaded: datetime | None = None
    ended: datetime | None = None

    def life(self, answered: Iterable[Window]) -> Life:
        """Return it as a life; a start that was not seen is taken to be the first line."""
        start = self.asked_for or self.first_line
        return Life(
            start=start,
            ready=self.probed or self.loaded or (None if self.asked_for else start),
            requests=tuple(sorted(answered, key=lambda each: (each.start, each.end))),
            end=self.ended,
            seen=self.last_line,
        )


class LifeRecords:
    """Lines of a service's log, taken in one by one, and the lives that they tell of."""

    def __init__(self) -> None:
        self._known: dict[SafeText, _Known] = {}
        self._answered: dict[SafeText, set[Window]] = {}

    def note(self, record: LogRecord) -> None:
        """Take in a line; one that no instance wrote tells nothing."""
        name = record.provenance.instance
        if not name:
            return
        known = self._known.get(name) or _Known(
            record.provenance.revision, record.time, record.time
        )
        answer = _answer(record)
        if answer is not None:
            self._answered.setdefault(name, set()).add(answer)
        self._known[name] = _after(known, record, record.time if answer is None else answer.end)
        if len(self._known) > MAX_KNOWN:
            oldest = min(self._known, key=lambda each: self._known[each].last_line)
            del self._known[oldest]
            self._answered.pop(oldest, None)

    @property
    def by_revision(self) -> Mapping[SafeText, tuple[Life, ...]]:
        """The lives of each revision, oldest first, and the revisions by their first instance."""
        lives = [
            (known.revision, known.life(self._answered.get(name, ())))
            for name, known in sorted(self._known.items())
        ]
        result: dict[SafeText, list[Life]] = {}
        for revision, life in sorted(lives, key=lambda each: each[1].start):
            result.setdefault(revision, []).append(life)
        return {revision: tuple(each) for revision, each in result.items()}


def lives_told_by(records: Iterable[LogRecord]) -> Mapping[SafeText, tuple[Life, ...]]:
    """Return the lives of each revision that lines tell of."""
    told = LifeRecords()
    for record in records:
        told.note(record)
    return told.by_revision


def _after(known: _Known, record: LogRecord, last: datetime) -> _Known:
    """Return `known` with what one more of its lines says, which tells of it until `last`."""
    at = record.time
    known = replace(
        known,
        revision=max(known.revision, record.provenance.revision),
        first_line=min(known.first_line, at),
        last_line=max(known.last_line, last),
    )
    match record.provenance.origin:
        case Origin.PLATFORM:
            return _platform(known, record.message, at)
        case Origin.APPLICATION if record.event == Phase.READY:
            return replace(known, loaded=_earlier(known.loaded, at))
    return known


def _platform(known: _Known, message: str, at: datetime) -> _Known:
    if _STARTED.match(message):
        return replace(known, asked_for=_earlier(known.asked_for, at))
    if _PROBED.match(message):
        return replace(known, probed=_earlier(known.probed, at))
    if _ENDED.match(message):
        return replace(known, ended=at if known.ended is None else max(known.ended, at))
    return known


def _answer(record: LogRecord) -> Window | None:
    """Return from when to when a request was answered, if that is what the line tells."""
    if record.provenance.origin is not Origin.REQUEST:
        return None
    request = record.fields.get("httpRequest")
    took = request.get("latency") if isinstance(request, Mapping) else None
    if isinstance(took, bool) or not isinstance(took, (int, float)):
        return None
    if not 0 <= took <= _LONGEST_ANSWER:
        return None
    return Window(record.time, record.time + timedelta(seconds=took))


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
