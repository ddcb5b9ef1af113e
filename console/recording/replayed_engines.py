"""Engines of a recording: their lines, their comings and goings, and their answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from console.model.images import Preview
from console.model.text import SafeText
from console.recording.recorded_engines import (
    ENDED,
    LINES,
    MODELS,
    OPENED,
    READINESS,
    START,
    TIMELINE,
    of_life,
)
from console.recording.replayed_pictures import ReplayedPictures
from console.recording.replayer import NONSENSE, Replayer, nonsense, outcome
from console.session.engines import EngineAnswers, Hear, RunningEngine
from console.session.json_facts import from_json
from console.sources.base import Offline, SourceError
from console.sources.engine_output import OutputLine
from engine.schema import GenerationRequest, Readiness, StartupEvent

if TYPE_CHECKING:
    from console.sources.engine_http import Finished, Progress

_Thing = TypeVar("_Thing")
_TIMELINE: Final[Any] = tuple[StartupEvent, ...]
_MODELS: Final[Any] = tuple[SafeText, ...]


class ReplayedEngines:
    """Starts nothing: an engine is what the recording tells of one. `pictures` are made by it."""

    def __init__(self, replayer: Replayer, pictures: ReplayedPictures) -> None:
        self._replayer = replayer
        self._pictures = pictures
        self._lives = 0

    async def start(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        on_line: Hear,
        clock: Callable[[], datetime],
    ) -> RunningEngine:
        """Return the next engine once it was started then; raises the `EngineFailed` that came."""
        life = of_life(self._lives + 1)
        try:
            pid = await answer(self._replayer, START, life, int)
        except Offline:
            # No further one was started while it was recorded.
            await asyncio.Event().wait()
            raise
        finally:
            self._lives += 1
        lines = asyncio.create_task(_tell(self._replayer, life, on_line), name="recorded lines")
        return _ReplayedEngine(self._replayer, life, pid, lines)

    async def connect(self, url: str, key: str) -> EngineAnswers:
        """Return what the engine answers."""
        return _ReplayedAnswers(self._replayer, of_life(self._lives), self._pictures)

    async def lives(self, began: Callable[[], object]) -> None:
        """Call `began` whenever another engine was started in place of one; for ever."""
        starts = self._replayer.recording.asked
        moments = sorted(
            each.at for (call, _), told in starts.items() for each in told if call == START
        )
        for at in moments[1:]:
            await self._replayer.clock.until(at)
            began()
        await asyncio.Event().wait()


async def answer(
    replayer: Replayer,
    call: str,
    arguments: Mapping[str, object],
    kind: type[_Thing],
    *,
    again: bool = True,
) -> _Thing:
    """Return what was answered; raises the `SourceError` that came instead."""
    entries = await replayer.answers(call, arguments, again=again)
    said = outcome(entries[-1].said(), "answer")
    try:
        return from_json(kind, said)
    except NONSENSE as error:
        raise nonsense(error) from None


async def _tell(replayer: Replayer, life: Mapping[str, object], on_line: Hear) -> None:
    with suppress(SourceError):
        async with aclosing(replayer.stream(LINES, life)) as items:
            async for item in items:
                with suppress(*NONSENSE):
                    on_line(from_json(OutputLine, item))


@dataclass(frozen=True)
class _ReplayedEngine:
    """One engine process of then."""

    replayer: Replayer
    life: Mapping[str, object]
    pid: int
    lines: asyncio.Task[None]
    key: str = field(default="", repr=False)

    async def opened(self, quiet_limit: float) -> str:
        """Return its address of then; raises the `EngineFailed` that came instead."""
        return await self._or_never(OPENED, str)

    async def ended(self) -> SafeText:
        """Wait until it had ended and return why."""
        return SafeText(await self._or_never(ENDED, str))

    async def stop(self) -> None:
        """Tell no more of its lines."""
        self.lines.cancel()
        await asyncio.gather(self.lines, return_exceptions=True)

    async def _or_never(self, call: str, kind: type[_Thing]) -> _Thing:
        try:
            return await answer(self.replayer, call, self.life, kind)
        except Offline:
            # That never came while it was recorded.
            await asyncio.Event().wait()
            raise


@dataclass(frozen=True)
class _ReplayedAnswers:
    """The answers of one engine."""

    replayer: Replayer
    life: Mapping[str, object]
    pictures: ReplayedPictures

    async def readiness(self) -> Readiness:
        """Return whether pictures could be made."""
        return await answer(self.replayer, READINESS, self.life, Readiness)

    async def timeline(self) -> tuple[StartupEvent, ...]:
        """Return the moments of the start."""
        told: tuple[StartupEvent, ...] = await answer(self.replayer, TIMELINE, self.life, _TIMELINE)
        return told

    async def models(self) -> tuple[SafeText, ...]:
        """Return the names of the models served."""
        named: tuple[SafeText, ...] = await answer(self.replayer, MODELS, self.life, _MODELS)
        return named

    def generate(
        self, request: GenerationRequest, trace: str = ""
    ) -> AsyncGenerator[Progress | Preview | Finished, None]:
        """Yield what came when the picture was made; raises the `SourceError` that came."""
        return self.pictures.generate(request, trace)

    async def aclose(self) -> None:
        """Close nothing."""
