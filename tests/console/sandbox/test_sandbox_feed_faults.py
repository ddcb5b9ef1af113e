"""A log is followed through every fault of the sandbox that strikes it, and recovers by itself."""

from __future__ import annotations

import asyncio

import pytest
from open_logging import NAME, Logging, logging_open
from running_session import PATIENCE

from console.model.log.lines import LogRecord
from console.sandbox.faults import Fault
from console.sandbox.moments import utc_now
from console.session.log_feed import LogFeed
from console.sources.base import SourceError


class Heard:
    """What a feed delivers and says, and an event for news."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.trouble: list[str | None] = []
        self.news = asyncio.Event()

    def deliver(self, record: LogRecord) -> None:
        self.lines.append(record.message)
        self.news.set()

    def say(self, why: SourceError | None) -> None:
        self.trouble.append(None if why is None else why.message)
        self.news.set()

    async def all_of(self, total: int) -> None:
        while len(self.lines) < total or (self.trouble and self.trouble[-1] is not None):
            self.news.clear()
            await self.news.wait()


async def through(logging: Logging, fault: Fault) -> Heard:
    """Follow the log while lines are written before, in and after a fault."""
    heard = Heard()
    feed = LogFeed(logging.google.logs, NAME, heard.deliver, heard.say, utc_now, lambda: 0.0, 0.02)
    following = asyncio.create_task(feed.run())
    async with asyncio.timeout(PATIENCE):
        logging.write(range(3))
        await heard.all_of(3)
        logging.faults.begin(fault)
        logging.write(range(3, 6))
        while heard.trouble[-1] is None and fault is not Fault.LOGS_BROKEN:
            heard.news.clear()
            await heard.news.wait()
        logging.write(range(6, 9))
        logging.faults.end(fault)
        logging.write(range(9, 12))
        await heard.all_of(12)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    return heard


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault.LOGS_DENIED, "roles/logging.viewer"),
        (Fault.LOGS_BROKEN, None),
        (Fault.TOKEN_EXPIRED, "gcloud auth application-default login"),
        (Fault.NETWORK_DOWN, "is out of reach"),
    ],
)
async def test_every_line_arrives_once_and_a_trouble_is_said_once(
    fault: Fault, said: str | None
) -> None:
    async with logging_open(break_seconds=0.05) as logging:
        heard = await through(logging, fault)
    assert sorted(heard.lines) == sorted(f"line {number}" for number in range(12))
    troubles = [each for each in heard.trouble if each is not None]
    if said is None:
        assert troubles == []
    else:
        assert len(troubles) == 1
        assert said in troubles[0]


async def test_who_is_throttled_reads_on_by_the_tail() -> None:
    async with logging_open() as logging:
        logging.faults.begin(Fault.LOGS_THROTTLED)
        heard = Heard()
        feed = LogFeed(
            logging.google.logs, NAME, heard.deliver, heard.say, utc_now, lambda: 0.0, 0.02
        )
        following = asyncio.create_task(feed.run())
        async with asyncio.timeout(PATIENCE):
            while not (heard.trouble and logging.book.listeners):  # noqa: ASYNC110 - no event
                await asyncio.sleep(0)
            logging.write(range(3))
            while len(heard.lines) < 3:
                heard.news.clear()
                await heard.news.wait()
            logging.faults.end(Fault.LOGS_THROTTLED)
            await heard.all_of(3)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert sorted(heard.lines) == ["line 0", "line 1", "line 2"]
    assert len([each for each in heard.trouble if each is not None]) == 1
