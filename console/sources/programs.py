"""Programs of this machine, run for the doctor: asked for what they know, never told to do."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.language import tr
from console.model.text import SafeText
from console.sources.base import EngineFailed, Offline
from console.sources.child_processes import killed
from console.terminal.sanitise import sanitise

Json = Mapping[str, object]

SECONDS: Final = 15.0
_LARGEST: Final = 16 * 1024 * 1024
_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Said:
    """What a program said before it ended with `code`."""

    code: int
    output: bytes
    errors: SafeText
    """The first line of its complaint, empty without one."""


def find(name: str, environment: Mapping[str, str]) -> str | None:
    """Return the path of a program in `environment`'s PATH, None if there is none."""
    return shutil.which(name, path=environment.get("PATH", ""))


async def ask(
    command: Sequence[str], environment: Mapping[str, str], seconds: float = SECONDS
) -> Said:
    """Run a command without input and return what it said.

    It is ended, with whatever it started, when it takes longer, says too much or nobody waits any
    more. Raises `Offline` when it takes too long and `EngineFailed` when it cannot be run or does
    not come to an end of what it says.
    """
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            env=dict(environment),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise EngineFailed(
            sanitise(tr("{program} cannot be run: {why}", program=command[0], why=error))
        ) from None
    try:
        async with asyncio.timeout(seconds):
            output, errors = await asyncio.gather(
                _all_of(process.stdout, command[0]), _all_of(process.stderr, command[0])
            )
            await process.wait()
    except TimeoutError:
        raise Offline(
            sanitise(
                tr(
                    "{program} said nothing within {seconds:g} s",
                    program=command[0],
                    seconds=seconds,
                )
            )
        ) from None
    finally:
        await killed(process)
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return Said(process.returncode or 0, output, sanitise(lines[0] if lines else ""))


async def _all_of(stream: asyncio.StreamReader | None, program: str) -> bytes:
    """Read to the end, or raise `EngineFailed` where that is too far away."""
    said = bytearray()
    while stream is not None and (more := await stream.read(_PIECE)):
        said += more
        if len(said) > _LARGEST:
            words = tr("{program} says more than {most:,} bytes", program=program, most=_LARGEST)
            raise EngineFailed(sanitise(words))
    return bytes(said)


def exit_status(code: int) -> str:
    """Say how a program ended that did not say why."""
    return tr("exit status {code}", code=code)


def json_in(text: bytes | str) -> Json:
    """Return the JSON object that a text is, an empty one if it is none."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def text_in(said: Json, name: str) -> str:
    """Return the text under `name`, empty if there is none."""
    value = said.get(name)
    return value if isinstance(value, str) else ""


def objects_in(said: Json, name: str) -> tuple[Json, ...]:
    """Return the JSON objects in the list under `name`, none if there is no list."""
    value = said.get(name)
    return (
        tuple(each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()
    )
