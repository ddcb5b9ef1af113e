"""Engines on this machine, put on record: what they write, when they come and go, their answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from console.model.images import Preview
from console.model.text import SafeText
from console.recording.recorded_cloud import RecordedMaker
from console.recording.recorder import Recorder
from console.session.engines import EngineAnswers, Engines, Hear, RunningEngine
from console.sources.engine_output import OutputLine
from engine.schema import GenerationRequest, Readiness, StartupEvent

if TYPE_CHECKING:
    from console.sources.engine_http import Finished, Progress

LINES: Final = "engine.lines"
"""The stream of what an engine writes; the number of its life tells it from others."""

START: Final = "engine.start"
OPENED: Final = "engine.opened"
ENDED: Final = "engine.ended"
READINESS: Final = "engine.readiness"
TIMELINE: Final = "engine.timeline"
MODELS: Final = "engine.models"


def of_life(number: int) -> Mapping[str, object]:
    """Return what is asked with of the engine that was started as this one."""
    return {"life": number}


class RecordedEngines:
    """Starts `engines`, and puts them on record; not the key by which they are spoken to."""

    def __init__(self, engines: Engines, recorder: Recorder) -> None:
        self._engines = engines
        self._recorder = recorder
        self._lives = 0

    async def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_line: Hear,
        clock: Callable[[], datetime],
    ) -> RunningEngine:
        """Start an engine; raises `EngineFailed`."""
        self._lives += 1
        recorder, life = self._recorder, of_life(self._lives)
        number = recorder.begun(LINES, life)

        def hear(line: OutputLine) -> None:
            recorder.note({"of": number, "item": line})
            on_line(line)

        engine = await recorder.asked(
            START,
            life,
            lambda: self._engines.start(command, environment, hear, clock),
            lambda started: started.pid,
        )
        return _RecordedEngine(engine, recorder, life)

    async def connect(self, url: str, key: str) -> EngineAnswers:
        """Return a client of the engine at `url`."""
        client = await self._engines.connect(url, key)
        return _RecordedAnswers(client, self._recorder, of_life(self._lives))


@dataclass(frozen=True)
class _RecordedEngine:
    """One engine process."""

    engine: RunningEngine
    recorder: Recorder
    life: Mapping[str, object]

    @property
    def key(self) -> str:
        """What it wants to be shown."""
        return self.engine.key

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self.engine.pid

    async def opened(self, quiet_limit: float) -> str:
        """Return its address once its port is open; raises `EngineFailed`."""
        return await self.recorder.asked(OPENED, self.life, lambda: self.engine.opened(quiet_limit))

    async def ended(self) -> SafeText:
        """Wait until the process has ended and return why."""
        return await self.recorder.asked(ENDED, self.life, self.engine.ended)

    async def stop(self) -> None:
        """End the process and everything that it started."""
        await self.engine.stop()


@dataclass(frozen=True)
class _RecordedAnswers:
    """A client of one engine."""

    client: EngineAnswers
    recorder: Recorder
    life: Mapping[str, object]

    async def readiness(self) -> Readiness:
        """Return whether pictures can be made."""
        return await self.recorder.asked(READINESS, self.life, self.client.readiness)

    async def timeline(self) -> tuple[StartupEvent, ...]:
        """Return the moments of the start."""
        return await self.recorder.asked(TIMELINE, self.life, self.client.timeline)

    async def models(self) -> tuple[SafeText, ...]:
        """Return the names of the models served."""
        return await self.recorder.asked(MODELS, self.life, self.client.models)

    def generate(
        self, request: GenerationRequest, trace: str = ""
    ) -> AsyncGenerator[Progress | Preview | Finished, None]:
        """Yield the progress of one picture; raises `SourceError`."""
        return RecordedMaker(self.recorder, self.client).generate(request, trace)

    async def aclose(self) -> None:
        """Close its connections."""
        await self.client.aclose()
