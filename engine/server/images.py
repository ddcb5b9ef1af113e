"""`POST /v1/images/generations`: pictures as one JSON answer, or as a stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from engine.schema import Done, Encoded, GenerationEvent, Step
from engine.server.access import note
from engine.server.desk import HungUp, OrderDesk, preview_file
from engine.server.fields import read_fields
from engine.server.openai import Order, StreamWriter, answer, parse_order, sent
from engine.server.refusals import refusal_for
from engine.ticket import Ticket

KEEP_ALIVE_SECONDS: Final = 10.0


class ImageService:
    """The endpoint; `now` gives seconds since 1970."""

    def __init__(self, desk: OrderDesk, now: Callable[[], float]) -> None:
        self._desk = desk
        self._now = now

    def routes(self) -> list[Route]:
        """Return where the endpoint is."""
        return [Route("/v1/images/generations", self.create, methods=["POST"])]

    async def create(self, request: Request) -> Response:
        """Answer with all pictures as JSON, or with server-sent events as they come."""
        order = parse_order(await read_fields(request))
        ticket = self._desk.take(request, order.requests, stream=order.stream)
        if order.stream:
            return _EventStream(request, self._events(request, order, ticket), ticket)
        images = await self._desk.fulfil(request, ticket, order.kind)
        body = answer(images, int(self._now()), as_url=order.as_url)
        return await asyncio.to_thread(JSONResponse, body)

    async def _events(self, request: Request, order: Order, ticket: Ticket) -> AsyncIterator[str]:
        writer = StreamWriter(order, lambda: int(self._now()))
        try:
            async for event in ticket.stream(KEEP_ALIVE_SECONDS):
                if event is None:
                    yield ": keep-alive\n\n"
                    continue
                async for text in self._told(request, order, writer, event):
                    yield text
        except Exception as error:
            note(request, failure=error)
            yield sent("error", refusal_for(error).to_json())
        yield "data: [DONE]\n\n"

    async def _told(
        self, request: Request, order: Order, writer: StreamWriter, event: GenerationEvent
    ) -> AsyncIterator[str]:
        match event:
            case Done():
                wish, tokens = order.requests[writer.image_index], writer.prompt_tokens
                image = await self._desk.finish(request, wish, event, order.kind, tokens)
                yield writer.completed(image)
                return
            case Encoded(tokens):
                writer.prompt_tokens = tokens
        yield writer.progress(event)
        if isinstance(event, Step) and event.preview is not None:
            yield writer.partial(await preview_file(event.preview, order.kind))


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
                note(self._request, failure=HungUp())
            self._ticket.cancel()
