"""One start put together from what the platform, its requests and the engine said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from console.model.starts.clocks import NOTABLE, needed_shift, real_answer
from console.model.starts.failures import failure_of
from console.model.starts.processes import Process
from console.model.starts.runs import engine_moments, files_read, first_image
from console.model.starts.start import ColdStart, Doubt, DoubtKind, Moment, WaitingRequest
from console.model.text import SafeText

_AT_ONCE: Final = timedelta(seconds=1)
"""Whoever an instance was asked for arrived before that, or as much later as clocks are apart."""

_NONE: Final = timedelta()


@dataclass(frozen=True, slots=True)
class _Told:
    """The moments of a process, those of requests apart; the engine's are shifted by `shift`."""

    moments: Mapping[Moment, datetime]
    shift: timedelta = _NONE
    birth: datetime | None = None

    @property
    def first(self) -> datetime | None:
        """When it was asked for, or the first sign of it."""
        asked = self.moments.get(Moment.ASKED_FOR)
        return asked or min(self.moments.values(), default=None)


def assemble(
    instance: SafeText, revision: SafeText, process: Process, requests: Sequence[WaitingRequest]
) -> ColdStart:
    """Return the start of `process`; `requests` are those of its instance, oldest first."""
    told = _agreeing(process, requests)
    start = ColdStart(
        instance=instance,
        revision=revision,
        reason=process.platform.reason,
        process=told.first or process.platform.marks[0].time,
        moments=_in_order(told.moments),
        probe=process.platform.probe,
    )
    if process.engine is not None and told.birth is not None:
        events = process.engine.events
        start = replace(
            start,
            files=files_read(events, told.birth),
            kept_as=process.engine.kept_as,
            first_image=first_image(events),
            doubts=_doubts(told),
        )
    waiting = who_waited(start, requests)
    failure = failure_of(process, told.birth, waiting)
    if failure is None:
        return with_requests(start, waiting)
    failed = replace(start, failure=failure)
    return with_requests(failed, who_waited(failed, requests))


def who_waited(start: ColdStart, requests: Sequence[WaitingRequest]) -> tuple[WaitingRequest, ...]:
    """Return those of an instance's requests, oldest first, that waited for a start of it."""
    if start.failure is not None:
        until = start.failure.at
    else:
        until = start.usable or _first_answer(start, requests)
    return tuple(each for each in requests if each.arrived < until)


def with_requests(start: ColdStart, waiting: Sequence[WaitingRequest]) -> ColdStart:
    """Return `start` with the requests that waited for it, oldest first."""
    if not waiting:
        return start
    moments, doubts = dict(start.moments), start.doubts
    moments[Moment.ARRIVED] = waiting[0].arrived
    ready = moments.get(Moment.READY)
    answered = None if start.failure is not None else _answered(waiting, ready)
    if answered is not None:
        moments[Moment.ANSWERED] = answered
        if ready is not None and ready - answered > NOTABLE:
            early = (ready - answered).total_seconds()
            doubts = (*doubts, Doubt(DoubtKind.ANSWERED_BEFORE_READY, early))
    return replace(start, requests=tuple(waiting), moments=MappingProxyType(moments), doubts=doubts)


def _in_order(moments: Mapping[Moment, datetime]) -> Mapping[Moment, datetime]:
    return MappingProxyType({each: moments[each] for each in Moment if each in moments})


def _agreeing(process: Process, requests: Sequence[WaitingRequest]) -> _Told:
    """Return the moments that platform and engine told, by the platform's clock."""
    platform, engine = process.platform, process.engine
    known: dict[Moment, datetime] = {}
    if platform.asked_for is not None:
        known[Moment.ASKED_FOR] = platform.asked_for
    if platform.probed is not None:
        known[Moment.PROBED] = platform.probed.time
    if engine is None:
        return _Told(known)
    by_its_clock = {**engine_moments(engine.events, engine.birth), **known}
    unshifted = ColdStart(
        instance=SafeText(""), process=min(by_its_clock.values()), moments=by_its_clock
    )
    shift = needed_shift(platform, engine, who_waited(unshifted, requests))
    birth = engine.birth + shift
    return _Told({**engine_moments(engine.events, birth), **known}, shift, birth)


def _first_answer(start: ColdStart, requests: Sequence[WaitingRequest]) -> datetime:
    """Return when an instance surely could answer of which nobody said that it can.

    That is with the first answer to whom it was asked for; nobody else is known to have waited.
    """
    at_once = start.moments.get(Moment.ASKED_FOR, start.process) + _AT_ONCE
    ends = [
        each.ended
        for each in requests
        if each.arrived < at_once and each.ended is not None and real_answer(each)
    ]
    return max(at_once, min(ends, default=at_once))


def _answered(waiting: Sequence[WaitingRequest], ready: datetime | None) -> datetime | None:
    """Return when the first that waited had its answer.

    An answer that came once the engine was ready goes before one that came earlier, such as a
    page's, and an answer before a refusal.
    """
    known = [(each.ended, real_answer(each)) for each in waiting if each.ended is not None]
    later = [each for each in known if ready is None or each[0] >= ready - NOTABLE]
    real = [ended for each in (later, known) for ended, truly in each if truly]
    any_of_them = [ended for ended, _ in (*later, *known)]
    return next(iter((*real, *any_of_them)), None)


def _doubts(told: _Told) -> tuple[Doubt, ...]:
    doubts: list[Doubt] = []
    if abs(told.shift) > NOTABLE:
        doubts.append(Doubt(DoubtKind.CLOCKS_DIFFER, abs(told.shift).total_seconds()))
    ready, probed = told.moments.get(Moment.READY), told.moments.get(Moment.PROBED)
    if ready is not None and probed is not None and ready - probed > NOTABLE:
        early = (ready - probed).total_seconds()
        doubts.append(Doubt(DoubtKind.PROBED_BEFORE_READY, early))
    return tuple(doubts)
