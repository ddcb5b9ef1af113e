"""A sandbox that lives in another month than this machine: all that it says is of that month."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc.aio
import httpx
from google.cloud import monitoring_v3, run_v2
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2AsyncClient
from google.cloud.logging_v2.types import ListLogEntriesRequest, LogEntry, WriteLogEntriesRequest
from google.cloud.monitoring_v3.services.metric_service import MetricServiceAsyncClient
from running_session import PATIENCE, SCRIPTED

from console.sandbox.cloud import DEMO, Sandbox
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.log_filter import compiled
from console.sandbox.logs.platform_log import STDOUT, PlatformLog

PROJECT = f"projects/{DEMO.project}"
MARCH = datetime(2031, 3, 14, 15, 9, 26, tzinfo=UTC)
DAY = timedelta(days=1)


class Calendar:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = MARCH

    def __call__(self) -> datetime:
        return self.now


def asked(channel: grpc.aio.Channel, kind: type) -> object:
    return kind(transport=kind.get_transport_class("grpc_asyncio")(channel=channel))


async def entries(logging: LoggingServiceV2AsyncClient) -> list[LogEntry]:
    request = ListLogEntriesRequest(resource_names=[PROJECT], page_size=1_000)
    return [each async for each in await logging.list_log_entries(request)]


async def requests_counted(metrics: MetricServiceAsyncClient, end: datetime) -> list[datetime]:
    """Return the minutes within a day of `end` in which requests were answered."""
    interval = monitoring_v3.TimeInterval(start_time=end - DAY, end_time=end)
    found = await metrics.list_time_series(
        name=PROJECT,
        filter='metric.type="run.googleapis.com/request_count"',
        interval=interval,
    )
    return [
        datetime.fromisoformat(point.interval.end_time.isoformat())
        async for series in found
        for point in series.points
    ]


async def test_lines_requests_objects_services_and_metrics_are_of_the_time_that_it_is_given(
    tmp_path: Path,
) -> None:
    clock = Calendar()
    environment = {key: value for key, value in os.environ.items() if key[:7] != "ZIMAGE_"}
    sandbox = Sandbox(tmp_path, environment=environment, engine_command=SCRIPTED, clock=clock)
    async with (
        sandbox,
        grpc.aio.insecure_channel(sandbox.endpoints.run) as channel,
        httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as http,
    ):
        answer = await http.get(sandbox.service_url(DEMO.service) + "/healthz")
        assert answer.status_code == 200
        logging = asked(channel, LoggingServiceV2AsyncClient)
        line = LogEntry(log_name=f"{PROJECT}/logs/mine", text_payload="by hand")
        await logging.write_log_entries(WriteLogEntriesRequest(entries=[line]))
        said = await entries(logging)
        assert len(said) > 4
        for each in said:
            # The engine reads this machine's clock, and may have begun a little before.
            assert abs(each.timestamp - MARCH) < timedelta(minutes=1), each
            assert each.receive_timestamp == MARCH

        service = await asked(channel, run_v2.ServicesAsyncClient).get_service(name=DEMO.resource)
        assert service.create_time == MARCH
        listed = await http.get(
            f"http://{sandbox.endpoints.http}/storage/v1/b/sandbox-z-image-models/o"
        )
        made = {each["timeCreated"] for each in listed.json()["items"]}
        assert {datetime.fromisoformat(each) for each in made} == {MARCH}

        clock.now = MARCH + timedelta(minutes=5)
        (minute,) = await requests_counted(asked(channel, MetricServiceAsyncClient), clock.now)
        assert MARCH <= minute <= clock.now


def test_what_a_container_says_keeps_its_distance_to_the_moment_at_which_it_is_heard() -> None:
    here = datetime(2026, 1, 1, 12, 0, 5, tzinfo=UTC)
    book = LogBook()
    log = PlatformLog(book, DEMO, lambda: MARCH, lambda: "id", lambda: here)
    log.output("rev", "instance", b'{"time": "2026-01-01T12:00:03Z", "event": "ready"}', STDOUT)
    (entry,) = book.select(compiled(""), None, newest_first=False)
    assert entry["timestamp"] == "2031-03-14T15:09:24.000000Z"
