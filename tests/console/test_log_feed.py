from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from console.model.log.gaps import DISORDER
from console.model.log.lines import LogQuery, LogRecord, Origin, Provenance, Severity
from console.model.service import ServiceName
from console.model.text import SafeText
from console.session import log_feed
from console.session.log_feed import LogFeed
from console.sources.base import LINES_LEFT_OUT, Denied, Offline, SourceError, Throttled

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAME = ServiceName("sandbox", "local-1", "zimage")
PATIENCE = 30.0


def line(number: int, late: float = 0.0) -> LogRecord:
    where = Provenance(insert_id=SafeText(f"id{number}"))
    moment = NOON + timedelta(seconds=number)
    received = moment + timedelta(seconds=late)
    return LogRecord(
        moment, Severity.INFO, SafeText(str(number)), provenance=where, received=received
    )


def left_out(count: int) -> LogRecord:
    console = Provenance(origin=Origin.CONSOLE)
    said = SafeText(f"{count} lines left out")
    return LogRecord(NOON, Severity.WARNING, said, LINES_LEFT_OUT, provenance=console)


@dataclass
class ScriptedLog:
    """Lists what is `written`; its tails tell `tails` one after the other, an error breaks one."""

    written: list[LogRecord] = field(default_factory=list)
    tails: list[list[LogRecord | SourceError]] = field(default_factory=list)
    refusals: list[SourceError] = field(default_factory=list)
    asked: list[tuple[LogQuery, datetime]] = field(default_factory=list)
    opened: int = 0
    on_list: Callable[[], None] = lambda: None

    async def list(
        self, name: ServiceName, query: LogQuery, since: datetime, limit: int
    ) -> tuple[LogRecord, ...]:
        self.asked.append((query, since))
        self.on_list()
        if self.refusals:
            raise self.refusals.pop(0)
        first, last = query.received_from or since, query.received_until
        found = sorted(
            (
                each
                for each in self.written
                if each.time >= since
                and each.received is not None
                and each.received >= first
                and (last is None or each.received <= last)
            ),
            key=lambda each: each.time,
        )
        return tuple(found[-limit:])

    async def tail(self, name: ServiceName, query: LogQuery) -> AsyncGenerator[LogRecord, None]:
        self.opened += 1
        for told in self.tails.pop(0) if self.tails else []:
            if isinstance(told, SourceError):
                raise told
            yield told
        await asyncio.Event().wait()


@dataclass
class Heard:
    """What a feed delivers and says."""

    lines: list[str] = field(default_factory=list)
    trouble: list[str | None] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def deliver(self, record: LogRecord) -> None:
        self.lines.append(record.message)
        self.news.set()

    def say(self, why: SafeText | None) -> None:
        self.trouble.append(None if why is None else str(why))
        self.news.set()

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                self.news.clear()
                await self.news.wait()


