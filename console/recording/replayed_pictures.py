"""The pictures of a recording: asked for again when they were, and made again as they were."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console.language import tr, tr_later
from console.model.images import Preview
from console.recording.pictures import GENERATE, picture_event
from console.recording.reader import Stream
from console.recording.replayer import NONSENSE, Replayer, nonsense
from console.session.json_facts import from_json
from console.sources.base import Offline
from console.terminal.sanitise import sanitise
from engine.schema import GenerationRequest, InvalidRequest

if TYPE_CHECKING:
    from console.sources.engine_http import Finished, Progress

NOTHING_IS_DONE = tr_later("this is a replay: nothing is asked of anybody, made or changed")


@dataclass(frozen=True, slots=True)
class Wish:
    """A picture that was asked for, and what came of it."""

    at: float
    request: GenerationRequest
    stream: Stream


class ReplayedPictures:
    """Asks for each picture again by `submit`, and makes it; `cancel` ends the one being made."""

    def __init__(
        self,
        replayer: Replayer,
        submit: Callable[[GenerationRequest], object],
        cancel: Callable[[], object],
    ) -> None:
        self._replayer = replayer
        self._submit = submit
        self._cancel = cancel
        self._begun: deque[Stream] = deque()

    async def run(self) -> None:
        """Ask for what was asked for, each at its time; for ever."""
        for wish in _wishes(self._replayer):
            await self._replayer.clock.until(wish.at)
            self._begun.append(wish.stream)
            self._submit(wish.request)
        await asyncio.Event().wait()

    async def generate(
        self, request: GenerationRequest, trace: str = ""
    ) -> AsyncGenerator[Progress | Preview | Finished, None]:
        """Yield what came when this picture was made; raises the `SourceError` that came."""
        if not self._begun:
            raise Offline(sanitise(tr(NOTHING_IS_DONE)))
        stream = self._begun.popleft()
        async with aclosing(self._replayer.items(stream)) as items:
            async for item in items:
                yield await asyncio.to_thread(_event, item)
        if stream.end == "left":
            self._cancel()
        await asyncio.Event().wait()


def _event(item: object) -> Progress | Preview | Finished:
    try:
        return picture_event(item)
    except NONSENSE as error:
        raise nonsense(error) from None


def _wishes(replayer: Replayer) -> list[Wish]:
    """Return the pictures that a person asked for, in order; a measured start is none of them."""
    found = []
    for (call, _), streams in replayer.recording.streams.items():
        if call == GENERATE:
            found += [wish for each in streams if (wish := _wish(each)) is not None]
    return sorted(found, key=lambda wish: wish.at)


def _wish(stream: Stream) -> Wish | None:
    asked: Any = stream.opened.said()["with"]
    try:
        if asked["trace"]:
            return None
        request = from_json(GenerationRequest, asked["request"])
        request.check()
    except (*NONSENSE, InvalidRequest):
        return None
    return Wish(stream.opened.at, request, stream)
