"""The starts of a service's instances, as the lines of its log tell of them one by one.

Lines may be missing, and come late, twice and in any order: the same lines tell the same starts.
A start that nobody waited for, as far as is known, may get a request later, since a request's line
is written once it was answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from console.model.log.lines import LogRecord, Origin
from console.model.starts.assembly import assemble, with_requests
from console.model.starts.engine_words import plausible
from console.model.starts.evidence import Evidence, request_key, waiting_request
from console.model.starts.first_of import FirstOf
from console.model.starts.platform_words import ENDED
from console.model.starts.processes import processes
from console.model.starts.runs import engine_moments, files_read, first_image
from console.model.starts.sharing import shared
from console.model.starts.start import (
    ColdStart,
    Failure,
    FailureKind,
    Moment,
    Reason,
    WaitingRequest,
)
from console.model.text import SafeText
from engine.schema import Phase, StartupEvent

MOST_INSTANCES: Final = 2_000
"""How many instances are remembered; those not heard of for longest are forgotten first."""

MOST_UNSERVED: Final = 1_000
"""How many requests are remembered that no instance answered; the newest."""

LEAST_WAIT: Final = 1.0
"""A request that was refused within so many seconds waited for no start."""

LONGEST_START: Final = timedelta(minutes=45)
"""A start of which nothing was heard for longer will not be heard of again: a container has half
an hour at most until its probe must have passed, and what follows takes minutes."""

_PHASES: Final = frozenset(str(phase) for phase in Phase)

_YEARS: Final = range(1970, 9000)
"""Times of other years cannot be reckoned with, and are nonsense."""

LOCAL: Final = SafeText("local")


class StartBook:
    """What lines told of starts, taken in one by one."""

    def __init__(self) -> None:
        self._known: dict[SafeText, Evidence] = {}
        self._starts: dict[SafeText, tuple[ColdStart, ...]] = {}
        self._unserved = FirstOf[tuple[SafeText, WaitingRequest]](MOST_UNSERVED, _newest)
        self._traces: frozenset[SafeText] | None = frozenset()
        self._changed: set[SafeText] = set()
        self._all: tuple[ColdStart, ...] | None = ()
        self._heard: datetime | None = None
        self._forgotten: datetime | None = None

    def note(self, record: LogRecord) -> bool:
        """Take in a line, and say whether it told something new of a start."""
        origin = record.provenance.origin
        if not _may_tell(record) or record.time.year not in _YEARS:
            # Thousands of lines a second come by here.
            return False
        if origin in (Origin.PLATFORM, Origin.REQUEST):
            self._heard = max(self._heard or record.time, record.time)
        instance = record.provenance.instance
        if instance:
            return self._note_instance(instance, record)
        return origin is Origin.REQUEST and self._note_unserved(record)

    @property
    def starts(self) -> tuple[ColdStart, ...]:
        """All starts that are known, oldest first: finished, failed and going on."""
        if self._all is None:
            self._all = shared(self._alone(), list(self._unserved))
        return self._all

    @property
    def going_on(self) -> ColdStart | None:
        """The newest start that has neither ended nor failed."""
        return next((each for each in reversed(self.starts) if self._goes_on(each)), None)

    def of(self, instance: SafeText) -> tuple[ColdStart, ...]:
        """Return the starts of one instance, oldest first.

        Lines that came late may have changed the `process` of one that was known before.
        """
        return tuple(each for each in self.starts if each.instance == instance)

    def _goes_on(self, start: ColdStart) -> bool:
        if start.failure is not None or start.ended is not None:
            return False
        last = max((*start.moments.values(), start.process))
        return self._heard is None or self._heard - last <= LONGEST_START

    def _note_instance(self, name: SafeText, record: LogRecord) -> bool:
        evidence = self._known.get(name)
        if evidence is None:
            if self._forgotten is not None and record.time <= self._forgotten:
                return False
            evidence = self._known[name] = Evidence(record.time)
            self._forget()
        traced = evidence.note_trace(record) and record.provenance.trace in self._lost_traces
        if traced:
            self._all = None
        if not evidence.note(record):
            return traced
        if _surely_tells(record):
            self._changed.add(name)
            self._all = None
            return True
        before = self._starts_of(name)
        self._changed.add(name)
        if self._starts_of(name) == before:
            return traced
        self._all = None
        return True

    def _note_unserved(self, record: LogRecord) -> bool:
        """Take in a request that no instance answered; it may have waited for a start that failed.

        Whether one did is not looked for here, since there may be thousands of them.
        """
        request = waiting_request(record)
        if not self._unserved.offer((record.provenance.revision, request)):
            return False
        self._all = self._traces = None
        return request.latency is not None and request.latency >= LEAST_WAIT

    @property
    def _lost_traces(self) -> frozenset[SafeText]:
        """The traces of requests of which nobody says which instance answered them."""
        if self._traces is None:
            self._traces = frozenset(each.trace for _, each in self._unserved if each.trace)
        return self._traces

    def _starts_of(self, name: SafeText) -> tuple[ColdStart, ...]:
        """Return the starts of an instance without what they have in common with others."""
        if name in self._changed:
            self._changed.discard(name)
            self._starts[name] = starts_of(name, self._known[name])
        return self._starts.get(name, ())

    def _alone(self) -> list[ColdStart]:
        """Return all starts without what they have in common with others."""
        found: list[ColdStart] = []
        for name, evidence in self._known.items():
            traces = evidence.traces & self._lost_traces if self._lost_traces else ()
            if traces:
                its_own = [each for _, each in self._unserved if each.trace in traces]
                found.extend(starts_of(name, evidence, its_own))
            else:
                found.extend(self._starts_of(name))
        return found

    def _forget(self) -> None:
        if len(self._known) > MOST_INSTANCES:
            oldest = min(self._known, key=lambda each: (self._known[each].heard, each))
            heard = self._known.pop(oldest).heard
            self._forgotten = max(self._forgotten or heard, heard)
            self._changed.discard(oldest)
            self._starts.pop(oldest, None)
            self._all = None


def _may_tell(record: LogRecord) -> bool:
    """Whether a line may tell anything of a start."""
    match record.provenance.origin:
        case Origin.APPLICATION:
            return record.event in _PHASES or record.provenance.trace != ""
        case Origin.PLATFORM | Origin.REQUEST:
            return True
    return False


def _surely_tells(record: LogRecord) -> bool:
    """Whether a line that told something of an instance told it of a start.

    A request may have come later, and an end after it served; to see that takes longer.
    """
    match record.provenance.origin:
        case Origin.PLATFORM:
            return ENDED.match(record.message) is None
        case origin:
            return origin is Origin.APPLICATION


def starts_of(
    instance: SafeText, evidence: Evidence, requests: Iterable[WaitingRequest] = ()
) -> tuple[ColdStart, ...]:
    """Return the starts of an instance, oldest first, as its lines and `requests` tell of them."""
    told = processes(evidence.marks, evidence.words)
    if not told:
        return ()
    left = sorted((*evidence.requests, *requests), key=request_key)
    found: list[ColdStart] = []
    for process in told:
        if found:
            # Whoever was answered before this process began did not wait for it.
            left = [each for each in left if (each.ended or each.arrived) > process.began]
        start = assemble(instance, evidence.revision, process, left)
        found.append(start)
        if start.failure is None:
            left = [each for each in left if each not in start.requests]
    return tuple(found)


def local_start(
    timeline: Sequence[StartupEvent],
    process_started: datetime,
    request: WaitingRequest | None = None,
    *,
    instance: SafeText = LOCAL,
) -> ColdStart:
    """Return the start of an engine on this machine, whose process began at `process_started`.

    `timeline` has what the engine told so far, `request` the first picture that waited for it.
    `instance` names the process.
    """
    events = tuple(each for each in timeline if plausible(each))
    moments = engine_moments(events, process_started)
    failed = next((each for each in events if each.phase is Phase.FAILED), None)
    failure = None
    if failed is not None and Moment.READY not in moments:
        at = process_started + timedelta(seconds=failed.at)
        failure = Failure(FailureKind.ENGINE, at, SafeText(failed.message))
    kept = max((each.message for each in events if each.phase is Phase.ON_DEVICE), default="")
    start = ColdStart(
        instance=instance,
        reason=Reason.LOCAL,
        process=process_started,
        moments=MappingProxyType(moments),
        files=files_read(events, process_started),
        kept_as=SafeText(kept),
        first_image=first_image(events),
        failure=failure,
    )
    return with_requests(start, () if request is None else (request,))


def _newest(item: tuple[SafeText, WaitingRequest]) -> tuple[object, ...]:
    revision, request = item
    return (-request.arrived.timestamp(), revision, request_key(request))
