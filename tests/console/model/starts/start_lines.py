"""Lines of a service's log as they are found in the field, at seconds after noon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings

from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.starts.reconstruction import StartBook
from console.model.starts.spans import phase_spans
from console.model.starts.start import ColdStart, Moment
from console.model.text import SafeText

PATIENTLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties: how long an example takes on a busy machine says nothing."""

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

AUTOSCALING = (
    "Starting new instance. Reason: AUTOSCALING - Instance started due to configured scaling "
    "factors (e.g. CPU utilization, request throughput, etc.) or no existing capacity for current "
    "traffic."
)
ROLLOUT = (
    "Starting new instance. Reason: DEPLOYMENT_ROLLOUT - Instance started due to traffic shifting "
    "between revisions due to deployment, traffic split adjustment, or deployment health check."
)
MINIMUM = (
    "Starting new instance. Reason: MANUAL_OR_CUSTOMER_MIN_INSTANCE - Instance started because of "
    "customer-configured min-instances or manual scaling."
)
PASSED = 'Default STARTUP TCP probe succeeded after 1 attempt for container "worker" on port 8080.'
READYZ = (
    'STARTUP HTTP probe succeeded after 4 attempts for container "worker" on port 8080 path '
    '"/readyz".'
)
GAVE_UP = (
    'Default STARTUP TCP probe failed 1 time consecutively for container "worker" on port 8080. '
    "The instance was not started. Connection failed with status DEADLINE_EXCEEDED"
)
EXITED = "Container called exit(1)."
ENDED = "Container called exit(0)."
KILLED = "Container terminated on signal 9."
OVER_MEMORY = (
    "Memory limit of 16384 MiB exceeded with 16469 MiB used. Consider increasing the memory limit, "
    "see https://cloud.google.com/run/docs/configuring/memory-limits"
)
NOT_RUN = "Application exec likely failed"

TIMELINE: tuple[tuple[str, float, dict[str, object]], ...] = (
    ("process_start", 0.0, {}),
    ("port_open", 0.4, {}),
    ("imports_done", 2.4, {}),
    ("weights_read", 20.0, {"file": "qwen3.gguf", "bytes": 2_000_000_000, "seconds": 17.0}),
    ("weights_read", 32.4, {"file": "z-image.gguf", "bytes": 4_000_000_000, "seconds": 30.0}),
    ("on_device", 33.4, {}),
    ("warm", 33.99, {}),
    ("ready", 34.0, {}),
)
"""An engine that reads 6 GB in 30 s."""


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def since_noon(moment: datetime | None) -> float | None:
    return None if moment is None else round((moment - NOON).total_seconds(), 3)


def line(
    seconds: float,
    message: str,
    origin: Origin = Origin.PLATFORM,
    /,
    *,
    instance: str = "a",
    revision: str = "z-image-00001",
    event: str = "",
    trace: str = "",
    **fields: object,
) -> LogRecord:
    return LogRecord(
        time=at(seconds),
        severity=Severity.INFO,
        message=SafeText(message),
        event=event,
        fields=fields,
        provenance=Provenance(
            origin=origin,
            revision=SafeText(revision),
            instance=SafeText(instance),
            trace=SafeText(trace),
        ),
    )


def request(seconds: float, latency: object, status: int = 200, **more: str) -> LogRecord:
    url = "https://z-image.example/predict"
    http = {"requestMethod": "POST", "requestUrl": url, "status": status, "latency": latency}
    return line(seconds, "POST /predict", Origin.REQUEST, httpRequest=http, **more)


def spoken(
    born: float,
    timeline: Sequence[tuple[str, float, dict[str, object]]] = TIMELINE,
    *,
    clock: float = 0.0,
    **more: str,
) -> list[LogRecord]:
    """What an engine says that was born at `born`, by a clock that is `clock` seconds ahead."""
    return [
        line(born + age + clock, "…", Origin.APPLICATION, event=event, at=age, **fields, **more)
        for event, age, fields in timeline
    ]


def received(record: LogRecord, seconds: float) -> LogRecord:
    return replace(record, received=at(seconds))


def cold_start(*, born: float = 3.0, clock: float = 0.0, **more: str) -> list[LogRecord]:
    """A request arrives at 0 s, its instance is asked for, and it is answered at 45 s."""
    shift = born - 3.0
    return [
        line(shift + 0.02, AUTOSCALING, **more),
        *spoken(born, clock=clock, **more),
        line(shift + 3.6, PASSED, **more),
        request(shift, 45.0, **more),
    ]


def book(*records: LogRecord) -> StartBook:
    told = StartBook()
    for each in records:
        told.note(each)
    return told


def told_by(*records: LogRecord) -> ColdStart:
    """The only start that some lines tell of."""
    (start,) = book(*records).starts
    return start


def moments(start: ColdStart) -> dict[Moment, float | None]:
    return {moment: since_noon(when) for moment, when in start.moments.items()}


def spans(start: ColdStart) -> dict[str, float]:
    return {each.name: round(each.seconds, 3) for each in phase_spans(start)}
