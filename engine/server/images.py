"""`POST /v1/images/generations`: one order becomes a ticket, followed to its end.

A client that hangs up cancels its ticket, so that the device is free within one step.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from engine.encode import infotext, png
from engine.errors import Cancelled
from engine.schema import Done, GenerationRequest, Size
from engine.server.access import note
from engine.server.openai import Image, Order, answer, completed, parse_order, progress, sent
from engine.server.refusals import Refusal, Refused, refusal_for
from engine.ticket import Ticket
from engine.worker import Worker

MAX_BODY: Final = 1_000_000
KEEP_ALIVE_SECONDS: Final = 10.0
HUNG_UP: Final = "the client closed the connection before its picture was finished"


class ImageService:
    """The endpoint; `now` gives seconds since 1970, `log_prompts` puts prompts into the log."""

    def __init__(self, worker: Worker, now: Callable[[], float], *, log_prompts: bool) -> None:
        self._worker = worker
        self._now = now
        self._log_prompts = log_prompts

    async def create(self, request: Request) -> Response:
        """Answer with all pictures as JSON, or with server-sent events as they come."""
        order = parse_order(await _json_body(request))
        first = order.requests[0]
        note(request, n=len(order.requests), steps=first.steps, stream=order.stream)
        if self._log_prompts:
            note(request, prompt=first.prompt)
        ticket = self._worker.submit(*order.requests)
        if order.stream:
            return _EventStream(request, self._events(request, order, ticket), ticket)
        images = await _or_disconnect(request, ticket, self._collect(request, ticket))
        return JSONResponse(answer(images, int(self._now()), as_url=order.as_url))

    async def _collect(self, request: Request, ticket: Ticket) -> list[Image]:
        images: list[Image] = []
        async for event in ticket.stream():
            if isinstance(event, Done):
                images.append(await self._finish(request, ticket.requests[len(images)], event))
        return images

    async def _events(self, request: Request, order: Order, ticket: Ticket) -> AsyncIterator[str]:
        made = 0
        try:
            async for event in ticket.stream(KEEP_ALIVE_SECONDS):
                if isinstance(event, Done):
                    image = await self._finish(request, order.requests[made], event)
                    yield completed(image, int(self._now()), made)
                    made += 1
                else:
                    yield progress(event, made) if event else ": keep-alive\n\n"
        except Exception as error:
            note(request, failure=error)
            yield sent("error", refusal_for(error).to_json())
        yield "data: [DONE]\n\n"

    async def _finish(self, request: Request, wish: GenerationRequest, done: Done) -> Image:
        size = Size(done.picture.width, done.picture.height)
        model = self._worker.pipeline.name if self._worker.pipeline else ""
        text = infotext(wish, size, done.seed, model)
        file = await asyncio.to_thread(png, done.picture, infotext=text)
        note(request, size=str(size), seed=done.seed, generation_seconds=round(done.seconds, 4))
        return Image(file, size, done.seed, done.seconds)


class _EventStream(StreamingResponse):
    """Server-sent events; however the sending ends, the ticket ends with it."""

    def __init__(self, request: Request, events: AsyncIterator[str], ticket: Ticket) -> None:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._request = request
        self._ticket = ticket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if not self._ticket.finished:
                note(self._request, failure=Cancelled(HUNG_UP))
            self._ticket.cancel()


async def _json_body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        message = f"content type {kind[:60] or 'missing'}; send application/json"
        raise Refused(Refusal(415, message, "unsupported_media_type"))
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            message = f"the body is longer than {MAX_BODY:,} bytes; send a prompt and its settings"
            raise Refused(Refusal(413, message, "body_too_large", headers={"connection": "close"}))
    return bytes(body)


async def _or_disconnect(
    request: Request, ticket: Ticket, work: Coroutine[None, None, list[Image]]
) -> list[Image]:
    """Return what `work` makes, unless the client hangs up first: then cancel the ticket."""
    working = asyncio.ensure_future(work)
    hanging_up = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({working, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Cancelled(HUNG_UP)
        return working.result()
    finally:
        ticket.cancel()
        for task in (working, hanging_up):
            task.cancel()
        await asyncio.gather(working, hanging_up, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
