import asyncio
from contextlib import aclosing
from datetime import timedelta

import grpc
import pytest
from google.cloud.logging_v2.types import LogEntry, TailLogEntriesResponse
from scripted_google import NOON, Refusal, ScriptedGoogle, serving

from console.model.log.lines import LogQuery, LogRecord, Origin, Severity
from console.model.service import ServiceName
from console.sources.base import Denied, Offline
from console.sources.google_channel import GoogleCloud

NAME = ServiceName("my-project", "us-central1", "z-image")
EVERYTHING = LogQuery()


def line(number: int) -> LogEntry:
    return LogEntry(
        log_name="projects/my-project/logs/run.googleapis.com%2Fstdout",
        timestamp=NOON + timedelta(seconds=number),
        insert_id=f"id-{number}",
        text_payload=f"line {number}",
    )


def messages(records: tuple[LogRecord, ...]) -> list[str]:
    return [record.message for record in records]


async def first(count: int, cloud: GoogleCloud) -> list[LogRecord]:
    taken: list[LogRecord] = []
    async with aclosing(cloud.logs.tail(NAME, EVERYTHING)) as lines:
        async for record in lines:
            taken.append(record)
            if len(taken) == count:
                break
    return taken


async def test_lines_come_oldest_first_over_all_pages() -> None:
    async with serving(ScriptedGoogle(entries=[line(n) for n in range(5)])) as cloud:
        records = await cloud.logs.list(NAME, EVERYTHING, NOON, 100)

    assert messages(records) == ["line 0", "line 1", "line 2", "line 3", "line 4"]
    assert records[0].time == NOON


async def test_the_latest_lines_are_those_that_a_limit_leaves() -> None:
    google = ScriptedGoogle(entries=[line(n) for n in range(5)])
    async with serving(google) as cloud:
        assert messages(await cloud.logs.list(NAME, EVERYTHING, NOON, 3)) == [
            "line 2",
            "line 3",
            "line 4",
        ]
        assert await cloud.logs.list(NAME, EVERYTHING, NOON, 0) == ()

    assert len(google.asked) == 2


async def test_the_first_lines_are_left_where_they_are_asked_for() -> None:
    google = ScriptedGoogle(entries=[line(n) for n in range(5)])
    async with serving(google) as cloud:
        found = await cloud.logs.list(NAME, LogQuery(oldest_first=True), NOON, 3)
    assert messages(found) == ["line 0", "line 1", "line 2"]
    assert len(google.asked) == 2


async def test_a_list_asks_for_the_project_and_the_newest_first() -> None:
    google = ScriptedGoogle()
    async with serving(google) as cloud:
        await cloud.logs.list(NAME, LogQuery(severity=Severity.ERROR), NOON, 100)

    (asked,) = google.asked
    assert list(asked.resource_names) == ["projects/my-project"]
    assert asked.order_by == "timestamp desc"
    assert 'resource.labels.service_name="z-image"' in asked.filter
    assert 'timestamp>="2026-11-24T12:00:00.000000Z"' in asked.filter
    assert "severity>=ERROR" in asked.filter


async def test_a_tail_delivers_lines_as_they_are_written() -> None:
    google = ScriptedGoogle()
    google.tail.put_nowait(TailLogEntriesResponse(entries=[line(1), line(2)]))
    google.tail.put_nowait(TailLogEntriesResponse(entries=[line(3)]))
    async with serving(google) as cloud:
        records = await first(3, cloud)

    assert messages(tuple(records)) == ["line 1", "line 2", "line 3"]
    assert list(google.asked[0].resource_names) == ["projects/my-project"]


async def test_leaving_a_tail_ends_the_stream() -> None:
    google = ScriptedGoogle()
    google.tail.put_nowait(TailLogEntriesResponse(entries=[line(1)]))
    async with serving(google) as cloud:
        await first(1, cloud)
        await google.left.wait()


async def test_lines_that_were_left_out_are_said() -> None:
    google = ScriptedGoogle()
    suppressed = {"reason": 1, "suppressed_count": 1234}
    google.tail.put_nowait(TailLogEntriesResponse(suppression_info=[suppressed]))
    async with serving(google) as cloud:
        (said,) = await first(1, cloud)

    assert said.message == (
        "Cloud Logging left out 1,234 lines: more was written than it passes on"
    )
    assert (said.severity, said.time) == (Severity.WARNING, NOON)
    assert said.provenance.origin is Origin.CONSOLE


async def test_a_tail_that_breaks_says_so_after_its_lines() -> None:
    google = ScriptedGoogle()
    google.tail.put_nowait(TailLogEntriesResponse(entries=[line(1)]))
    google.tail.put_nowait(Refusal(grpc.StatusCode.UNAVAILABLE, "gone"))
    async with serving(google) as cloud:
        lines = cloud.logs.tail(NAME, EVERYTHING)
        assert (await anext(lines)).message == "line 1"
        with pytest.raises(Offline, match="cannot follow logs of"):
            await anext(lines)


async def test_a_tail_that_ends_by_itself_is_broken_too() -> None:
    google = ScriptedGoogle()
    google.tail.put_nowait(None)
    async with serving(google) as cloud:
        with pytest.raises(Offline, match="the stream ended"):
            await anext(cloud.logs.tail(NAME, EVERYTHING))


async def test_a_tail_is_broken_when_the_connection_is_closed() -> None:
    google = ScriptedGoogle()
    async with serving(google) as cloud:
        following = asyncio.create_task(anext(cloud.logs.tail(NAME, EVERYTHING)))
        await google.followed.wait()
        await cloud.aclose()
        with pytest.raises(Offline, match="the stream ended"):
            await following


async def test_a_tail_that_is_cancelled_stays_cancelled() -> None:
    google = ScriptedGoogle()
    async with serving(google) as cloud:
        following = asyncio.create_task(anext(cloud.logs.tail(NAME, EVERYTHING)))
        await google.followed.wait()
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following


async def test_who_may_not_follow_is_told_what_it_takes() -> None:
    google = ScriptedGoogle(refusal=Refusal(grpc.StatusCode.PERMISSION_DENIED, "no"))
    async with serving(google) as cloud:
        with pytest.raises(Denied) as denied:
            await anext(cloud.logs.tail(NAME, EVERYTHING))

    assert denied.value.role == "roles/logging.viewer"
