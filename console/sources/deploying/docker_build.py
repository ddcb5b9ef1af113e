"""Images built and pushed by the Docker of this machine.

Building needs BuildKit, which has been part of Docker's engine since 18.09; `docker buildx` is used
where there is one. Sources: https://docs.docker.com/reference/cli/docker/buildx/build/ and, for the
login at Artifact Registry, https://docs.docker.com/reference/cli/docker/login/#credential-helpers.
"""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

from console.language import tr
from console.model.deploy.wish import ImageWish
from console.model.text import SafeText
from console.sources.base import Denied, EngineFailed, Missing, Offline, SourceError
from console.sources.child_processes import ended, killed, signal_all
from console.sources.deploying.registry_login import RegistryLogin
from console.sources.programs import ask, find
from console.terminal.sanitise import sanitise

PLATFORM: Final = "linux/amd64"
_LONGEST_LINE: Final = 1 << 16
_KEPT: Final = 40
_NO_ROOM: Final = re.compile(r"no space left on device", re.IGNORECASE)
_NO_ENGINE: Final = re.compile(r"cannot connect to the docker daemon|is the docker daemon running")
_REFUSED: Final = re.compile(r"denied|unauthorized|unauthenticated|403|401", re.IGNORECASE)
_AWAY: Final = re.compile(r"no such host|connection refused|timeout|temporary failure", re.I)
_ERROR: Final = re.compile(r"^(?:#\d+ )?(?:ERROR|error)[: ]")


class Token(Protocol):
    """Tells what a registry takes for a password."""

    async def __call__(self) -> str | None:
        """Return a token, None where whoever asks needs none; raises `SourceError`."""
        ...


async def no_token() -> str | None:
    """Return nothing: Docker's own logins have to do."""
    return None


class DockerBuilder:
    """A `LocalBuilder` by the `docker` program in `environment`'s PATH.

    `token` is asked for at each push, so that it cannot have run out; it gets into no file and no
    argument. What runs is ended when nobody listens any more.
    """

    def __init__(self, environment: Mapping[str, str], token: Token = no_token) -> None:
        self._environment = environment
        self._token = token

    async def build(self, wish: ImageWish, tag: str) -> AsyncGenerator[SafeText, None]:
        """Build for `PLATFORM`, and yield what is written.

        Raises `Missing` without Docker, `Offline` without its engine, and `EngineFailed` for a
        build that does not succeed.
        """
        program = self._program()
        buildx = (await ask((program, "buildx", "version"), self._environment)).code == 0
        command = [
            *((program, "buildx", "build", "--load") if buildx else (program, "build")),
            *("--platform", PLATFORM, "--progress", "plain"),
            *("--file", str(Path(wish.context) / wish.dockerfile), "--tag", tag, wish.context),
        ]
        environment = {**self._environment, "DOCKER_BUILDKIT": "1", "BUILDKIT_COLORS": ""}
        async for line in _lines(command, environment, tr("build {what}", what=wish.dockerfile)):
            yield line

    async def push(self, tag: str) -> AsyncGenerator[SafeText, None]:
        """Push an image, and yield what is written.

        Raises `Denied` where the registry refuses, and others like `build`.
        """
        program, token = self._program(), await self._token()
        with RegistryLogin(tag.partition("/")[0], token, self._environment) as environment:
            async for line in _lines(
                [program, "push", tag], environment, tr("push {tag}", tag=tag), pushes=True
            ):
                yield line

    async def architecture(self, tag: str) -> str | None:
        """Return what an image here runs on, such as `amd64`; None if there is no such image."""
        form = ("--format", "{{.Architecture}}")
        said = await ask((self._program(), "image", "inspect", *form, tag), self._environment)
        return said.output.decode("utf-8", "replace").strip() or None if said.code == 0 else None

    def _program(self) -> str:
        found = find("docker", self._environment)
        if found is None:
            raise Missing(
                sanitise(tr("there is no docker here: install it, or build with --build cloud"))
            )
        return found


async def _lines(
    command: Sequence[str], environment: Mapping[str, str], what: str, *, pushes: bool = False
) -> AsyncGenerator[SafeText, None]:
    """Run a command and yield what it writes; raises `SourceError` if it fails."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=dict(environment),
            start_new_session=True,
            limit=_LONGEST_LINE,
        )
    except (OSError, ValueError) as error:
        raise EngineFailed(sanitise(tr("cannot {what}: {why}", what=what, why=error))) from None
    latest: list[SafeText] = []
    try:
        assert process.stdout is not None
        async for written in _each_line(process.stdout):
            line = sanitise(written)
            latest = [*latest[-_KEPT:], line]
            yield line
        code = await process.wait()
    finally:
        if process.returncode is None:
            signal_all(process, signal.SIGTERM)
            await ended(process)
        await killed(process)
    if code:
        raise _failure(what, code, latest, pushes=pushes)


async def _each_line(stream: asyncio.StreamReader) -> AsyncGenerator[str, None]:
    """Yield lines as they come; one that is far too long comes in pieces."""
    in_pieces = False
    while True:
        rest_of_line, in_pieces = in_pieces, False
        try:
            line = await stream.readuntil(b"\n")
        except asyncio.IncompleteReadError as end:
            line = end.partial
        except asyncio.LimitOverrunError as much:
            line = await stream.read(much.consumed)
            in_pieces = True
        if not line:
            return
        if rest_of_line and line == b"\n":
            continue
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        # A bar that is drawn over and over again is told by how it looks in the end.
        yield text.rpartition("\r")[2]


def _failure(what: str, code: int, latest: Sequence[SafeText], *, pushes: bool) -> SourceError:
    """Return the error for a command that failed: its own words, and the mend."""
    text = "\n".join(latest)
    why = next((each for each in reversed(latest) if _ERROR.match(each)), None)
    why = why or next((each for each in reversed(latest) if each.strip()), SafeText(""))
    said = why.strip() or tr("docker ended with {code}", code=code)
    words = tr("cannot {what}: {why}", what=what, why=said)
    if _NO_ENGINE.search(text.lower()):
        return Offline(
            sanitise(tr("cannot {what}: Docker's engine does not run here: start it", what=what))
        )
    if _NO_ROOM.search(text):
        return EngineFailed(
            sanitise(
                tr(
                    "{words}; make room (zimage-console doctor says how), or use --build cloud",
                    words=words,
                )
            )
        )
    if pushes and _REFUSED.search(text):
        return Denied(
            sanitise(tr("{words}; see zimage-console doctor", words=words)),
            "artifactregistry.repositories.uploadArtifacts",
            "roles/artifactregistry.writer",
        )
    if pushes and _AWAY.search(text):
        return Offline(sanitise(words))
    return EngineFailed(sanitise(words))
