"""Work in a thread with a line that says how far it is, ended or left to itself."""

from __future__ import annotations

import asyncio
import gc
import io
import threading
from collections.abc import Mapping

import pytest

from console.verbs.status_line import StatusLine
from console.verbs.watched_work import watched


def quiet_line() -> StatusLine:
    return StatusLine(io.StringIO(), live=False)


async def test_what_work_returns_or_raises_is_ones_own() -> None:
    assert await watched(lambda: 42, "work", quiet_line(), str) == 42

    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await watched(fail, "work", quiet_line(), str)


async def test_whoever_is_interrupted_hears_no_more_of_it() -> None:
    told: list[Mapping[str, object]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: told.append(context))
    begun, ended = threading.Event(), threading.Event()
    threads: list[threading.Thread] = []

    def work() -> None:
        threads.append(threading.current_thread())
        begun.set()
        assert ended.wait(30)
        raise RuntimeError("stopped")

    waiting = asyncio.ensure_future(watched(work, "work", quiet_line(), str))
    await asyncio.to_thread(begun.wait, 30)
    ended.set()
    await asyncio.to_thread(threads[0].join, 30)
    waiting.cancel()
    with pytest.raises((asyncio.CancelledError, RuntimeError)):
        await waiting
    del waiting
    await asyncio.sleep(0)
    gc.collect()

    assert told == []


async def test_the_line_says_how_far_it_is_and_is_gone_in_the_end() -> None:
    stream = io.StringIO()
    said = threading.Event()

    def text() -> str:
        said.set()
        return "half"

    line = StatusLine(stream, live=True)
    assert await watched(lambda: said.wait(30), "work", line, text)
    assert stream.getvalue() == "\r\x1b[Khalf\r\x1b[K"