@asynccontextmanager
async def following(log: ScriptedLog) -> AsyncIterator[tuple[Heard, LogFeed]]:
    heard = Heard()
    feed = LogFeed(log, NAME, heard.deliver, heard.say, lambda: NOON, lambda: 0.0, 0.001)
    task = asyncio.create_task(feed.run())
    try:
        yield heard, feed
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no list wait for the tail."""
    monkeypatch.setattr(log_feed, "RESUME_SECONDS", 0.01)


def offline(why: str = "the stream broke") -> Offline:
    return Offline(SafeText(why))


async def test_what_was_written_before_comes_first() -> None:
    log = ScriptedLog([line(1), line(2)], [[line(3)]])
    async with following(log) as (heard, _):
        await heard.until(lambda: len(heard.lines) == 3)
    assert heard.lines == ["1", "2", "3"]
    assert log.asked[0] == (LogQuery(), NOON - timedelta(hours=1))
    assert heard.trouble[0] is None


async def test_what_came_while_the_tail_was_broken_is_listed_and_nothing_is_doubled() -> None:
    log = ScriptedLog([line(1)], [[line(2), offline()], [line(5), line(6)]])
    log.on_list = lambda: log.written.extend(
        [line(2), line(3), line(4), line(5)] if len(log.asked) == 2 else []
    )
    async with following(log) as (heard, _):
        await heard.until(lambda: len(heard.lines) == 6)
    assert sorted(heard.lines, key=int) == ["1", "2", "3", "4", "5", "6"]


async def test_a_request_that_took_long_is_found_by_when_its_line_was_received() -> None:
    log = ScriptedLog([line(0)], [[line(3_000), offline()], []])
    log.on_list = lambda: log.written.append(line(60, late=2_945)) if len(log.asked) == 2 else None
    async with following(log) as (heard, _):
        await heard.until(lambda: "60" in heard.lines)


async def test_a_tail_that_breaks_now_and_then_is_no_news() -> None:
    tails: list[list[LogRecord | SourceError]] = [[line(n), offline()] for n in range(9)]
    async with following(ScriptedLog([], tails)) as (heard, _):
        await heard.until(lambda: len(heard.lines) == 9)
    assert set(heard.trouble) == {None}


async def test_a_tail_that_cannot_be_opened_is_said_once_and_lists_take_its_place() -> None:
    log = ScriptedLog([], [[offline(f"no tail, {n}")] for n in range(12)])
    log.on_list = lambda: log.written.append(line(len(log.asked)))
    async with following(log) as (heard, _):
        await heard.until(lambda: "6" in heard.lines and len(heard.trouble) > 1)
    assert heard.trouble == [None, "no tail, 2"]


async def test_a_trouble_is_said_once_however_its_words_change_and_so_is_its_end() -> None:
    refusals: list[SourceError] = [offline(f"no network, {n}") for n in range(4)]
    log = ScriptedLog([line(1)], [[offline()]], refusals)
    async with following(log) as (heard, _):
        await heard.until(lambda: heard.lines == ["1"] and heard.trouble[-1] is None)
    assert heard.trouble == ["no network, 0", None]


async def test_another_kind_of_trouble_is_said_too() -> None:
    refusals: list[SourceError] = [offline("no network"), Denied(SafeText("not allowed"))]
    async with following(ScriptedLog([], [], refusals)) as (heard, _):
        await heard.until(lambda: heard.trouble[-1:] == [None])
    assert heard.trouble == ["no network", "not allowed", None]


async def test_who_is_throttled_asks_again_after_the_time_that_was_said() -> None:
    waits = ScriptedLog([line(1)], [], [Throttled(SafeText("too much"), 0.01)])
    async with following(waits) as (heard, _):
        await heard.until(lambda: heard.lines == ["1"])
    assert heard.trouble == ["too much", None]


async def test_lines_that_the_tail_left_out_are_listed_instead() -> None:
    log = ScriptedLog([line(1)], [[line(2), left_out(3), line(6)]])
    log.on_list = lambda: log.written.extend([line(3), line(4), line(5)] if log.opened else [])
    async with following(log) as (heard, _):
        await heard.until(lambda: len(heard.lines) == 6)
    assert sorted(heard.lines, key=int) == ["1", "2", "3", "4", "5", "6"]


async def test_what_is_too_much_to_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_feed, "GAP_LINES", 3)
    log = ScriptedLog([line(0)], [[line(1), offline()]])
    log.on_list = lambda: log.written.extend(
        [line(n) for n in range(2, 9)] if len(log.asked) == 2 else []
    )
    async with following(log) as (heard, _):
        await heard.until(lambda: "8" in heard.lines)
    said = next(each for each in heard.lines if "not read" in each)
    assert said.startswith("lines between ")
    assert "12:00:06 UTC were not read: more than 3 came at once" in said
    assert heard.lines[-3:] == ["6", "7", "8"]


async def test_the_line_that_says_so_says_exactly_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_feed, "GAP_LINES", 3)
    records: list[LogRecord] = []
    log = ScriptedLog([line(0)], [[line(1), offline()], [line(9)]])
    log.on_list = lambda: log.written.extend(
        [line(n) for n in range(2, 9)] if len(log.asked) == 2 else []
    )
    heard = Heard()

    def deliver(record: LogRecord) -> None:
        records.append(record)
        heard.deliver(record)

    feed = LogFeed(log, NAME, deliver, heard.say, lambda: NOON, lambda: 0.0, 0.001)
    task = asyncio.create_task(feed.run())
    await heard.until(lambda: "8" in heard.lines)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    said = next(each for each in records if each.event == log_feed.LINES_NOT_READ)
    since, until = (datetime.fromisoformat(str(said.fields[at])) for at in ("since", "until"))
    assert since <= NOON + timedelta(seconds=1)
    assert until >= NOON + timedelta(seconds=8)


async def test_it_is_known_until_when_all_was_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_feed, "SETTLED_SECONDS", 0.01)
    log = ScriptedLog([line(1)], [[line(2), offline()], []], [offline("no network")])
    async with following(log) as (heard, feed):
        assert feed.whole_until is None
        await heard.until(lambda: "1" in heard.lines)
        while feed.whole_until != NOON - DISORDER:
            # Lists close the gap of the tail that broke once the next one has been open for long.
            assert feed.whole_until is None or feed.whole_until < NOON + timedelta(seconds=2)
            await asyncio.sleep(0.01)


async def test_lines_of_long_ago_are_searched_for_and_delivered_once() -> None:
    log = ScriptedLog([line(-7_200), line(1)])
    async with following(log) as (heard, feed):
        await heard.until(lambda: heard.lines == ["1"])
        query = LogQuery(severity=Severity.INFO)
        found = await feed.search(query, NOON - timedelta(hours=3), 10)
    assert [record.message for record in found] == ["-7200", "1"]
    assert heard.lines == ["1", "-7200"]


async def test_what_was_too_much_to_begin_with_does_not_come_later() -> None:
    log = ScriptedLog([line(n) for n in range(5)], [[line(5)], []])
    heard = Heard()
    log.on_list = heard.news.set
    feed = LogFeed(
        log, NAME, heard.deliver, heard.say, lambda: NOON, lambda: 0.0, 0.001, backfill_lines=2
    )
    task = asyncio.create_task(feed.run())
    await heard.until(lambda: "5" in heard.lines and len(log.asked) == 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert heard.lines == ["3", "4", "5"]


async def test_only_lines_that_are_asked_for_are_listed_whatever_the_reason() -> None:
    query = LogQuery(severity=Severity.ERROR)
    log = ScriptedLog([line(1)], [[line(2), offline()]])
    heard = Heard()
    log.on_list = heard.news.set
    feed = LogFeed(
        log, NAME, heard.deliver, heard.say, lambda: NOON, lambda: 0.0, 0.001, query=query
    )
    task = asyncio.create_task(feed.run())
    await heard.until(lambda: len(log.asked) >= 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert {asked.severity for asked, _ in log.asked} == {Severity.ERROR}
