"""An engine on this machine: a child process on loopback that cannot outlive the console.

Three things end it: its standard input reaching its end, which happens even when the console is
killed outright; a signal to its process group; and SIGKILL to that group after a grace.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import signal
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import engine
from console.language import tr
from console.model.log.lines import Severity
from console.model.text import SafeText
from console.sources.base import EngineFailed
from console.sources.child_processes import seen_off
from console.sources.engine_output import OutputLine, lines, parse_error_line, parse_line
from console.terminal.sanitise import sanitise
from engine.schema import Phase

QUIET_SECONDS: Final = 60.0
"""An engine that has not opened its port and said nothing for so long is stuck."""

GRACE_SECONDS: Final = 0.25
_CHECK_SECONDS: Final = 1.0
_LAST_WORDS_SECONDS: Final = 1.0
_ITS_OWN_WORDS: Final = "engine: "
_MISSING_MODULE: Final = re.compile(r"No module named '([\w.]+)'")

OnLine = Callable[[OutputLine], None]


def serve_command(models: str | None) -> list[str]:
    """Return the command of an engine that serves `models`, None for the bundled ones.

    `-P` keeps a directory that happens to be called `engine` from being run in its place.
    """
    command = [sys.executable, "-P", "-m", "engine", "serve", "--host", "127.0.0.1"]
    command += ["--port", "0", "--exit-on-stdin-eof"]
    return command if models is None else [*command, "--models", models]


def child_environment(environment: Mapping[str, str], key: str) -> dict[str, str]:
    """Return the child's environment: ours, without what its flags settle, and with its key."""
    settled = {"PORT", "ZIMAGE_HOST", "ZIMAGE_MODELS"}
    child = {name: value for name, value in environment.items() if name not in settled}
    root = str(Path(engine.__file__).resolve().parent.parent)
    if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        before = child.get("PYTHONPATH")
        child["PYTHONPATH"] = root if not before else os.pathsep.join((root, before))
    # The key goes by the environment because arguments are visible to every user of a machine.
    return child | {"ZIMAGE_API_KEY": key, "PYTHONUNBUFFERED": "1"}


