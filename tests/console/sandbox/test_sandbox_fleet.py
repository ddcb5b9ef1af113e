"""How many instances there are, and which of them takes a request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from running_session import PATIENCE, SCRIPTED, child

from console.sandbox.instances.fleet import NONE, Fleet, NoInstance, Scale
from console.sandbox.instances.instance import Plan
from console.sandbox.instances.launch import Launch
from console.sandbox.instances.probe import StartupProbe
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.log_filter import compiled
from console.sandbox.logs.platform_log import PlatformLog
from console.sandbox.run.demo_service import DEMO

# It is there for requests, and does not end when it is told to.
DEAF = """
import json, os, signal, socket
signal.signal(signal.SIGTERM, signal.SIG_IGN)
port = socket.create_server(("127.0.0.1", 0))
print(json.dumps({"event": "port_open", "port": port.getsockname()[1]}), flush=True)
while True:
    signal.pause()
"""
PROBE = StartupProbe(port=7860, is_default=True)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def fleet(
    scale: Scale, concurrency: int = 1, idle_seconds: float = 3_600.0, command: list[str] = SCRIPTED
) -> AsyncIterator[tuple[Fleet, LogBook]]:
    book = LogBook()
    numbers = iter(range(1_000))
    plan = Plan(
        revision="rev",
        container="main",
        launch=lambda failed_before: Launch(command=command, probe=PROBE),
        environment={},
        probe=PROBE,
        memory_limit=lambda: None,
        concurrency=concurrency,
        timeout=60.0,
        idle_seconds=idle_seconds,
    )
    log = PlatformLog(book, DEMO, lambda: NOW, lambda: "id")
    instances = Fleet(plan, scale, log, lambda: f"instance-{next(numbers)}")
    try:
        async with asyncio.timeout(PATIENCE):
            yield instances, book
    finally:
        await instances.close()


def children() -> set[int]:
    """The processes that this one started, ended or not, of whose end it has not heard."""
    listed = Path("/proc/self/task").glob("*/children")
    return {int(number) for each in listed for number in each.read_text().split()}


def starts(book: LogBook) -> int:
    found = book.select(compiled('textPayload:"Starting new instance"'), None, newest_first=False)
    return len(list(found))


async def test_requests_beyond_the_concurrency_start_another_instance() -> None:
    async with fleet(Scale(0, 2)) as (instances, _), AsyncExitStack() as requests:
        lent = [await requests.enter_async_context(instances.instance()) for _ in range(2)]
        assert lent[0].id != lent[1].id
        assert instances.serving == 2


async def test_requests_within_the_concurrency_share_an_instance() -> None:
    async with (
        fleet(Scale(0, 2), concurrency=2) as (instances, _),
        instances.instance() as first,
        instances.instance() as second,
    ):
        assert first is second


async def test_a_request_for_which_there_is_no_room_is_turned_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("console.sandbox.instances.fleet.QUEUE_SECONDS", 0.01)
    async with fleet(Scale(0, 1)) as (instances, _), instances.instance():
        with pytest.raises(NoInstance, match="no available instance") as refused:
            async with instances.instance():
                pass
        assert refused.value.status == 429


async def test_a_request_waits_for_room() -> None:
    async with fleet(Scale(0, 1)) as (instances, _):
        async with AsyncExitStack() as busy:
            first = await busy.enter_async_context(instances.instance())
            waiting = asyncio.create_task(instances.instance().__aenter__())
            await asyncio.sleep(0)
        assert await waiting is first


async def test_the_least_are_kept_when_the_others_end() -> None:
    async with fleet(Scale(1, 2), idle_seconds=0.0) as (instances, book):
        await instances.filled()
        async with instances.instance(), instances.instance():
            lent = instances.instances
            assert len(lent) == 2
        endings = {asyncio.create_task(each.ended()) for each in lent}
        _, kept = await asyncio.wait(endings, return_when=asyncio.FIRST_COMPLETED)
        assert (len(kept), len(instances.instances)) == (1, 1)
        assert starts(book) == 2
        for each in kept:
            each.cancel()


async def test_a_higher_least_starts_more_at_once() -> None:
    async with fleet(Scale(0, 2)) as (instances, _):
        instances.rescale(Scale(2, 2))
        await instances.filled()
        assert instances.serving == 2


async def test_by_hand_there_are_exactly_so_many() -> None:
    async with fleet(Scale(0, 9, 1)) as (instances, _):
        await instances.filled()
        async with instances.instance():
            waiting = asyncio.create_task(instances.instance().__aenter__())
            await asyncio.sleep(0)
            assert len(instances.instances) == 1
            waiting.cancel()


async def test_no_more_are_wanted_and_the_idle_end_at_once() -> None:
    async with fleet(Scale(1, 1)) as (instances, _):
        await instances.filled()
        (idle,) = instances.instances
        instances.rescale(NONE)
        await idle.ended()
        assert instances.instances == ()


async def test_one_that_still_starts_ends_too_when_none_is_wanted() -> None:
    silent = child("import time; time.sleep(60)")
    async with fleet(Scale(1, 1), command=silent) as (instances, book):
        instances.rescale(Scale(1, 1))
        (starting,) = instances.instances
        instances.rescale(NONE)
        await starting.settled.wait()
        assert instances.instances == ()
        said = compiled('textPayload:"probe failed"')
        assert list(book.select(said, None, newest_first=False)) == []


async def test_closing_that_was_broken_off_is_done_by_who_closes_next() -> None:
    before = children()
    async with fleet(Scale(1, 1), command=child(DEAF)) as (instances, _):
        await instances.filled()
        started = children() - before
        first = asyncio.create_task(instances.close())
        await asyncio.sleep(0.05)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await instances.close()
        assert len(started) == 1
        assert not started & children()


async def test_a_check_says_what_the_platform_says_of_a_failed_start() -> None:
    async with fleet(Scale(0, 1), command=child("raise SystemExit(3)")) as (instances, _):
        assert "listen on the port defined provided by the PORT=7860" in await instances.checked()


async def test_a_check_is_content_with_an_instance_that_serves() -> None:
    async with fleet(Scale(1, 1)) as (instances, book):
        await instances.filled()
        assert await instances.checked() == ""
        assert starts(book) == 1
