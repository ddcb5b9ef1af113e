"""The desk: takes orders from every HTTP interface and follows them to finished files.

A client that hangs up cancels its ticket, so that the device is free within one step.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from engine.encode import BEST_QUALITY, ImageFormat, encode, infotext
from engine.errors import Cancelled
from engine.schema import Done, Encoded, GenerationEvent, GenerationRequest, Picture, Size
from engine.server.access import note
from engine.ticket import Ticket
from engine.worker import Worker

# The transformer sees a picture as patches of this many pixels squared.
_PATCH: Final = 16


class HungUp(Cancelled):
    """The client closed its connection, so nobody waits for the picture any more."""

    def __init__(self) -> None:
        super().__init__("the client closed the connection before its picture was finished")


@dataclass(frozen=True, slots=True)
class FileKind:
    """What picture files an order wants: their `format`, and `quality` from 0 to 100."""

    format: ImageFormat = ImageFormat.PNG
    quality: int = BEST_QUALITY


PNG_FILE: Final = FileKind()


@dataclass(frozen=True, slots=True)
class Image:
    """A finished picture as a file in base64, with what it takes to make it again.

    `prompt_tokens` went through the text encoder, and `image_tokens`, one for 16 × 16 pixels,
    through the transformer.
    """

    b64: str
    size: Size
    seed: int
    seconds: float
    kind: FileKind = PNG_FILE
    prompt_tokens: int = 0
    infotext: str = ""

    @property
    def image_tokens(self) -> int:
        """The size of the picture as the transformer counts it."""
        return (self.size.width // _PATCH) * (self.size.height // _PATCH)


class OrderDesk:
    """Between the HTTP interfaces and the worker.

    `log_prompts` puts prompts into the log, `metadata` the settings into the picture files.
    """

    def __init__(self, worker: Worker, *, log_prompts: bool, metadata: bool = True) -> None:
        self._worker = worker
        self._log_prompts = log_prompts
        self._metadata = metadata

    @property
    def model(self) -> str:
        """The name of the loaded model, empty while there is none."""
        return self._worker.pipeline.name if self._worker.pipeline else ""

    @property
    def native_size(self) -> Size | None:
        """The size that the loaded model was made for, None while there is none."""
        return self._worker.pipeline.native_size if self._worker.pipeline else None

    def take(
        self, request: Request, wishes: Sequence[GenerationRequest], *, stream: bool = False
    ) -> Ticket:
        """Hand one order to the worker; raises what `Worker.submit` does."""
        first = wishes[0]
        note(request, n=len(wishes), steps=first.steps, stream=stream)
        if self._log_prompts:
            note(request, prompt=first.prompt)
        return self._worker.submit(*wishes, client=request.state.client)

    async def fulfil(
        self,
        request: Request,
        ticket: Ticket,
        kind: FileKind,
        watch: Callable[[GenerationEvent], None] = lambda event: None,
        extra: dict[str, str] | None = None,
    ) -> list[Image]:
        """Return all pictures of a ticket, unless the client hangs up first: then cancel it.

        `watch` hears of every event; `extra` facts go into the files.
        """
        work = self._collect(request, ticket, kind, watch, extra)
        return await _or_disconnect(request, ticket, work)

    async def finish(
        self,
        request: Request,
        wish: GenerationRequest,
        done: Done,
        kind: FileKind,
        prompt_tokens: int = 0,
        extra: dict[str, str] | None = None,
    ) -> Image:
        """Return one finished picture as a file, and note it in the request's log line."""
        size = Size(done.picture.width, done.picture.height)
        text = infotext(wish, size, done.seed, self.model, extra)
        embedded = text if self._metadata else None
        b64 = await asyncio.to_thread(_file, done.picture, kind, embedded)
        note(request, size=str(size), seed=done.seed, generation_seconds=round(done.seconds, 4))
        return Image(b64, size, done.seed, done.seconds, kind, prompt_tokens, text)

    async def _collect(
        self,
        request: Request,
        ticket: Ticket,
        kind: FileKind,
        watch: Callable[[GenerationEvent], None],
        extra: dict[str, str] | None,
    ) -> list[Image]:
        images: list[Image] = []
        tokens = 0
        async for event in ticket.stream():
            if event is None:
                continue
            watch(event)
            if isinstance(event, Encoded):
                tokens = event.tokens
            elif isinstance(event, Done):
                wish = ticket.requests[len(images)]
                images.append(await self.finish(request, wish, event, kind, tokens, extra))
        return images


async def preview_file(picture: Picture, kind: FileKind) -> str:
    """Return a preview as a file in base64."""
    return await asyncio.to_thread(_file, picture, kind, None)


def _file(picture: Picture, kind: FileKind, text: str | None) -> str:
    file = encode(picture, kind.format, quality=kind.quality, infotext=text)
    return base64.b64encode(file).decode()


async def _or_disconnect(
    request: Request, ticket: Ticket, work: Coroutine[None, None, list[Image]]
) -> list[Image]:
    working = asyncio.ensure_future(work)
    hanging_up = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({working, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise HungUp
        return working.result()
    finally:
        ticket.cancel()
        for task in (working, hanging_up):
            task.cancel()
        await asyncio.gather(working, hanging_up, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
