"""The end of a process is seen, however much it says and whatever it started."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import warnings
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest

from console.sandbox.instances.container import Container
from console.sources.base import EngineFailed
from console.sources.child_processes import ended, killed, signal_all
from console.sources.local_engine import LocalEngine
from console.sources.programs import ask
from console.sources.sandbox_process import SandboxProcess

FLOOD = ["/bin/cat", "/dev/zero"]
PATIENCE = 30.0
# It hears nobody, and says so in the words of a sandbox.
DEAF = """
import json, os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
here = "127.0.0.1:1"
print(json.dumps({"run": here, "logging": here, "http": here}), flush=True)
while True:
    signal.pause()
"""
Stop = Callable[[], Awaitable[object]]


async def deaf_engine() -> tuple[Stop, int]:
    heard = asyncio.Event()
    engine = await LocalEngine.start(
        [sys.executable, "-c", DEAF], os.environ, lambda _: heard.set(), lambda: datetime.now(UTC)
    )
    await heard.wait()
    return engine.stop, engine.pid


async def deaf_container() -> tuple[Stop, int]:
    heard = asyncio.Event()
    container = await Container.start(
        [sys.executable, "-c", DEAF], os.environ, lambda *_: heard.set()
    )
    await heard.wait()
    return container.stop, container.process


async def deaf_sandbox() -> tuple[Stop, int]:
    sandbox = await SandboxProcess.start([sys.executable, "-c", DEAF], os.environ)
    return sandbox.stop, sandbox.pid


async def started(*command: str) -> Process:
    """A process whose pipes are full by now, if it says enough."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=PIPE, stderr=PIPE, start_new_session=True
    )
    await asyncio.sleep(0.2)
    return process


async def test_the_end_of_one_that_floods_is_seen() -> None:
    process = await started(*FLOOD)
    signal_all(process, signal.SIGTERM)
    async with asyncio.timeout(PATIENCE):
        await ended(process, within=2 * PATIENCE)
    assert process.returncode == -signal.SIGTERM


async def test_what_it_started_ends_with_it() -> None:
    process = await started("/bin/sh", "-c", "sleep 600 & wait")
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE):
        await killed(process)
    assert process.returncode == -signal.SIGKILL
    # Whoever has the pipe for its output is gone as well.
    assert process.stdout.at_eof()


async def test_one_that_does_not_end_is_not_waited_for_without_an_end() -> None:
    process = await started("/bin/sh", "-c", "trap '' TERM; while :; do sleep 0.05; done")
    signal_all(process, signal.SIGTERM)
    await ended(process, within=0.1)
    assert process.returncode is None
    await killed(process)
    assert process.returncode == -signal.SIGKILL


async def test_a_pipe_that_was_taken_away_is_let_go() -> None:
    process = await started("/bin/sh", "-c", "setsid sleep 600 & echo $!")
    assert process.stdout is not None
    thief = int(await process.stdout.readline())
    try:
        await killed(process, within=0.1)
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.read() == b""
    finally:
        os.kill(thief, signal.SIGKILL)


@pytest.mark.parametrize("start", [deaf_engine, deaf_container, deaf_sandbox])
async def test_where_a_stop_is_broken_off_the_end_is_seen_all_the_same(
    start: Callable[[], Awaitable[tuple[Stop, int]]],
) -> None:
    async with asyncio.timeout(PATIENCE):
        stop, number = await start()
        stopping = asyncio.ensure_future(stop())
        await asyncio.sleep(0.05)
        stopping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopping
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


@pytest.mark.parametrize("start", [deaf_engine, deaf_container])
def test_a_loop_that_ends_takes_what_nobody_stopped_with_it(
    start: Callable[[], Awaitable[tuple[Stop, int]]],
) -> None:
    async def begun() -> int:
        _, number = await start()
        return number

    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        number = asyncio.run(begun())
        gc.collect()
    assert [str(each.message) for each in said] == []
    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_a_program_that_floods_is_told_of(stream: str) -> None:
    command = FLOOD if stream == "stdout" else ["/bin/sh", "-c", "exec cat /dev/zero >&2"]
    async with asyncio.timeout(PATIENCE):
        for _ in range(5):
            with pytest.raises(EngineFailed, match="says more than"):
                await ask(command, os.environ, 2 * PATIENCE)
