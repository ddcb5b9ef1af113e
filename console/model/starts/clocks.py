"""Two clocks of one start: how far the engine's must be shifted to agree with the platform's.

How long the engine took is right whatever its clock says, so that all its moments are shifted
together, by the smallest amount with which nothing comes before what caused it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from console.model.starts.runs import EngineRun, PlatformRun, engine_moments
from console.model.starts.start import Moment, ProbeKind, WaitingRequest

NOTABLE: Final = timedelta(seconds=0.1)
"""Less than this is how exactly moments are written down, and no contradiction."""

_NONE: Final = timedelta()
_READY_PATH: Final = "/readyz"


def needed_shift(
    platform: PlatformRun, engine: EngineRun, waiting: Sequence[WaitingRequest]
) -> timedelta:
    """Return by how much the engine's moments must be shifted; nothing where nothing contradicts.

    `waiting` are the requests that waited by the clocks as they are, oldest first.
    """
    moments = engine_moments(engine.events, engine.birth)
    least = _least(platform, moments)
    most = _most(platform, engine, moments)
    if least is not None and most is not None and most < least:
        # Both are the platform's words; that it asked for the instance is the plainer one.
        most = least
    most = _soft(platform, moments, waiting, least, most)
    if least is not None and least > _NONE:
        return least
    if most is not None and most < _NONE:
        return most
    return _NONE


def real_answer(request: WaitingRequest) -> bool:
    """Whether it was answered, and not refused or failed, as far as known."""
    refused = request.status is not None and (request.status >= 500 or request.status == 429)
    return request.latency is not None and not refused


def _least(platform: PlatformRun, moments: Mapping[Moment, datetime]) -> timedelta | None:
    """No process runs before its instance was asked for."""
    asked = platform.asked_for
    return None if asked is None else asked - moments[Moment.CONTAINER_UP]


def _most(
    platform: PlatformRun, engine: EngineRun, moments: Mapping[Moment, datetime]
) -> timedelta | None:
    """No probe passes at a closed port, and no line is received before it was written."""
    limits: list[timedelta] = []
    opened, ahead = moments.get(Moment.PORT_OPEN), engine.received_early()
    if platform.probed is not None and opened is not None:
        limits.append(platform.probed.time - opened)
    if ahead is not None:
        limits.append(-ahead)
    return min(limits, default=None)


def _soft(
    platform: PlatformRun,
    moments: Mapping[Moment, datetime],
    waiting: Sequence[WaitingRequest],
    least: timedelta | None,
    most: timedelta | None,
) -> timedelta | None:
    """Lower `most` so far that the first answer and a probe of readiness come after ready.

    A page may truly be answered earlier; so it is, where the shift would contradict the rest.
    """
    ready = moments.get(Moment.READY)
    if ready is None:
        return most
    first = next((each.ended for each in waiting if real_answer(each)), None)
    limits = [] if first is None else [first - ready]
    probed = platform.probed
    if probed is not None and probed.word.probe is not None:
        probe = probed.word.probe
        if probe.kind is ProbeKind.HTTP and probe.path == _READY_PATH:
            limits.append(probed.time - ready)
    if least is None and waiting:
        # Whoever waited hardly found the process running, unless it did so anyway.
        least = min(_NONE, waiting[0].arrived - moments[Moment.CONTAINER_UP])
    for limit in limits:
        if (most is None or limit < most) and (least is None or least <= limit):
            most = limit
    return most
