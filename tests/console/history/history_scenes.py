"""Starts, lives and lines of a log for tests of what outlives it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from console.model.cost.compute_cost import Shape
from console.model.cost.estimate import Window
from console.model.cost.life_records import InstanceRecord, Signs
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.starts.start import (
    ColdStart,
    FileRead,
    Moment,
    Probe,
    ProbeKind,
    Reason,
    WaitingRequest,
)
from console.model.text import SafeText

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
CONTEXT = "my-project/us-central1/z-image"
REVISION = SafeText("z-image-00001")
STARTED = "Starting new instance. Reason: AUTOSCALING - Instance started because of traffic."
PROBED = 'STARTUP HTTP probe succeeded after 3 attempts for container "z-image" on port 7860.'
SHAPE = Shape(region="us-central1", cpu=Decimal("4.5"), memory=Decimal(16), gpu="nvidia-l4")

AGES = (
    (Moment.ARRIVED, -0.25),
    (Moment.ASKED_FOR, 0.0),
    (Moment.CONTAINER_UP, 3.5),
    (Moment.PORT_OPEN, 4.0),
    (Moment.IMPORTS_DONE, 9.0),
    (Moment.WEIGHTS_READ, 31.0),
    (Moment.ON_DEVICE, 33.0),
    (Moment.READY, 36.0),
    (Moment.PROBED, 38.0),
    (Moment.ANSWERED, 48.0),
)
"""The moments of a start that went well, in seconds after its instance was asked for."""


def after(seconds: float = 0.0, *, days: float = 0.0) -> datetime:
    return NOON + timedelta(seconds=seconds, days=days)


def cold_start(at: datetime = NOON, instance: str = "a1", until: Moment | None = None) -> ColdStart:
    """A start of which everything is known, or everything before the moment `until`."""
    known = [moment for moment, _ in AGES]
    told = known if until is None else known[: known.index(until)]
    ages = {moment: at + timedelta(seconds=age) for moment, age in AGES if moment in told}
    took = 48.25 if Moment.ANSWERED in ages else None
    arrived = at + timedelta(seconds=-0.25)
    return ColdStart(
        instance=SafeText(instance),
        revision=REVISION,
        reason=Reason.AUTOSCALING,
        process=at,
        moments=ages,
        files=(FileRead(SafeText("z_image.gguf"), 4_000_000_000, 20.5, ages[Moment.CONTAINER_UP]),)
        if Moment.CONTAINER_UP in ages
        else (),
        kept_as=SafeText("int8"),
        requests=(WaitingRequest(arrived, took, 200 if took else None, SafeText("/v1/images")),),
        probe=Probe(ProbeKind.HTTP, default=False, attempts=3) if Moment.PROBED in ages else None,
    )


def record(instance: str = "a1", at: datetime = NOON, *requests: Window) -> InstanceRecord:
    """What lines told of an instance that was asked for `at` a moment."""
    last = max((at, *(each.end for each in requests)))
    return InstanceRecord(SafeText(instance), Signs(REVISION, at, last, asked_for=at), requests)


def line(
    at: datetime,
    message: str = "",
    origin: Origin = Origin.PLATFORM,
    *,
    instance: str = "a1",
    event: str = "",
    late: float = 0.0,
    **fields: object,
) -> LogRecord:
    return record_of(at, message, origin, instance, event, late, fields)


def record_of(
    at: datetime,
    message: str,
    origin: Origin,
    instance: str,
    event: str,
    late: float,
    fields: Mapping[str, object],
) -> LogRecord:
    return LogRecord(
        time=at,
        severity=Severity.INFO,
        message=SafeText(message),
        event=event,
        fields=fields,
        provenance=Provenance(
            origin=origin,
            revision=REVISION,
            instance=SafeText(instance),
            insert_id=SafeText(f"{instance}{at.timestamp()}{message}{event}"),
        ),
        received=at + timedelta(seconds=late),
    )


def told(at: datetime = NOON, instance: str = "a1") -> list[LogRecord]:
    """The lines of a start that went well, oldest first; that of its request comes late."""

    def engine(event: str, age: float, **more: object) -> LogRecord:
        moment = at + timedelta(seconds=3.5 + age)
        fields = {"at": age, **more}
        return record_of(moment, event, Origin.APPLICATION, instance, event, 0.0, fields)

    request = {"latency": 48.25, "status": 200, "requestMethod": "POST"}
    url = {"requestUrl": "https://z.run.app/v1/images?key=secret"}
    return [
        line(
            at - timedelta(seconds=0.25),
            "POST /v1/images 200",
            Origin.REQUEST,
            instance=instance,
            late=49.0,
            httpRequest={**request, **url},
        ),
        line(at, STARTED, instance=instance),
        engine("process_start", 0.0),
        engine("port_open", 0.5),
        engine("imports_done", 5.5),
        engine("weights_read", 27.5, file="z_image.gguf", bytes=4_000_000_000, seconds=20.5),
        engine("on_device", 29.5),
        engine("warm", 32.4),
        engine("ready", 32.5),
        line(at + timedelta(seconds=38), PROBED, instance=instance),
    ]


@contextmanager
def table_of(path: Path) -> Iterator[sqlite3.Connection]:
    """Look into a history as any other program would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection
