"""Cold starts as they are seen at five past twelve, for tests that look at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.model.freshness import Freshness, Standing
from console.model.starts.snapshot import Setting, StartsSnapshot
from console.model.starts.start import (
    ColdStart,
    Doubt,
    DoubtKind,
    Failure,
    FailureKind,
    FileRead,
    Moment,
    Probe,
    ProbeKind,
    Reason,
    WaitingRequest,
)
from console.model.starts.statistics import timing
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


def replace_time(start: ColdStart, earlier: timedelta) -> ColdStart:
    """The same start, so much earlier."""
    return replace(
        start,
        process=start.process - earlier,
        moments={moment: at - earlier for moment, at in start.moments.items()},
        files=tuple(replace(each, ended=each.ended - earlier) for each in start.files),
        requests=tuple(replace(each, arrived=each.arrived - earlier) for each in start.requests),
    )


def history(count: int = 24, slow: int | None = 0) -> tuple[ColdStart, ...]:
    """So many starts, newest first, some hours apart, of two revisions.

    They differ a little from one another; the `slow`th reads its weights through one stream.
    """
    starts = []
    for number in range(count):
        at = NOW - timedelta(minutes=3, hours=7 * number)
        wobble = ((number * 7) % 11 - 5) / 20
        took = {Moment.WEIGHTS_READ: 12.6 + 2 * wobble, Moment.CONTAINER_UP: 4.2 + wobble}
        if number == slow:
            took[Moment.WEIGHTS_READ] = 65.4
        starts.append(
            cold_start(
                at,
                f"00f7{number * 7919:08x}",
                revision=NEW if number < count // 3 else OLD,
                took=took,
                waited=number % 4 != 3,
                reason=_reason(number),
            )
        )
    return tuple(starts)


def _reason(number: int) -> Reason:
    if number % 4 == 3:
        return Reason.DEPLOYMENT_ROLLOUT
    return Reason.AUTOSCALING


SETTING = Setting(mounted=True, gpu=True, cpu_boost=True, http_probe=False, probe_period=240.0)


def known(starts: tuple[ColdStart, ...], **more: Any) -> StartsSnapshot:
    """What the store knows when it knows these starts, newest first."""
    timings = tuple(timing(each) for each in reversed(starts))
    fresh = Freshness(Standing.FRESH, NOW)
    facts: dict[str, Any] = {
        "timings": timings,
        "in_all": len(starts),
        "fresh": fresh,
        "setting": SETTING,
    }
    return StartsSnapshot(starts, **{**facts, **more})


def failed(start: ColdStart) -> ColdStart:
    """The same start, ended by its memory limit while it read weights."""
    at = start.moments[Moment.IMPORTS_DONE] + timedelta(seconds=7)
    says = SafeText("Memory limit of 16384 MiB exceeded with 16469 MiB used.")
    request = replace(start.requests[0], latency=None, status=500)
    return replace(
        going_on(start, Moment.IMPORTS_DONE),
        failure=Failure(FailureKind.OUT_OF_MEMORY, at, says),
        requests=(request,),
    )


def probed_early(start: ColdStart) -> ColdStart:
    """The same start, let in by a probe of the port long before the engine was ready."""
    opened, ready = start.moments[Moment.PORT_OPEN], start.moments[Moment.READY]
    probed = opened + timedelta(seconds=0.6)
    early = (ready - probed).total_seconds()
    return replace(
        start,
        moments={**start.moments, Moment.PROBED: probed},
        probe=Probe(ProbeKind.TCP, True),
        doubts=(Doubt(DoubtKind.PROBED_BEFORE_READY, early),),
    )


def here(count: int) -> tuple[ColdStart, ...]:
    """Starts of the engine on this machine, newest first."""
    quick = {
        Moment.PORT_OPEN: 0.31,
        Moment.IMPORTS_DONE: 1.31,
        Moment.WEIGHTS_READ: 0.12,
        Moment.ON_DEVICE: 0.21,
        Moment.READY: 0.3,
    }
    untold = (Moment.ASKED_FOR, Moment.PROBED, Moment.ARRIVED, Moment.ANSWERED)
    return tuple(
        cold_start(
            NOW - timedelta(minutes=3 + 50 * number),
            f"{48213 - number}",
            revision=SafeText(""),
            size=10.7e6,
            took=quick,
            untold=untold,
            waited=False,
            reason=Reason.LOCAL,
            process=NOW - timedelta(minutes=3 + 50 * number) + timedelta(seconds=4.22),
        )
        for number in range(count)
    )


def poisoned(text: SafeText) -> StartsSnapshot:
    """Starts in which every text from outside is `text`."""
    start = cold_start(NOW - timedelta(minutes=3), text, revision=text)
    files = tuple(replace(each, name=text) for each in start.files)
    ended = replace(start, files=files, kept_as=text)
    broken = failed(replace(ended, process=ended.process - timedelta(hours=1)))
    assert broken.failure is not None
    broken = replace(broken, failure=replace(broken.failure, says=text))
    return known((broken, ended, *history(4)), problem=text)


DENIED = (
    "cannot read the log of sandbox/local-1/zimage: permission logging.logEntries.list is missing; "
    "have roles/logging.viewer granted in sandbox"
)
SLOW = history()
SILENT = tuple(ORDER[ORDER.index(Moment.PORT_OPEN) : ORDER.index(Moment.PROBED)])
"""What an engine that says nothing of itself leaves unknown."""
UNDER_WAY = going_on(replace_time(SLOW[0], -timedelta(minutes=2)), Moment.IMPORTS_DONE)

STARTS: dict[str, StartsSnapshot] = {
    "loading": StartsSnapshot(),
    "nothing": known(()),
    "denied": StartsSnapshot(
        fresh=Freshness(Standing.DENIED, None, SafeText(DENIED), None, "logging.logEntries.list")
    ),
    "long-ago": known(tuple(replace_time(each, timedelta(days=40)) for each in history(4, None))),
    "slow": known(SLOW),
    "usual": known(history(slow=None)),
    "few": known(history(2)),
    "going-on": known(SLOW[1:], going_on=UNDER_WAY),
    "failed": known((failed(SLOW[0]), *SLOW[1:])),
    "probed-early": known((probed_early(history(slow=None)[0]), *SLOW[1:])),
    "untold": known((cold_start(NOW - timedelta(minutes=3), untold=SILENT), *SLOW[1:])),
    "older": known(SLOW[:12], timings=known(history(300)).timings, in_all=300),
    "stale": known(
        SLOW,
        fresh=Freshness(Standing.ERROR, NOW - timedelta(minutes=3), SafeText("the log is silent")),
    ),
    "unkept": known(SLOW, problem=SafeText("starts of before cannot be kept: disk full")),
}
"""What is known of the starts of a service, at every moment that looks different."""
