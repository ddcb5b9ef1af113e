"""The instances of a service, as far as its log tells: Cloud Run has no list of them.

An instance is known by its lines. It runs from its first line until the platform says that it
ended, or until it has been silent for longer than Cloud Run keeps an idle one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from console.model.log.lines import LogRecord, Origin
from console.model.starts.engine_words import startup_event
from console.model.starts.platform_words import ENDED, STARTING
from console.model.text import SafeText
from engine.schema import Phase, StartupEvent

IDLE_KEPT: Final = timedelta(minutes=15)
"""How long Cloud Run keeps an idle instance at most."""

MAX_KNOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance: when its first line was written, and the moments of its start.

    `start_seen` is false for one that had been started before the first line known of it.
    `began` is when the platform said that it starts it, `ready_at` when it said that it is ready.
    """

    name: SafeText
    first_line: datetime
    start_seen: bool = False
    ended: bool = False
    timeline: tuple[StartupEvent, ...] = ()
    began: datetime | None = None
    ready_at: datetime | None = None

    @property
    def start_seconds(self) -> float | None:
        """How long its start took, from the platform's decision on; None unless all was seen."""
        if self.began is None or self.ready_at is None:
            return None
        return max(0.0, (self.ready_at - self.began).total_seconds())

    @property
    def ready(self) -> bool:
        """Whether it can make pictures; one whose start was not seen is taken to be able to."""
        return not self.start_seen or self._reached(Phase.READY)

    @property
    def failed(self) -> StartupEvent | None:
        """Why it will never be able to make pictures, if that is so."""
        return next((event for event in self.timeline if event.phase is Phase.FAILED), None)

    def _reached(self, phase: Phase) -> bool:
        return any(event.phase is phase for event in self.timeline)


class Instances:
    """The instances that lines told of, at most `MAX_KNOWN`; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._known: dict[SafeText, Instance] = {}
        self._heard: dict[SafeText, datetime] = {}

    def note(self, record: LogRecord) -> bool:
        """Take in a line and say whether it told more than that its instance still runs.

        Lines may come late, and never bring an ended instance back.
        """
        name = record.provenance.instance
        if not name:
            return False
        before = self._known.get(name)
        self._heard[name] = max(self._heard.get(name, record.time), record.time)
        if before is not None and before.first_line <= record.time and not _may_tell(record):
            # Thousands of lines a second come by here.
            return False
        known = before or Instance(name, record.time)
        after = self._known[name] = _after(known, record)
        if len(self._known) > MAX_KNOWN:
            oldest = min(self._heard, key=lambda each: self._heard[each])
            del self._known[oldest], self._heard[oldest]
        return before is None or after != before

    @property
    def latest(self) -> Instance | None:
        """The instance that was first heard of last; None when none was."""
        return max(self._known.values(), key=lambda each: each.first_line, default=None)

    @property
    def start_seconds(self) -> tuple[float, ...]:
        """How long each start took that was seen from its beginning to its end, oldest first."""
        known = sorted(self._known.values(), key=lambda each: each.first_line)
        return tuple(each.start_seconds for each in known if each.start_seconds is not None)

    def running(self, now: datetime, kept: timedelta | None = IDLE_KEPT) -> tuple[Instance, ...]:
        """Return those that run now, oldest first; `kept` None means that idle ones stay."""
        alive = [
            each
            for each in self._known.values()
            if not each.ended and (kept is None or now - self._heard[each.name] <= kept)
        ]
        return tuple(sorted(alive, key=lambda each: each.first_line))


def _may_tell(record: LogRecord) -> bool:
    """Say whether a line may tell more of its instance than that it runs."""
    return bool(record.event) or record.provenance.origin is Origin.PLATFORM


def _after(known: Instance, record: LogRecord) -> Instance:
    """Return `known` with what one more of its lines says."""
    platform = record.provenance.origin is Origin.PLATFORM
    event = startup_event(record)
    begins = event is not None and event.phase is Phase.PROCESS_START
    announced = platform and STARTING.match(record.message) is not None
    ready = event is not None and event.phase is Phase.READY
    return replace(
        known,
        first_line=min(known.first_line, record.time),
        start_seen=known.start_seen or begins or announced,
        ended=known.ended or (platform and ENDED.match(record.message) is not None),
        timeline=known.timeline if event is None else _with(known.timeline, event),
        began=record.time if announced else known.began,
        ready_at=record.time if ready else known.ready_at,
    )


def _with(timeline: tuple[StartupEvent, ...], event: StartupEvent) -> tuple[StartupEvent, ...]:
    """Add a moment; a phase happens once for each file."""
    if any((each.phase, each.file) == (event.phase, event.file) for each in timeline):
        return timeline
    return tuple(sorted((*timeline, event), key=lambda each: each.at))
