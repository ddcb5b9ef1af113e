"""One running container: an engine process on loopback that ends with the sandbox."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from console.sources.child_processes import seen_off, signal_all
from console.sources.engine_output import lines

GRACE_SECONDS: Final = 10.0
_CHECK_SECONDS: Final = 0.5
_LAST_WORDS_SECONDS: Final = 1.0

OnOutput = Callable[[bytes, bool], None]
"""Hears a line of output without its end, and whether it was one of standard error."""


class Container:
    """A process that says in a log line `port_open` at which port of loopback it listens."""

    def __init__(self, process: asyncio.subprocess.Process, on_output: OnOutput) -> None:
        loop = asyncio.get_running_loop()
        self._process = process
        self._on_output = on_output
        self._port: asyncio.Future[int] = loop.create_future()
        self._watching = asyncio.create_task(self._watch())

    @classmethod
    async def start(
        cls, command: Sequence[str], environment: Mapping[str, str], on_output: OnOutput
    ) -> Container:
        """Start `command`, which ends when its standard input does; raises `OSError`."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=environment,
            start_new_session=True,
        )
        return cls(process, on_output)

    async def port(self) -> int:
        """Wait until the process says at which port it listens; that may be never."""
        return await asyncio.shield(self._port)

    @property
    def process(self) -> int:
        """The number of the process."""
        return self._process.pid

    def kill(self) -> None:
        """End the process without a warning."""
        self._signal(signal.SIGKILL)

    @property
    def ended(self) -> asyncio.Task[int]:
        """Done when the process has; its result is the exit code, or minus the signal."""
        return self._watching

    async def stop(self, grace: float = GRACE_SECONDS) -> int:
        """Ask the process to end, kill it after `grace` seconds; return its exit code.

        Killed at once when this is cancelled.
        """
        try:
            self._signal(signal.SIGTERM)
            await asyncio.wait({self._watching}, timeout=grace)
        finally:
            self._signal(signal.SIGKILL)
            await asyncio.wait({self._watching})
        return self._watching.result()

    def _signal(self, number: signal.Signals) -> None:
        # Afterwards its number may belong to somebody else.
        if not self._watching.done():
            signal_all(self._process, number)

    async def _watch(self) -> int:
        stdout, stderr = self._process.stdout, self._process.stderr
        assert stdout is not None
        assert stderr is not None
        readers = {
            asyncio.create_task(self._read(stdout, is_error=False)),
            asyncio.create_task(self._read(stderr, is_error=True)),
        }
        waiting = asyncio.create_task(self._process.wait())
        try:
            # `wait` alone would wait for all that share the process's pipes as well.
            while (code := self._process.returncode) is None:
                await asyncio.wait({waiting}, timeout=_CHECK_SECONDS)
            signal_all(self._process, signal.SIGKILL)
            _, unfinished = await asyncio.wait(readers, timeout=_LAST_WORDS_SECONDS)
            for reader in unfinished:
                reader.cancel()
        finally:
            await seen_off(self._process)
        await asyncio.gather(waiting, *readers, return_exceptions=True)
        return code

    async def _read(self, stream: asyncio.StreamReader, *, is_error: bool) -> None:
        async for line in lines(stream):
            if not is_error and not self._port.done():
                self._look_for_port(line)
            self._on_output(line, is_error)

    def _look_for_port(self, line: bytes) -> None:
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            return
        if isinstance(said, dict) and said.get("event") == "port_open":
            port = said.get("port")
            if isinstance(port, int) and 0 < port < 65_536:
                self._port.set_result(port)
