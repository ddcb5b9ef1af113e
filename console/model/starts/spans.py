"""A start cut into the phases that it spent its time on, without gap or overlap.

What lies between two known moments is one span; where moments between them are not known, it has
several phases, which are not told apart. Files of weights are read while other things happen, so
they stand beside the spans.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from console.model.starts.start import (
    TOLD_BY_THE_ENGINE,
    ColdStart,
    Moment,
    PhaseSpan,
    Reason,
    StartPhase,
)

ENDS_WITH: Final[Mapping[StartPhase, Moment]] = {
    StartPhase.WAITING: Moment.ASKED_FOR,
    StartPhase.CONTAINER: Moment.CONTAINER_UP,
    StartPhase.PORT: Moment.PORT_OPEN,
    StartPhase.IMPORT: Moment.IMPORTS_DONE,
    StartPhase.WEIGHTS: Moment.WEIGHTS_READ,
    StartPhase.DEVICE: Moment.ON_DEVICE,
    StartPhase.WARM_UP: Moment.READY,
    StartPhase.PROBE: Moment.PROBED,
    StartPhase.ANSWER: Moment.ANSWERED,
}
"""The moment with which each phase ends, in the order of phases."""

_OF_THE_PLATFORM: Final = (StartPhase.CONTAINER, StartPhase.PROBE)
_BEFORE: Final = {
    Moment.ARRIVED: StartPhase.WAITING,
    Moment.ASKED_FOR: StartPhase.CONTAINER,
    Moment.CONTAINER_UP: StartPhase.PORT,
}
"""The phase that begins with a moment with which a start may begin."""


def phase_spans(start: ColdStart) -> tuple[PhaseSpan, ...]:
    """Return the spans of `start`, from its beginning to its end or the last that is known of it.

    Their seconds are those of the whole together. A phase of which both ends are known and that
    took no time, such as reading what was read during the import, is a span of no length.
    """
    begin, end = start.began, _end(start)
    spans: list[PhaseSpan] = []
    untold: list[StartPhase] = []
    at = begin
    for phase in _phases(start):
        untold.append(phase)
        moment = _moment(start, phase)
        if moment is None:
            continue
        until = min(max(at, moment), end)
        if until > at or len(untold) == 1:
            spans.append(PhaseSpan(tuple(untold), at, until))
        at, untold = until, []
    if at < end:
        spans.append(PhaseSpan(_unfinished(start, untold), at, end))
    return tuple(spans)


def doing(start: ColdStart) -> tuple[StartPhase, ...]:
    """Return what a start was doing last that is not over: one phase, or those not told apart."""
    left: list[StartPhase] = []
    for phase in _phases(start):
        left = [] if _moment(start, phase) is not None else [*left, phase]
    return _unfinished(start, left)


def _end(start: ColdStart) -> datetime:
    """Return when `start` ended, or the last moment that is known of it."""
    if start.ended is not None:
        return start.ended
    known = [*start.moments.values(), start.process]
    if start.failure is not None:
        known.append(start.failure.at)
    return max(known)


def _phases(start: ColdStart) -> Iterator[StartPhase]:
    """Yield the phases that `start` has, in order."""
    first = _first_phase(start)
    passed = first is None
    for phase in ENDS_WITH:
        passed = passed or phase is first
        if passed and _has(start, phase):
            yield phase


def _first_phase(start: ColdStart) -> StartPhase | None:
    """Return the phase with which `start` begins, by the first moment that is known of it."""
    earliest = [moment for moment, at in start.moments.items() if at == start.began]
    known = [phase for moment, phase in _BEFORE.items() if moment in earliest]
    return known[-1] if known else StartPhase.CONTAINER


def _has(start: ColdStart, phase: StartPhase) -> bool:
    """Say whether `start` has `phase`, however long it took."""
    if start.reason is Reason.LOCAL and phase in _OF_THE_PLATFORM:
        return False
    if phase is StartPhase.PROBE:
        return not _probed_early(start)
    if phase is StartPhase.ANSWER:
        answered, ready = (start.moments.get(each) for each in (Moment.ANSWERED, Moment.READY))
        early = answered is not None and ready is not None and answered < ready
        return start.waited and not early
    return True


def _moment(start: ColdStart, phase: StartPhase) -> datetime | None:
    """Return the moment with which `phase` ends in `start`."""
    if start.reason is Reason.LOCAL and phase is StartPhase.WAITING:
        return start.moments.get(Moment.CONTAINER_UP)
    return start.moments.get(ENDS_WITH[phase])


def _probed_early(start: ColdStart) -> bool:
    """Whether nobody waited for the probe, for all that is known: it passed before ready.

    Of an engine that has not said that it is ready, a probe that passed found an open port.
    """
    ready = start.moments.get(Moment.READY)
    probed = start.moments.get(Moment.PROBED)
    if probed is None:
        return False
    return probed < ready if ready is not None else _spoke(start)


def _unfinished(start: ColdStart, left: list[StartPhase]) -> tuple[StartPhase, ...]:
    """Return what of the phases that are `left` was under way.

    An engine that speaks of its start says each moment at once, so that what comes next was.
    """
    if not left:
        return (StartPhase.ANSWER,)
    if _spoke(start):
        return (left[0],)
    before = tuple(each for each in left if each not in (StartPhase.PROBE, StartPhase.ANSWER))
    return before or tuple(left)


def _spoke(start: ColdStart) -> bool:
    return not TOLD_BY_THE_ENGINE.isdisjoint(start.moments)
