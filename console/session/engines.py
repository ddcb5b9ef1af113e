"""What a session wants of engines on this machine: one that runs, and its answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from console.model.images import Preview
from console.model.text import SafeText
from console.session.engine_connection import connect
from console.session.engine_watch import Answers
from console.sources.engine_output import OutputLine
from console.sources.local_engine import LocalEngine
from engine.schema import GenerationRequest

if TYPE_CHECKING:
    from console.sources.engine_http import Finished, Progress

Hear = Callable[[OutputLine], None]


class RunningEngine(Protocol):
    """One engine process; `console.sources.local_engine.LocalEngine` is one."""

    @property
    def key(self) -> str:
        """What it wants to be shown."""
        ...

    @property
    def pid(self) -> int:
        """The number of its process."""
        ...

    async def opened(self, quiet_limit: float) -> str:
        """Return its address once its port is open; raises `EngineFailed`."""
        ...

    async def ended(self) -> SafeText:
        """Wait until the process has ended and return why, as one line."""
        ...

    async def stop(self) -> None:
        """End the process and everything that it started."""
        ...


class EngineAnswers(Answers, Protocol):
    """A client of an engine; `console.sources.engine_http.EngineClient` is one."""

    def generate(
        self, request: GenerationRequest, trace: str = ""
    ) -> AsyncGenerator[Progress | Preview | Finished, None]:
        """Yield the progress of one picture and last of all `Finished`; raises `SourceError`."""
        ...

    async def aclose(self) -> None:
        """Close its connections."""
        ...


class Engines(Protocol):
    """Starts engines on this machine, and reaches them."""

    async def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_line: Hear,
        clock: Callable[[], datetime],
    ) -> RunningEngine:
        """Start an engine, every line of whose output `on_line` hears; raises `EngineFailed`."""
        ...

    async def connect(self, url: str, key: str) -> EngineAnswers:
        """Return a client of the engine at `url`."""
        ...


class OwnEngines:
    """Engines that are child processes of this one."""

    async def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_line: Hear,
        clock: Callable[[], datetime],
    ) -> RunningEngine:
        """Start an engine as a child; raises `EngineFailed`."""
        return await LocalEngine.start(command, environment, on_line, clock)

    async def connect(self, url: str, key: str) -> EngineAnswers:
        """Return a client of the engine at `url`."""
        return await connect(url, key)
