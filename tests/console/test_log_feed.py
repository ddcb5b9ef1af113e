from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from console.log_feed import LogFeed
from console.model.logs import LogQuery, LogRecord, Provenance, Severity
from console.model.service import ServiceName
from console.model.text import SafeText
from console.sources.base import Offline

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAME = ServiceName("sandbox", "local-1", "zimage")
PATIENCE = 30.0


def line(number: int) -> LogRecord:
    where = Provenance(insert_id=SafeText(f"id{number}"))
    moment = NOON + timedelta(seconds=number)
    return LogRecord(moment, Severity.INFO, SafeText(str(number)), provenance=where)


class BreakingLog:
    """A log of `total` lines whose tail breaks after every second one and misses one meanwhile."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.written = 2
        self.asked: list[datetime] = []

    async def list(
        self, name: ServiceName, query: LogQuery, since: datetime, limit: int
    ) -> tuple[LogRecord, ...]:
        self.asked.append(since)
        known = [line(number) for number in range(self.written)]
        return tuple(each for each in known if each.time >= since)[-limit:]

    async def tail(self, name: ServiceName, query: LogQuery) -> AsyncGenerator[LogRecord, None]:
        for _ in range(2):
            if self.written == self.total:
                await asyncio.Event().wait()
            self.written += 1
            yield line(self.written - 1)
        self.written = min(self.total, self.written + 1)
        raise Offline(SafeText("the stream broke"))


@asynccontextmanager
async def following(
    log: BreakingLog, delivered: list[str], trouble: list[str | None]
) -> AsyncIterator[asyncio.Event]:
    all_there = asyncio.Event()

    def deliver(record: LogRecord) -> None:
        delivered.append(record.message)
        if len(delivered) == log.total:
            all_there.set()

    feed = LogFeed(log, NAME, deliver, trouble.append, lambda: NOON, lambda: 0.0, 0.001)
    task = asyncio.create_task(feed.run())
    try:
        yield all_there
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_tail_that_breaks_again_and_again_loses_nothing_and_doubles_nothing() -> None:
    delivered: list[str] = []
    trouble: list[str | None] = []
    log = BreakingLog(8)
    async with following(log, delivered, trouble) as all_there, asyncio.timeout(PATIENCE):
        await all_there.wait()
    assert sorted(delivered, key=int) == [str(number) for number in range(8)]
    assert delivered[:2] == ["0", "1"]
    assert "the stream broke" in trouble
    assert log.asked[0] == NOON - timedelta(hours=1)
