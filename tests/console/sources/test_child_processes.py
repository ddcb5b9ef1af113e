"""The end of a process is seen, however much it says and whatever it started."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process

import pytest

from console.sources.base import EngineFailed
from console.sources.child_processes import ended, killed, signal_all
from console.sources.programs import ask

FLOOD = ["/bin/cat", "/dev/zero"]
PATIENCE = 30.0


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


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_a_program_that_floods_is_told_of(stream: str) -> None:
    command = FLOOD if stream == "stdout" else ["/bin/sh", "-c", "exec cat /dev/zero >&2"]
    async with asyncio.timeout(PATIENCE):
        for _ in range(5):
            with pytest.raises(EngineFailed, match="says more than"):
                await ask(command, os.environ, 2 * PATIENCE)