class LocalEngine:
    """One running engine process; made by `start`, ended by `stop` or by itself."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        key: str,
        on_line: OnLine,
        clock: Callable[[], datetime],
    ) -> None:
        loop = asyncio.get_running_loop()
        self.key = key
        self._process = process
        self._on_line = on_line
        self._clock = clock
        self._url: asyncio.Future[str] = loop.create_future()
        self._ended: asyncio.Future[SafeText] = loop.create_future()
        self._heard_at = loop.time()
        self._last_error: SafeText | None = None
        self._watching = asyncio.create_task(self._watch())

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_line: OnLine,
        clock: Callable[[], datetime],
    ) -> LocalEngine:
        """Start `command` as a child; `on_line` hears every line of its output.

        Raises `EngineFailed` when there is no such program or no process can be had.
        """
        key = secrets.token_urlsafe(32)
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                env=child_environment(environment, key),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            words = tr("the engine process cannot be started: {why}", why=error)
            raise EngineFailed(sanitise(words)) from None
        return cls(process, key, on_line, clock)

    @property
    def pid(self) -> int:
        """Identifier of the process, and of its process group."""
        return self._process.pid

    async def opened(self, quiet_limit: float = QUIET_SECONDS) -> str:
        """Wait until the port is open and return the address.

        Raises `EngineFailed` when the process ends before that, or says nothing for
        `quiet_limit` seconds.
        """
        loop = asyncio.get_running_loop()
        while True:
            remaining = self._heard_at + quiet_limit - loop.time()
            if remaining <= 0:
                raise EngineFailed(_stuck(quiet_limit))
            awaited: set[asyncio.Future[Any]] = {self._url, self._ended}
            await asyncio.wait(awaited, timeout=remaining, return_when=asyncio.FIRST_COMPLETED)
            if self._url.done():
                return self._url.result()
            if self._ended.done():
                raise EngineFailed(self._ended.result())

    async def ended(self) -> SafeText:
        """Wait until the process has ended and return why, as one line."""
        return await asyncio.shield(self._ended)

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """End the process and everything that it started; at once when cancelled meanwhile."""
        try:
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._signal(signal.SIGTERM)
            await asyncio.wait({self._watching}, timeout=grace)
        finally:
            self._signal(signal.SIGKILL)
            await asyncio.wait({self._watching})

    def _signal(self, number: signal.Signals) -> None:
        """Send to the process group: also when the process itself is gone, for what it left."""
        if self._watching.done():
            return  # Its number may belong to somebody else by now.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def _watch(self) -> None:
        stdout, stderr = self._process.stdout, self._process.stderr
        assert stdout is not None
        assert stderr is not None
        readers = {
            asyncio.create_task(self._read(stdout, parse_line)),
            asyncio.create_task(self._read(stderr, parse_error_line)),
        }
        try:
            code = await self._exit_code()
            self._signal(signal.SIGKILL)
            _, unfinished = await asyncio.wait(readers, timeout=_LAST_WORDS_SECONDS)
            for reader in unfinished:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
        finally:
            await seen_off(self._process)
        self._ended.set_result(death_reason(code, self._last_error))

    async def _exit_code(self) -> int:
        """Wait for the process; asyncio alone would wait for all that share its pipes as well."""
        waiting = asyncio.create_task(self._process.wait())
        while (code := self._process.returncode) is None:
            await asyncio.wait({waiting}, timeout=_CHECK_SECONDS)
        return code

    async def _read(
        self,
        stream: asyncio.StreamReader,
        parse: Callable[[bytes, datetime], OutputLine | None],
    ) -> None:
        async for raw in lines(stream):
            self._heard_at = asyncio.get_running_loop().time()
            line = parse(raw, self._clock())
            if line is not None:
                self._note(line)
                self._on_line(line)

    def _note(self, line: OutputLine) -> None:
        if line.event == "stderr":
            self._last_error = line.message
        elif line.severity is Severity.ERROR:
            self._last_error = self._last_error or line.message
        port = line.startup.port if line.startup is not None else 0
        if line.event == Phase.PORT_OPEN and 0 < port < 65_536 and not self._url.done():
            self._url.set_result(f"http://127.0.0.1:{port}")


def _stuck(quiet: float) -> SafeText:
    return sanitise(
        tr(
            "the engine process opened no port and said nothing for {seconds:g} s; "
            "the machine may be overloaded",
            seconds=quiet,
        )
    )


def death_reason(code: int, last_error: SafeText | None) -> SafeText:
    """Say in one line why a process ended, from its exit code and the last error it wrote."""
    said = last_error or SafeText("")
    if (missing := missing_module(said)) is not None:
        return missing
    if said.startswith(_ITS_OWN_WORDS):
        return sanitise(said.removeprefix(_ITS_OWN_WORDS))
    if code == -signal.SIGKILL:
        return sanitise(
            tr("the engine process was killed (SIGKILL); the machine may have run out of memory")
        )
    how = tr("exit code {code}", code=code)
    if code < 0:
        how = tr("by {signal}", signal=_signal_name(-code))
    if not said:
        return sanitise(tr("the engine process ended ({how})", how=how))
    return sanitise(tr("the engine process ended ({how}): {why}", how=how, why=said))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return tr("signal {number}", number=number)


def missing_module(message: str) -> SafeText | None:
    """Explain a failed import, if `message` tells of one: the engine's extra is not installed."""
    found = _MISSING_MODULE.search(message)
    if found is None:
        return None
    return sanitise(
        tr(
            "the engine is not installed: module {module!r} is missing; "
            "pip install 'zimage-console[engine]'",
            module=found[1],
        )
    )
