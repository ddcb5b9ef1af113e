"""Cold starts as they are seen at five past twelve, for tests that look at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.model.starts.start import (
    ColdStart,
    FileRead,
    Moment,
    Reason,
    WaitingRequest,
)
from console.model.text import SafeText

NOW = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
OLD, NEW = SafeText("zimage-00001-abc"), SafeText("zimage-00002-xyz")
ORDER = tuple(Moment)

USUALLY: Mapping[Moment, float] = {
    Moment.ARRIVED: 0.0,
    Moment.ASKED_FOR: 0.02,
    Moment.CONTAINER_UP: 4.2,
    Moment.PORT_OPEN: 0.4,
    Moment.IMPORTS_DONE: 2.8,
    Moment.WEIGHTS_READ: 12.6,
    Moment.ON_DEVICE: 1.9,
    Moment.READY: 1.4,
    Moment.PROBED: 0.6,
    Moment.ANSWERED: 2.4,
}
"""How many seconds after the moment before each comes."""

FILES = (("qwen3-q8_0.gguf", 0.4), ("z-image-q8_0.gguf", 0.55), ("ae.safetensors", 0.05))


def cold_start(
    at: datetime,
    instance: str = "00f7a1b2c3d4",
    *,
    revision: SafeText = OLD,
    size: float = 7.2e9,
    took: Mapping[Moment, float] = {},
    untold: tuple[Moment, ...] = (),
    waited: bool = True,
    **more: Any,
) -> ColdStart:
    """A start that began at `at`; `took` replaces how long after the one before a moment came."""
    passed, moments = 0.0, {}
    for moment in ORDER:
        if moment in (Moment.ARRIVED, Moment.ANSWERED) and not waited:
            continue
        passed += {**USUALLY, **took}[moment]
        moments[moment] = at + timedelta(seconds=passed)
    files = _files(moments, size) if Moment.WEIGHTS_READ not in untold else ()
    known = {moment: when for moment, when in moments.items() if moment not in untold}
    answered = moments.get(Moment.ANSWERED)
    request = WaitingRequest(at, (answered - at).total_seconds() if answered else None, 200)
    return ColdStart(
        **{
            "instance": SafeText(instance),
            "revision": revision,
            "reason": Reason.AUTOSCALING,
            "process": moments[Moment.ASKED_FOR],
            "moments": known,
            "files": files,
            "requests": (request,) if waited else (),
            **more,
        }
    )


def _files(moments: Mapping[Moment, datetime], size: float) -> tuple[FileRead, ...]:
    begun, ended = moments[Moment.IMPORTS_DONE], moments[Moment.WEIGHTS_READ]
    seconds, passed, files = (ended - begun).total_seconds(), 0.0, []
    for name, share in FILES:
        passed += share * seconds
        when = begun + timedelta(seconds=passed)
        files.append(FileRead(SafeText(name), int(share * size), share * seconds, when))
    return tuple(files)


def going_on(start: ColdStart, until: Moment) -> ColdStart:
    """The same start as long as it was known until `until`."""
    known = {m: at for m, at in start.moments.items() if ORDER.index(m) <= ORDER.index(until)}
    requests = tuple(replace(each, latency=None, status=None) for each in start.requests)
    return replace(start, moments=known, requests=requests, files=start.files[:1])
