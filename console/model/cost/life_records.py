"""The lives of instances as the log tells them, for what they cost.

Lines may come late, twice and in any order; the same lines make the same lives. The platform says
when an instance is asked for, when its probe passed, and mostly when its container ended; a
request's line has its arrival and how long its answer took.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from console.model.cost.estimate import Window
from console.model.cost.instance_lives import Life
from console.model.log.lines import LogRecord, Origin
from console.model.log.request import answer_seconds
from console.model.starts.platform_words import ENDED, PROBE_PASSED, STARTING
from console.model.text import SafeText
from engine.schema import Phase

MAX_KNOWN: Final = 20_000
"""How many instances are remembered; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class Signs:
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

    def joined(self, other: Signs) -> Signs:
        """Return what both tell of the instance."""
        return Signs(
            revision=max(self.revision, other.revision),
            first_line=min(self.first_line, other.first_line),
            last_line=max(self.last_line, other.last_line),
            asked_for=_first_of(self.asked_for, other.asked_for),
            probed=_first_of(self.probed, other.probed),
            loaded=_first_of(self.loaded, other.loaded),
            ended=max((each for each in (self.ended, other.ended) if each), default=None),
        )


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """What is known of one instance: the signs of it, and the requests that it answered."""

    instance: SafeText
    signs: Signs
    requests: tuple[Window, ...] = ()

    @property
    def life(self) -> Life:
        """Return its life."""
        return self.signs.life(self.requests)

    def joined(self, other: InstanceRecord) -> InstanceRecord:
        """Return what two know of the same instance, each perhaps only a part."""
        requests = tuple({*self.requests, *other.requests})
        return InstanceRecord(self.instance, self.signs.joined(other.signs), requests)


class LifeRecords:
    """Lines of a service's log, taken in one by one, and the lives that they tell of."""

    def __init__(self) -> None:
        self._known: dict[SafeText, Signs] = {}
        self._answered: dict[SafeText, set[Window]] = {}
        self._changed: set[SafeText] = set()

    def note(self, record: LogRecord) -> None:
        """Take in a line; one that no instance wrote tells nothing."""
        name = record.provenance.instance
        if not name:
            return
        known = self._known.get(name) or Signs(record.provenance.revision, record.time, record.time)
        answer = _answer(record)
        if answer is not None:
            self._answered.setdefault(name, set()).add(answer)
        self._known[name] = _after(known, record, record.time if answer is None else answer.end)
        self._changed.add(name)
        if len(self._known) > MAX_KNOWN:
            oldest = min(self._known, key=lambda each: self._known[each].last_line)
            del self._known[oldest]
            self._answered.pop(oldest, None)
            self._changed.discard(oldest)

    def take_changed(self) -> tuple[InstanceRecord, ...]:
        """Return the instances of which lines told since this was called last."""
        changed, self._changed = self._changed, set()
        return tuple(
            InstanceRecord(name, self._known[name], tuple(self._answered.get(name, ())))
            for name in sorted(changed)
        )

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


def _after(known: Signs, record: LogRecord, last: datetime) -> Signs:
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


def _platform(known: Signs, message: str, at: datetime) -> Signs:
    if STARTING.match(message):
        return replace(known, asked_for=_earlier(known.asked_for, at))
    if PROBE_PASSED.match(message):
        return replace(known, probed=_earlier(known.probed, at))
    if ENDED.match(message):
        return replace(known, ended=at if known.ended is None else max(known.ended, at))
    return known


def _answer(record: LogRecord) -> Window | None:
    """Return from when to when a request was answered, if that is what the line tells."""
    took = answer_seconds(record)
    return None if took is None else Window(record.time, record.time + timedelta(seconds=took))


def _first_of(*moments: datetime | None) -> datetime | None:
    return min((each for each in moments if each is not None), default=None)


def _earlier(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)
