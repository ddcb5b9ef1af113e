"""What a month used, from what the sandbox counted and from a Monitoring that a test makes up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import grpc
import pytest
from google.api import metric_pb2, monitored_resource_pb2
from google.cloud.monitoring_v3.types import (
    ListTimeSeriesRequest,
    ListTimeSeriesResponse,
    Point,
    TimeInterval,
    TimeSeries,
    TypedValue,
)

from console.model.meters import Meters, Operations
from console.model.service import ServiceName
from console.sandbox.faults import Fault, Faults
from console.sandbox.instances.probe import StartupProbe
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.platform_log import PlatformLog, RequestFacts, StartReason
from console.sandbox.metrics.monitoring import Monitoring
from console.sandbox.metrics.tally import Tallies
from console.sandbox.moments import written
from console.sources.base import Denied, MeterSource, Offline
from console.sources.google_channel import Endpoints, connect

NAME = ServiceName("sandbox", "local-1", "zimage")
NOW = datetime(2026, 11, 24, 12, 0, 20, tzinfo=UTC)
MONTH = datetime(2026, 11, 1, tzinfo=UTC)


@asynccontextmanager
async def served(handler: grpc.GenericRpcHandler) -> AsyncIterator[MeterSource]:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handler,))
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    cloud = await connect(Endpoints.on_loopback(address, address), {}, lambda: NOW)
    try:
        yield cloud.meters
    finally:
        await cloud.aclose()
        await server.stop(None)


@asynccontextmanager
async def measured(
    book: LogBook, tallies: Tallies, faults: Faults | None = None
) -> AsyncIterator[MeterSource]:
    monitoring = Monitoring("sandbox", book, lambda: NOW, faults or Faults(), tallies=tallies)
    async with served(monitoring.handler()) as meters:
        yield meters


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def lived(book: LogBook, start: datetime, seconds: float, name: str) -> None:
    """Write of an instance that took so long to start, answered for as long, and idled."""
    moments = [start]
    log = PlatformLog(book, NAME, lambda: moments[0], lambda: name)
    log.starting("r-1", name, StartReason.AUTOSCALING)
    moments[0] += timedelta(seconds=seconds)
    log.probed("r-1", name, "c", StartupProbe(port=7860), 1)
    facts = RequestFacts(
        method="GET",
        url="http://zimage.test/",
        status=200,
        arrived=moments[0],
        seconds=seconds,
        user_agent="",
        remote_ip="127.0.0.1",
        trace="0",
        span="0",
        request_size=0,
        response_size=0,
    )
    log.answered("r-1", name, facts)
    moments[0] += timedelta(seconds=600)
    log.exited("r-1", name, 0)


async def test_requests_to_a_bucket_are_counted_by_how_they_are_billed() -> None:
    tallies = Tallies("sandbox")
    for bucket, method, code, number, day in [
        ("models", "WriteObject", "OK", 3, 2),
        ("models", "ListObjects", "OK", 4, 20),
        ("models", "ReadObject", "OK", 50, 20),
        ("models", "ReadObject", "NOT_FOUND", 9, 20),
        ("models", "DeleteObject", "OK", 2, 20),
        ("models", "GetStorageLayout", "OK", 5, 20),
        ("others", "WriteObject", "OK", 100, 20),
    ]:
        tallies.bucket_requests.add((bucket, method, code), number, written(at(day)))
    async with measured(LogBook(), tallies) as source:
        meters = await source.meters(NAME, ["models", "empty"], MONTH)

    assert meters.operations == {
        "models": Operations(class_a=7, class_b=50, free=2, unknown={"GetStorageLayout": 5}),
        "empty": None,
    }


async def test_what_was_before_is_not_counted() -> None:
    tallies = Tallies("sandbox")
    tallies.bucket_requests.add(("models", "ReadObject", "OK"), 7, "2026-10-31T23:59")
    tallies.bucket_requests.add(("models", "ReadObject", "OK"), 1, "2026-11-01T00:00")
    async with measured(LogBook(), tallies) as source:
        meters = await source.meters(NAME, ["models"], MONTH)

    assert meters.operations["models"] == Operations(class_b=1)


async def test_bytes_of_the_log_are_those_of_the_project_and_of_its_services() -> None:
    tallies = Tallies("sandbox")
    for kind, number, day in (("cloud_run_revision", 700, 1), ("build", 50, 9), ("global", 5, 24)):
        tallies.log_bytes.add((kind,), number, written(at(day)))
    async with measured(LogBook(), tallies) as source:
        meters = await source.meters(NAME, [], MONTH)

    assert (meters.log_bytes, meters.service_log_bytes) == (755, 700)


async def test_paid_time_is_told_by_the_day() -> None:
    book = LogBook()
    lived(book, at(3, 10), 30, "a")
    lived(book, at(3, 18), 5, "b")
    # This one starts before midnight, and answers after it.
    lived(book, at(9, 23, 59), 60, "c")
    lived(book, at(24, 11), 7, "d")
    async with measured(book, Tallies("sandbox")) as source:
        meters = await source.meters(NAME, [], MONTH)

    assert meters.billable is not None
    by_day = {day.day: round(seconds, 3) for day, seconds in meters.billable.items()}
    assert by_day == {3: Decimal(70), 9: Decimal(60), 10: Decimal(60), 24: Decimal(14)}
    assert meters.billable_seconds is not None
    assert round(meters.billable_seconds, 3) == Decimal(204)


async def test_a_month_of_another_time_zone_begins_within_a_day() -> None:
    book = LogBook()
    lived(book, at(1, 7), 10, "too-early")
    lived(book, at(1, 9), 20, "first")
    pacific = timedelta(hours=-8)
    since = datetime.fromisoformat("2026-11-01T00:00:00-08:00")
    async with measured(book, Tallies("sandbox")) as source:
        meters = await source.meters(NAME, [], since)

    assert since.utcoffset() == pacific
    assert meters.since == since
    assert meters.billable is not None
    assert {day: round(value, 3) for day, value in meters.billable.items()} == {
        date(2026, 11, 1): Decimal(40)
    }


async def test_what_was_never_measured_is_not_nothing() -> None:
    async with measured(LogBook(), Tallies("sandbox")) as source:
        meters = await source.meters(NAME, ["models"], MONTH)

    assert (meters.log_bytes, meters.service_log_bytes) == (None, None)
    assert (meters.billable, meters.billable_seconds) == (None, None)
    assert meters.operations == meters.bucket_bytes == {"models": None}


async def test_a_day_that_has_just_begun_can_be_asked_for() -> None:
    tallies = Tallies("sandbox")
    async with measured(LogBook(), tallies) as source:
        for since in (NOW, NOW - timedelta(seconds=1), NOW + timedelta(hours=1)):
            meters = await source.meters(NAME, ["models"], since)
            assert meters.billable is None


async def test_names_that_are_no_buckets_are_not_asked_for() -> None:
    async with measured(LogBook(), Tallies("sandbox")) as source:
        meters = await source.meters(NAME, ['a") OR metric.type = ("b', "Ä", ""], MONTH)

    assert meters.operations == {}


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault.METRICS_DENIED, Denied, "monitoring.timeSeries.list.*roles/monitoring.viewer"),
        (Fault.METRICS_UNAVAILABLE, Offline, "cannot read what sandbox/local-1/zimage used"),
    ],
)
async def test_what_is_refused_is_told(fault: Fault, error: type[Exception], words: str) -> None:
    async with measured(LogBook(), Tallies("sandbox"), Faults([fault])) as source:
        with pytest.raises(error, match=words):
            await source.meters(NAME, ["models"], MONTH)


@dataclass
class Scripted:
    """A Monitoring that answers every question about a metric with the same series."""

    answers: dict[str, list[TimeSeries]]
    asked: list[ListTimeSeriesRequest] = field(default_factory=list)
    lacking: str = ""

    def handler(self) -> grpc.GenericRpcHandler:
        method = grpc.unary_unary_rpc_method_handler(
            self._list,
            request_deserializer=ListTimeSeriesRequest.deserialize,
            response_serializer=ListTimeSeriesResponse.serialize,
        )
        return grpc.method_handlers_generic_handler(
            "google.monitoring.v3.MetricService", {"ListTimeSeries": method}
        )

    async def _list(
        self, request: ListTimeSeriesRequest, context: grpc.aio.ServicerContext
    ) -> ListTimeSeriesResponse:
        self.asked.append(request)
        if self.lacking and self.lacking in request.filter:
            await context.abort(grpc.StatusCode.NOT_FOUND, "Cannot find metric(s) that match type")
        series = [
            each for name, found in self.answers.items() if name in request.filter for each in found
        ]
        return ListTimeSeriesResponse(time_series=series)


def series(resource: dict[str, str], metric: dict[str, str], *values: float) -> TimeSeries:
    """A series of days, the newest first."""
    return TimeSeries(
        resource=monitored_resource_pb2.MonitoredResource(type="x", labels=resource),
        metric=metric_pb2.Metric(type="y", labels=metric),
        points=[
            Point(
                interval=TimeInterval(end_time=NOW - timedelta(days=back)),
                value=TypedValue(double_value=value),
            )
            for back, value in enumerate(values)
        ],
    )


async def asked(scripted: Scripted, buckets: Sequence[str]) -> Meters:
    async with served(scripted.handler()) as source:
        return await source.meters(NAME, buckets, MONTH)


async def test_the_size_of_a_bucket_is_the_mean_of_whole_days() -> None:
    scripted = Scripted(
        {"total_bytes": [series({"bucket_name": "models"}, {}, 8e9, 8e9, 4e9, 4e9)]}
    )

    meters = await asked(scripted, ["models", "others"])

    assert meters.bucket_bytes == {"models": 6_000_000_000, "others": None}
    (request,) = [each for each in scripted.asked if "total_bytes" in each.filter]
    assert request.aggregation.alignment_period == timedelta(days=1)
    length = request.interval.end_time - request.interval.start_time
    assert length == timedelta(days=23)


async def test_no_question_asks_for_what_was_before_the_month() -> None:
    scripted = Scripted({})
    await asked(scripted, ["models"])

    for request in scripted.asked:
        start, end = request.interval.start_time, request.interval.end_time
        assert MONTH <= start < end <= NOW
        assert (end - start) % request.aggregation.alignment_period == timedelta()


async def test_figures_that_are_none_are_left_out() -> None:
    odd = series({"bucket_name": "models"}, {"method": "ReadObject", "response_code": "OK"})
    values = [float("nan"), float("inf"), -3.0, 5.0]
    odd.points = [
        Point(interval=TimeInterval(end_time=NOW), value=TypedValue(double_value=value))
        for value in values
    ]
    meters = await asked(Scripted({"api/request_count": [odd]}), ["models"])

    assert meters.operations["models"] == Operations(class_b=5)


async def test_a_metric_that_the_project_never_had_is_one_without_figures() -> None:
    ingested = series({}, {"resource_type": "cloud_run_revision"}, 70.0)
    scripted = Scripted({"bytes_ingested": [ingested]}, lacking="total_bytes")

    meters = await asked(scripted, ["models"])

    assert meters.bucket_bytes == {"models": None}
    assert (meters.log_bytes, meters.service_log_bytes) == (70, 70)


async def test_names_of_methods_are_made_safe() -> None:
    labels = {"method": "Evil\x1b]0;title\x07", "response_code": "OK"}
    odd = series({"bucket_name": "models"}, labels, 2.0)
    meters = await asked(Scripted({"api/request_count": [odd]}), ["models"])

    operations = meters.operations["models"]
    assert operations is not None
    assert not any("\x1b" in each or "\x07" in each for each in operations.unknown)
