"""The sandbox cloud: one that runs already, else a child process that cannot outlive the console.

It says where it listens in one line of JSON on standard output and in a file of its state
directory, and as a child it ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from console.language import tr
from console.model.text import SafeText
from console.sources.base import EngineFailed, Malformed
from console.sources.child_processes import seen_off, signal_all
from console.sources.engine_output import lines
from console.sources.google_channel import Endpoints
from console.sources.local_engine import child_environment
from console.terminal.sanitise import sanitise

OPEN_SECONDS: Final = 60.0
GRACE_SECONDS: Final = 3.0
_LAST_WORDS_SECONDS: Final = 1.0
_ITS_OWN_WORDS: Final = "sandbox: "
_ADDRESS_FILE: Final = "address.json"
_LOOK_SECONDS: Final = 2.0
_AGAIN_SECONDS: Final = 0.1


def sandbox_command(state: Path) -> list[str]:
    """Return the command of a sandbox that keeps what it knows in the directory `state`."""
    command = [sys.executable, "-P", "-m", "console.sandbox", "--state", str(state)]
    return [*command, "--exit-on-stdin-eof"]


async def open_sandbox(
    state: Path, environment: Mapping[str, str]
) -> SandboxProcess | RunningSandbox:
    """Return the sandbox that runs in the directory `state`, after starting one if need be.

    Raises `SourceError`.
    """
    running = _announced(state)
    if running is not None and await running.answers():
        return running
    return await SandboxProcess.start(sandbox_command(state), environment)


async def sandbox_runs(state: Path, seconds: float) -> bool:
    """Wait until a sandbox runs in the directory `state`, at most so long; says whether one does.

    It is somebody else's to start.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                running = _announced(state)
                if running is not None and await running.answers():
                    return True
                await asyncio.sleep(_AGAIN_SECONDS)
    return False


class RunningSandbox:
    """A sandbox that somebody else started and will end."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints = endpoints

    async def answers(self) -> bool:
        """Whether it is there."""
        host, _, port = self.endpoints.http.rpartition(":")
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            return False
        writer.close()
        return True

    async def lost(self) -> None:
        """Wait until it has ended, and raise `EngineFailed`."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if not await self.answers():
                raise EngineFailed(sanitise(tr("the sandbox was ended by whoever started it")))

    async def stop(self) -> None:
        """Leave it to whoever started it."""


def _announced(state: Path) -> RunningSandbox | None:
    """Return the sandbox that a file in its state directory tells of, whether or not it runs."""
    try:
        endpoints = _endpoints((state / _ADDRESS_FILE).read_bytes())
    except (OSError, Malformed):
        return None
    host, _, port = endpoints.http.rpartition(":")
    there = host == "127.0.0.1" and port.isascii() and port.isdigit() and int(port) <= 65_535
    return RunningSandbox(endpoints) if there else None


class SandboxProcess:
    """A running sandbox; made by `start`, ended by `stop` or by itself."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._output = process.stdout
        self._last_error = sanitise("")
        self._errors = asyncio.create_task(self._read_errors(process.stderr))
        self._exhausted: asyncio.Task[None] | None = None
        self.endpoints = Endpoints()

    @classmethod
    async def start(cls, command: Sequence[str], environment: Mapping[str, str]) -> SandboxProcess:
        """Start `command` and wait until it listens; raises `SourceError`."""
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                env=child_environment(environment, ""),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            words = tr("the sandbox cannot be started: {why}", why=error)
            raise EngineFailed(sanitise(words)) from None
        started = cls(process)
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                started.endpoints = await started._addresses()
        except TimeoutError:
            await started.stop()
            raise EngineFailed(
                sanitise(
                    tr("the sandbox opened no port within {seconds:g} s", seconds=OPEN_SECONDS)
                )
            ) from None
        except BaseException:
            await started.stop()
            raise
        return started

    @property
    def pid(self) -> int:
        """Identifier of the process, and of its process group."""
        return self._process.pid

    async def lost(self) -> None:
        """Wait until the process has ended, and raise `EngineFailed` with the reason."""
        await self._process.wait()
        raise EngineFailed(await self._reason())

    async def stop(self) -> None:
        """End the process; by force if it does not end by itself."""
        try:
            if self._process.stdin is not None:
                self._process.stdin.close()
            if self._process.returncode is None:
                signal_all(self._process, signal.SIGTERM)
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE_SECONDS):
                    await self._process.wait()
        finally:
            try:
                await seen_off(self._process)
            finally:
                for task in (self._errors, self._exhausted):
                    if task is not None:
                        task.cancel()

    async def _addresses(self) -> Endpoints:
        async for line in lines(self._output):
            self._exhausted = asyncio.create_task(self._read_rest())
            return _endpoints(line)
        await self._process.wait()
        raise EngineFailed(await self._reason())

    async def _reason(self) -> SafeText:
        await asyncio.wait({self._errors}, timeout=_LAST_WORDS_SECONDS)
        code = self._process.returncode
        if self._last_error.startswith(_ITS_OWN_WORDS):
            return sanitise(self._last_error.removeprefix(_ITS_OWN_WORDS))
        if not self._last_error:
            return sanitise(tr("the sandbox ended (exit code {code})", code=code))
        why = self._last_error
        return sanitise(tr("the sandbox ended (exit code {code}): {why}", code=code, why=why))

    async def _read_errors(self, stream: asyncio.StreamReader) -> None:
        async for line in lines(stream):
            self._last_error = sanitise(line.strip()) or self._last_error

    async def _read_rest(self) -> None:
        """Keep the pipe from filling up."""
        async for _ in lines(self._output):
            pass


def _endpoints(line: bytes) -> Endpoints:
    try:
        said = json.loads(line)
        return Endpoints.on_loopback(
            run=str(said["run"]), logging=str(said["logging"]), http=str(said["http"])
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Malformed(sanitise(tr("the sandbox did not say where it listens"))) from None
