"""Metrics of a service, from what the sandbox's log says happened to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from console.model.metrics import Reading
from console.model.service import ServiceName
from console.sandbox.faults import Fault, Faults
from console.sandbox.instances.probe import StartupProbe
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.platform_log import PlatformLog, RequestFacts, StartReason
from console.sandbox.metrics.monitoring import Monitoring
from console.sources.base import Denied, MetricSource, Offline
from console.sources.google_channel import Endpoints, connect

NAME = ServiceName("sandbox", "local-1", "zimage")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW = NOON + timedelta(seconds=20)
MINUTE = timedelta(minutes=1)


@asynccontextmanager
async def measured(book: LogBook, faults: Faults) -> AsyncIterator[MetricSource]:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Monitoring("sandbox", book, lambda: NOW, faults).handler(),))
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    cloud = await connect(Endpoints.on_loopback(address, address), {}, lambda: NOW)
    try:
        yield cloud.metrics
    finally:
        await cloud.aclose()
        await server.stop(None)


def request(log: PlatformLog, arrived: datetime, seconds: float, status: int = 200) -> None:
    facts = RequestFacts(
        method="GET",
        url="http://zimage.test/",
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
    log.answered("r-1", "i-1", facts)


def used_service() -> LogBook:
    """A log of an instance that started six minutes before noon and answered three requests."""
    book, moments = LogBook(), [NOON]
    log = PlatformLog(book, NAME, lambda: moments[0], lambda: "id")
    moments[0] = NOON - 5.5 * MINUTE
    log.starting("r-1", "i-1", StartReason.AUTOSCALING)
    moments[0] += timedelta(seconds=4)
    log.probed("r-1", "i-1", "c", StartupProbe(port=7860), 1)
    request(log, NOON - 4.5 * MINUTE, 2.0)
    request(log, NOON - 4.4 * MINUTE, 4.0)
    request(log, NOON - 2.5 * MINUTE, 1.0, status=500)
    return book


async def test_a_service_that_was_used_has_its_numbers_minute_by_minute() -> None:
    async with measured(used_service(), Faults()) as source:
        metrics = await source.read(NAME)

    assert metrics.fetched_at == NOW
    assert metrics.requests.values[-6:] == (None, 2.0, None, 1.0, None, None)
    assert metrics.failures.values[-6:] == (None, 0.0, None, 1.0, None, None)
    assert metrics.median_latency.values[-5] == pytest.approx(3.0)
    assert metrics.slow_latency.values[-5] == pytest.approx(3.9)
    assert metrics.active.values[-6:] == (0.0, 1.0, 0.0, 1.0, 0.0, 0.0)
    assert metrics.idle.values[-6:] == (1.0, 0.0, 1.0, 0.0, 1.0, 1.0)
    assert metrics.instances == Reading(1.0, NOON)
    assert metrics.startup.latest == Reading(pytest.approx(4.0), NOON - 5 * MINUTE)
    assert metrics.billable.total == pytest.approx(11.0)
    assert [(each.revision, each.requests.total) for each in metrics.revisions] == [("r-1", 3.0)]
    assert metrics.measured_at == NOON


async def test_nothing_measured_is_nothing_and_not_zero() -> None:
    async with measured(LogBook(), Faults()) as source:
        metrics = await source.read(NAME)

    assert set(metrics.requests.values) == {None}
    assert metrics.instances is None
    assert metrics.measured_at is None


async def test_other_services_are_left_out() -> None:
    async with measured(used_service(), Faults()) as source:
        for other in (
            ServiceName("sandbox", "local-1", "other"),
            ServiceName("sandbox", "local-2", "zimage"),
        ):
            assert (await source.read(other)).measured_at is None


async def test_who_may_not_look_is_told_the_role_it_takes() -> None:
    async with measured(LogBook(), Faults([Fault.METRICS_DENIED])) as source:
        with pytest.raises(Denied, match=r"roles/monitoring\.viewer") as denied:
            await source.read(NAME)
    assert denied.value.permission == "monitoring.timeSeries.list"


async def test_metrics_come_back_by_themselves() -> None:
    faults = Faults([Fault.METRICS_UNAVAILABLE])
    async with measured(used_service(), faults) as source:
        with pytest.raises(Offline, match=r"monitoring\.googleapis\.com is out of reach"):
            await source.read(NAME)
        faults.end(Fault.METRICS_UNAVAILABLE)
        assert (await source.read(NAME)).requests.total == 3.0
