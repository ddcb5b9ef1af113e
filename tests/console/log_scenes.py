"""The log of a service on Google Cloud at some moments, for tests that look at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from cloud_scenes import ALL_FRESH, FACTS, OLD, SNAPSHOTS, SOON, THEN, awake
from scene_words import said

from console.language import tr
from console.model.freshness import Freshness, Standing
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.service import ServiceSnapshot
from console.model.text import SafeText
from console.store import Store
from console.terminal.sanitise import sanitise

FIRST = SafeText("00f46b92859a7e3c4d5f6071")
SECOND = SafeText("00f46b92859a7e3c4d5fab34")
TRACE = SafeText("projects/sandbox/traces/6c1e9f")
PLATFORM, REQUEST, APPLICATION = Origin.PLATFORM, Origin.REQUEST, Origin.APPLICATION
INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR
NASTY = "\x1b]52;c;aGk=\x07\x9b31m[/bad][@click=app.quit]\u202egpj.exe[link='a\x00\x7f\ttab"


def line(
    second: float,
    text: str,
    severity: Severity = INFO,
    *,
    origin: Origin = APPLICATION,
    instance: SafeText = FIRST,
    trace: str = "",
    event: str = "",
    **fields: object,
) -> LogRecord:
    """A line so many seconds after two minutes past twelve."""
    return LogRecord(
        THEN + timedelta(seconds=second),
        severity,
        sanitise(text),
        event,
        fields,
        Provenance(origin=origin, revision=OLD, instance=instance, trace=SafeText(trace)),
    )


def request(second: float, status: int, latency: float, trace: str = TRACE) -> LogRecord:
    facts = {
        "requestMethod": "POST",
        "requestUrl": "https://zimage.run.app/v1/images/generations",
        "status": status,
        "responseSize": 1_204_311,
        "latency": latency,
    }
    severity = ERROR if status >= 500 else WARNING if status >= 400 else INFO
    text = f"POST /v1/images/generations {status} in {latency} s, 1.2 MB"
    return line(second, text, severity, origin=REQUEST, trace=trace, httpRequest=facts)


STARTED = "Starting new instance. Reason: AUTOSCALING - Instance started due to traffic."
LIFE = (
    line(0.0, STARTED, origin=PLATFORM),
    line(1.9, "port 7860 is open after 0.31 s", event="port_open", at=0.31),
    line(8.4, "weights: 6.1 GiB in 5.20 s", event="weights_read", bytes=6_549_825_126),
    line(9.1, "ready after 7.02 s", event="ready"),
    request(9.2, 200, 2.41),
    line(9.3, "queued", trace=TRACE, event="queued"),
    line(11.5, "made 1024x1024 in 2.13 s, seed 42", trace=TRACE, event="done", seconds=2.13),
    line(30.0, STARTED, origin=PLATFORM, instance=SECOND),
    line(41.0, "queue full (1/1)", WARNING, instance=SECOND),
    request(41.0, 429, 0.004, "projects/sandbox/traces/77aa01"),
    line(55.2, "out of memory: tried to allocate 1.5 GiB", ERROR, instance=SECOND, bytes=1.5),
    line(55.9, "Container terminated on signal 9.", ERROR, origin=PLATFORM, instance=SECOND),
    line(70.0, "idle: 一个蓝色的三角形", instance=FIRST),
)


def throttled() -> SafeText:
    return said(
        "too many reads of logs in project sandbox: the limit is 60 a minute",
        "项目 sandbox 读取日志过于频繁：每分钟最多 60 次",
    )


def broken() -> SafeText:
    return SafeText(tr("cannot follow logs of {service} on: the stream ended", service=FACTS.name))


def silent() -> SafeText:
    return said(
        f"cannot follow logs of {FACTS.name}: logging.googleapis.com is silent",
        f"无法跟随 {FACTS.name} 的日志：logging.googleapis.com 没有响应",
    )


def late(problem: SafeText, standing: Standing = Standing.ERROR) -> ServiceSnapshot:
    """A service whose log comes late because of `problem`."""
    known = replace(ALL_FRESH, log=Freshness(standing, THEN, problem, SOON))
    return replace(awake(), log_problem=problem, fresh=known)


LOG_SNAPSHOTS: dict[str, Callable[[], ServiceSnapshot]] = {
    "loading": SNAPSHOTS["connecting"],
    "following": awake,
    "denied": lambda: replace(SNAPSHOTS["log-denied"](), instances=awake().instances),
    "throttled": lambda: late(throttled()),
    "broken": lambda: late(broken()),
    "offline": lambda: replace(SNAPSHOTS["offline"](), log_problem=silent()),
}


def log_scene(name: str, *more: LogRecord) -> Store:
    """A store with the log as it is at one of the `LOG_SNAPSHOTS`."""
    store = Store()
    store.set_service(LOG_SNAPSHOTS[name]())
    if name not in ("loading",):
        store.add_records((*LIFE, *more))
    return store


def hostile() -> Store:
    """A log in which nothing is harmless but what the boundary let through."""
    store = log_scene("following")
    for second, text in enumerate((NASTY, "\u202e\u2066bidi\u2069", "x" * 100_000, "[bold]not[/]")):
        store.add_record(line(80 + second, text, ERROR, trace=sanitise(NASTY), key=sanitise(text)))
    return store
