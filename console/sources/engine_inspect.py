"""What the engine says that the files of a directory are, asked of it in a process of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from console.language import tr
from console.sources.base import EngineFailed
from console.sources.child_processes import seen_off
from console.sources.local_engine import child_environment, death_reason, missing_module
from console.terminal.sanitise import sanitise

PATIENCE_SECONDS: Final = 120.0
"""Headers alone are read, but a disk on a network may be slow."""

_LARGEST: Final = 16 << 20


class EngineAbsent(EngineFailed):
    """There is no engine on this machine; the message says how to get it."""


def inspect_command(directory: Path) -> list[str]:
    """Return the command that says what is in a directory.

    `-P` keeps a directory that happens to be called `engine` from being run in its place.
    """
    return [sys.executable, "-P", "-m", "engine", "inspect", "--json", "--", str(directory)]


async def inspected(directory: Path, environment: Mapping[str, str]) -> Mapping[str, object]:
    """Return the engine's document about a directory; raises `EngineFailed` with why there is none.

    Source: `python -m engine inspect --help`.
    """
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *inspect_command(directory),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            env=child_environment(environment, ""),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise EngineFailed(
            sanitise(tr("the engine process cannot be started: {error}", error=error))
        ) from None
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            output, errors = await process.communicate()
    except TimeoutError:
        raise EngineFailed(
            sanitise(
                tr(
                    "the engine did not say within {seconds:g} s what {directory} holds",
                    seconds=PATIENCE_SECONDS,
                    directory=directory,
                )
            )
        ) from None
    finally:
        await seen_off(process)
    return _document(output, errors, process.returncode or 0)


def _document(output: bytes, errors: bytes, code: int) -> Mapping[str, object]:
    with suppress(ValueError, RecursionError):
        said = json.loads(output) if len(output) <= _LARGEST else None
        if isinstance(said, dict) and isinstance(said.get("files"), list):
            return said
    last = next((line for line in reversed(errors.splitlines()) if line.strip()), b"")
    said = sanitise(last.strip())
    if (missing := missing_module(said)) is not None:
        raise EngineAbsent(missing)
    raise EngineFailed(death_reason(code, said or None))
