"""Google's own client of Cloud Monitoring, against the sandbox's log."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from google.api_core import exceptions
from google.cloud import monitoring_v3 as monitoring

from console.model.service import ServiceName
from console.sandbox.faults import Fault, Faults
from console.sandbox.instances.probe import StartupProbe
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.platform_log import STDOUT, PlatformLog, RequestFacts, StartReason
from console.sandbox.metrics.activity import AlwaysPaid, nothing_always_paid
from console.sandbox.metrics.metric_samples import DELTA, INT64
from console.sandbox.metrics.monitoring import Monitoring
from console.sandbox.run.demo_service import demo_deployment
from console.sandbox.run.services import ServiceBook

NAME = ServiceName("sandbox", "local-1", "zimage")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Aggregation = monitoring.Aggregation
Aligner = Aggregation.Aligner


@dataclass
class Past:
    """A log that is written by telling it when things happened, in minutes before noon."""

    book: LogBook = field(default_factory=LogBook)
    now: datetime = NOON
    numbers: itertools.count = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.log = PlatformLog(self.book, NAME, lambda: self.now, lambda: str(next(self.numbers)))

    def at(self, minutes: float) -> PlatformLog:
        self.now = NOON - minutes * MINUTE
        return self.log

    def request(self, minutes: float, seconds: float, status: int = 200, by: str = "i-1") -> None:
        arrived = NOON - minutes * MINUTE
        facts = RequestFacts(
            method="POST",
            url="http://zimage.test/v1/images/generations",
            status=status,
            arrived=arrived,
            seconds=seconds,
            user_agent="",
            remote_ip="127.0.0.1",
            trace="0",
            span="0",
            request_size=0,
            response_size=0,
        )
        self.at(minutes).answered("r-1", by, facts)

    def instance(self, first: float, ready: float, last: float | None, name: str = "i-1") -> None:
        self.at(first).starting("r-1", name, StartReason.AUTOSCALING)
        self.at(ready).probed("r-1", name, "c", StartupProbe(port=7860), 1)
        if last is not None:
            self.at(last).exited("r-1", name, 0)


@dataclass
class Asking:
    past: Past
    client: monitoring.MetricServiceAsyncClient
    faults: Faults

    async def series(
        self,
        metric: str,
        *,
        more: str = "",
        aggregation: Aggregation | None = None,
        minutes: int = 10,
        **request: object,
    ) -> list[monitoring.TimeSeries]:
        pages = await self.client.list_time_series(
            monitoring.ListTimeSeriesRequest(
                name="projects/sandbox",
                filter=f'metric.type = "run.googleapis.com/{metric}" {more}',
                interval=monitoring.TimeInterval(start_time=NOON - minutes * MINUTE, end_time=NOON),
                aggregation=aggregation,
                **request,
            )
        )
        return [each async for each in pages]


@asynccontextmanager
async def serving(
    past: Past, always_paid: AlwaysPaid = nothing_always_paid
) -> AsyncIterator[Asking]:
    server = grpc.aio.server()
    faults, now = Faults(), NOON + timedelta(seconds=30)
    service = Monitoring("sandbox", past.book, lambda: now, faults, always_paid)
    server.add_generic_rpc_handlers((service.handler(),))
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    kind = monitoring.MetricServiceAsyncClient
    try:
        async with grpc.aio.insecure_channel(address) as channel:
            transport = kind.get_transport_class("grpc_asyncio")(channel=channel)
            yield Asking(past, kind(transport=transport), faults)
    finally:
        await server.stop(None)


@pytest_asyncio.fixture
async def asking() -> AsyncIterator[Asking]:
    async with serving(Past()) as asking:
        yield asking


def counts(points: Iterable[monitoring.Point]) -> dict[int, int]:
    """Return values by how many minutes before noon their minute ends."""
    return {
        round((NOON - each.interval.end_time) / MINUTE): each.value.int64_value for each in points
    }


async def test_requests_are_counted_in_the_minute_that_they_are_answered(asking: Asking) -> None:
    asking.past.request(2.5, 1)
    asking.past.request(2.4, 1)
    asking.past.request(1.1, 30)

    (series,) = await asking.series("request_count")

    assert counts(series.points) == {2: 2, 0: 1}
    assert series.points[0].interval.end_time == NOON
    assert dict(series.metric.labels) == {"response_code": "200", "response_code_class": "2xx"}
    assert series.resource.type == "cloud_run_revision"
    assert series.resource.labels["revision_name"] == "r-1"
    assert (series.metric_kind, series.value_type) == (DELTA, INT64)


async def test_failures_are_series_of_their_own(asking: Asking) -> None:
    asking.past.request(2.5, 1)
    asking.past.request(2.5, 1, status=503)

    (failed,) = await asking.series(
        "request_count", more='AND metric.labels.response_code_class = "5xx"'
    )
    assert failed.metric.labels["response_code"] == "503"
    everything = await asking.series(
        "request_count",
        aggregation=Aggregation(
            alignment_period=MINUTE,
            per_series_aligner=Aligner.ALIGN_DELTA,
            cross_series_reducer=Aggregation.Reducer.REDUCE_SUM,
        ),
    )
    assert [counts(each.points) for each in everything] == [{2: 2}]


async def test_the_minute_that_is_not_over_is_not_measured_yet(asking: Asking) -> None:
    asking.past.request(-0.2, 1)

    assert await asking.series("request_count") == []


async def test_latencies_are_distributions_in_milliseconds(asking: Asking) -> None:
    for seconds in (0.5, 1.5):
        asking.past.request(2.5, seconds)

    (series,) = await asking.series("request_latencies")

    spread = series.points[0].value.distribution_value
    assert (spread.count, spread.mean) == (2, 1_000.0)
    assert sum(spread.bucket_counts) == 2
    (median,) = await asking.series(
        "request_latencies",
        aggregation=Aggregation(
            alignment_period=5 * MINUTE, per_series_aligner=Aligner.ALIGN_PERCENTILE_95
        ),
    )
    assert median.points[0].value.double_value == pytest.approx(1_450.0)


async def test_a_value_stands_in_the_bucket_that_the_options_describe(asking: Asking) -> None:
    asking.past.request(2.5, 1.0)

    (series,) = await asking.series("request_latencies")

    spread = series.points[0].value.distribution_value
    buckets = spread.bucket_options.exponential_buckets
    place = list(spread.bucket_counts).index(1)
    lower = buckets.scale * buckets.growth_factor ** (place - 1)
    assert lower <= 1_000.0 < lower * buckets.growth_factor
    assert len(spread.bucket_counts) == buckets.num_finite_buckets + 2


async def test_instances_are_active_idle_and_then_none(asking: Asking) -> None:
    asking.past.instance(first=5.5, ready=5.2, last=2.5)
    asking.past.request(4.5, 6)

    by_state = {
        each.metric.labels["state"]: counts(each.points)
        for each in await asking.series("container/instance_count")
    }

    assert by_state["active"] == {5: 0, 4: 1, 3: 0, 2: 0, 1: 0, 0: 0}
    assert by_state["idle"] == {5: 1, 4: 0, 3: 1, 2: 1, 1: 0, 0: 0}


async def test_an_instance_that_still_runs_is_counted_to_the_end(asking: Asking) -> None:
    asking.past.instance(first=2.5, ready=2.4, last=None)

    idle = next(
        each
        for each in await asking.series("container/instance_count")
        if each.metric.labels["state"] == "idle"
    )
    assert counts(idle.points) == {2: 1, 1: 1, 0: 1}


async def test_paid_time_is_that_of_starts_and_of_requests(asking: Asking) -> None:
    asking.past.instance(first=5.5, ready=5.25, last=2.5)
    asking.past.request(4.5, 12)
    asking.past.request(4.4, 12)

    (series,) = await asking.series("container/billable_instance_time")

    paid = [each.value.double_value for each in series.points]
    assert paid == pytest.approx([18.0, 15.0])


async def test_where_all_of_it_is_paid_idle_time_counts_as_well() -> None:
    past = Past()
    past.instance(first=5.5, ready=5.25, last=2.5)
    async with serving(past, lambda revision: revision == "r-1") as asking:
        (series,) = await asking.series("container/billable_instance_time")

    paid = [each.value.double_value for each in series.points]
    assert paid == pytest.approx([30.0, 60.0, 60.0, 30.0])


@pytest.mark.parametrize("requests_only", [True, False])
def test_a_revision_says_what_of_its_instances_is_paid(requests_only: bool) -> None:
    deployment = demo_deployment(NAME, NOON, lambda size: "0" * 2 * size)
    (revision,) = deployment.revisions
    revision.containers[0].resources.cpu_idle = requests_only
    services = ServiceBook(Path("nowhere"), [deployment])

    assert services.always_paid(revision.name) is not requests_only
    assert services.always_paid("another") is False


async def test_a_start_says_how_long_it_took(asking: Asking) -> None:
    asking.past.instance(first=5.5, ready=5.25, last=None)

    (series,) = await asking.series("container/startup_latencies")

    assert series.points[0].value.distribution_value.mean == pytest.approx(15_000.0)


async def test_headers_alone_have_no_points(asking: Asking) -> None:
    asking.past.request(2.5, 1)
    headers = monitoring.ListTimeSeriesRequest.TimeSeriesView.HEADERS

    (series,) = await asking.series("request_count", view=headers)

    assert len(series.points) == 0


async def test_series_come_in_pages(asking: Asking) -> None:
    for status in (200, 404, 503):
        asking.past.request(2.5, 1, status=status)

    assert len(await asking.series("request_count", page_size=1)) == 3


async def test_an_unknown_metric_has_no_series(asking: Asking) -> None:
    assert await asking.series("container/gpu/utilizations") == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"filter": "nonsense"}, 'Field filter had an invalid value of "nonsense"'),
        ({"page_token": "x"}, "page_token"),
        ({"interval": {}}, "end_time is required"),
        ({"interval": {"start_time": NOON, "end_time": NOON - MINUTE}}, "is after its end_time"),
        ({"aggregation": {"per_series_aligner": Aligner.ALIGN_SUM}}, "at least 60 seconds"),
    ],
)
async def test_bad_requests_are_invalid_arguments(
    asking: Asking, change: dict[str, object], why: str
) -> None:
    asking.past.request(2.5, 1)
    request = {
        "name": "projects/sandbox",
        "filter": 'metric.type = "run.googleapis.com/request_count"',
        "interval": {"start_time": NOON - MINUTE, "end_time": NOON},
    }
    with pytest.raises(exceptions.InvalidArgument, match=why):
        await asking.client.list_time_series(
            monitoring.ListTimeSeriesRequest(request | change), retry=None
        )


async def test_metrics_can_be_denied_and_out_of_reach_for_a_while(asking: Asking) -> None:
    asking.faults.begin(Fault.METRICS_DENIED)
    with pytest.raises(exceptions.PermissionDenied, match=r"monitoring\.timeSeries\.list"):
        await asking.series("request_count")
    asking.faults.end(Fault.METRICS_DENIED)
    assert await asking.series("request_count") == []

    asking.faults.begin(Fault.METRICS_UNAVAILABLE)
    request = monitoring.ListTimeSeriesRequest(name="projects/sandbox")
    with pytest.raises(exceptions.ServiceUnavailable):
        await asking.client.list_time_series(request, retry=None)


async def test_what_the_log_forgets_was_measured_all_the_same() -> None:
    past = Past(LogBook(capacity=10))
    past.instance(first=5.5, ready=5.2, last=None)
    async with serving(past) as asking:
        past.request(4.5, 6)
        for _ in range(100):
            past.at(3).output("r-1", "i-1", b"noise", STDOUT)
        (requests,) = await asking.series("request_count")
        instances = await asking.series("container/instance_count")

    assert counts(requests.points) == {4: 1}
    assert len(instances) == 2


async def test_what_was_a_month_ago_is_known_and_what_was_longer_ago_forgotten(
    asking: Asking,
) -> None:
    asking.past.request(33 * 24 * 60, 1)
    asking.past.request(31 * 24 * 60, 1)
    asking.past.request(2, 1)

    (series,) = await asking.series("request_count", minutes=34 * 24 * 60)

    assert counts(series.points) == {1: 1, 31 * 24 * 60 - 1: 1}
