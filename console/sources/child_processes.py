"""The end of a process that was started by asyncio, in a session of its own."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import Process
from contextlib import suppress
from typing import Final

_LAST_SECONDS: Final = 5.0
_PIECE: Final = 64 * 1024


def signal_all(process: Process, number: signal.Signals) -> None:
    """Send a signal to a process and whatever it started, as far as they are there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


async def ended(process: Process, within: float = _LAST_SECONDS) -> None:
    """Wait for the end of a process that was told to end, `within` so many seconds.

    What it says meanwhile is read and dropped: asyncio sees no end of a process while one of its
    pipes is full.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            for stream in (process.stdout, process.stderr):
                await _read_to_the_end(stream)
            await process.wait()


async def killed(process: Process, within: float = _LAST_SECONDS) -> None:
    """End a process and whatever it started, at once; nothing is left of it in the loop then.

    Its end is waited for `within` so many seconds. A pipe that somebody has who got away, and
    one of a wait that was broken off, is closed here: its loop may not be there any more when
    Python finds it open.
    """
    signal_all(process, signal.SIGKILL)
    try:
        await ended(process, within)
    finally:
        let_go(process)


async def seen_off(process: Process) -> None:
    """Let go of a process that has ended, and kill one that has not."""
    if process.returncode is None:
        await killed(process)
    else:
        let_go(process)


def let_go(process: Process) -> None:
    """Close the pipes of a process, even those that others have too."""
    # asyncio has no other way to that.
    process._transport.close()  # type: ignore[attr-defined]


async def _read_to_the_end(stream: asyncio.StreamReader | None) -> None:
    # Where somebody else waits for what comes, it is not full.
    with suppress(RuntimeError):
        while stream is not None and await stream.read(_PIECE):
            pass
