from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from cloud_scenes import NOW
from log_scenes import line

from console.model.log.lines import LogQuery, LogRecord
from console.model.log.query import EVERYTHING, Query
from console.model.log.store import LogStore
from console.screens.older_lines import KEPT, PAGE, OlderLines
from console.sources.base import Throttled
from console.terminal.sanitise import sanitise


class Archive:
    """A log that reaches far back, read into `logs` as a session does."""

    def __init__(self, logs: LogStore, *lines: LogRecord) -> None:
        self.lines = sorted(lines, key=lambda each: each.time)
        self.logs = logs
        self.asked: list[tuple[LogQuery, datetime]] = []
        self.log_begins: datetime | None = None
        self.refusal: Exception | None = None

    async def search_log(
        self, query: LogQuery, since: datetime, limit: int
    ) -> tuple[LogRecord, ...]:
        self.asked.append((query, since))
        await asyncio.sleep(0)
        if self.refusal is not None:
            raise self.refusal
        assert query.until is not None
        found = [
            each
            for each in self.lines
            if since <= each.time < query.until and query.text in each.message
        ][-limit:]
        known = {(each.time, each.message) for each in self.logs}
        self.logs.add_all(each for each in found if (each.time, each.message) not in known)
        return tuple(found)


def opened(*old: LogRecord, logs: LogStore | None = None) -> tuple[OlderLines, Archive]:
    """A log that begins with one line at two past twelve, and what there is from before."""
    logs = LogStore() if logs is None else logs
    logs.add(line(0, "first"))
    return OlderLines(logs, lambda: NOW), Archive(logs, *old)


def minutely(count: int) -> list[LogRecord]:
    return [line(-60 * number, f"old {number}") for number in range(1, count + 1)]


async def test_the_latest_page_of_before_is_read_and_then_the_next() -> None:
    older, archive = opened(*minutely(PAGE + 5))
    await older.read(archive, EVERYTHING)
    assert len(archive.logs) == PAGE + 1
    assert older.begins(EVERYTHING) == archive.logs.between(None, None)[0].time
    assert "home reads on" in older.said
    await older.read(archive, EVERYTHING)
    assert len(archive.logs) == PAGE + 6
    assert older.begins(EVERYTHING) == NOW - KEPT


async def test_at_the_end_nothing_more_is_asked_for() -> None:
    older, archive = opened()
    await older.read(archive, EVERYTHING)
    await older.read(archive, EVERYTHING)
    assert len(archive.asked) == 1
    assert older.said == "nothing older since 2026-10-24 12:05 UTC"


async def test_lines_of_the_moment_at_which_a_page_ends_are_not_lost() -> None:
    same = [line(-60, f"old {number}") for number in range(PAGE + 3)]
    older, archive = opened(*same)
    await older.read(archive, EVERYTHING)
    query, _ = archive.asked[0]
    assert query.until is not None
    await older.read(archive, EVERYTHING)
    second, _ = archive.asked[1]
    assert second.until is not None
    assert second.until > same[0].time


async def test_what_is_read_for_one_query_is_hidden_from_another() -> None:
    older, archive = opened(line(-500, "cuda"), line(-400, "other"))
    query = Query.parse("cuda")
    await older.read(archive, query)
    assert [each.message for each in archive.logs] == ["cuda", "first"]
    assert older.begins(EVERYTHING) == line(0, "").time
    assert older.begins(query) == NOW - KEPT


async def test_a_span_of_time_is_read_to_its_beginning() -> None:
    older, archive = opened(*minutely(200))
    query = Query.parse("since=1h")
    assert older.misses(archive, query)
    await older.read(archive, query)
    assert archive.asked[0][1] == NOW - timedelta(hours=1)
    assert not older.misses(archive, query)


async def test_what_the_session_has_read_by_itself_is_not_asked_for() -> None:
    older, archive = opened()
    archive.log_begins = NOW - timedelta(hours=1)
    assert not older.misses(archive, Query.parse("since=1h"))
    assert older.misses(archive, Query.parse("since=6h"))


async def test_a_refusal_is_said_and_what_is_known_stays() -> None:
    older, archive = opened()
    archive.refusal = Throttled(sanitise("too many reads of logs"))
    await older.read(archive, EVERYTHING)
    assert older.said == "too many reads of logs"
    assert not older.reading
    archive.refusal = None
    await older.read(archive, EVERYTHING)
    assert older.begins(EVERYTHING) == NOW - KEPT


async def test_one_page_is_read_at_a_time() -> None:
    older, archive = opened(*minutely(3))
    await asyncio.gather(*(older.read(archive, EVERYTHING) for _ in range(3)))
    assert len(archive.asked) == 1


@pytest.mark.parametrize("query", [EVERYTHING, Query.parse("since=1h")])
async def test_an_engine_on_this_machine_has_nothing_older(query: Query) -> None:
    older, _ = opened()
    assert not older.misses(object(), query)
    await older.read(object(), query)
    assert older.said == "the log begins here"


async def test_a_full_store_takes_nothing_older() -> None:
    logs = LogStore(capacity=4, chunk=2)
    logs.add_all(line(second, "late") for second in range(1, 6))
    older, archive = opened(logs=logs)
    await older.read(archive, EVERYTHING)
    assert "find no room" in older.said
    assert not archive.asked
