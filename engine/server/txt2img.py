"""The calls of AUTOMATIC1111's clients under `/sdapi/v1`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from engine.server import a1111
from engine.server.desk import PNG_FILE, HungUp, OrderDesk, preview_file
from engine.server.fields import read_fields
from engine.server.jobs import JobBoard

_PREFIX: Final = "/sdapi/v1"


class Txt2ImgService:
    """The endpoints; `clock` gives seconds that only ever grow."""

    def __init__(self, desk: OrderDesk, clock: Callable[[], float]) -> None:
        self._desk = desk
        self._board = JobBoard(clock)

    def routes(self) -> list[Route]:
        """Return where the endpoints are."""
        changing = [
            Route(f"{_PREFIX}/txt2img", self.create, methods=["POST"]),
            Route(f"{_PREFIX}/progress", self.progress),
            Route(f"{_PREFIX}/interrupt", self.interrupt, methods=["POST"]),
            Route(f"{_PREFIX}/skip", self.interrupt, methods=["POST"]),
            Route(f"{_PREFIX}/options", self.options, methods=["GET", "POST"]),
            Route(f"{_PREFIX}/sd-models", self.models),
        ]
        return [*changing, *(_fixed(name, value) for name, value in a1111.LISTS.items())]

    async def create(self, request: Request) -> Response:
        """Make pictures and answer with all of them."""
        order = a1111.parse_txt2img(await read_fields(request))
        ticket = self._desk.take(request, order.requests)
        with self._board.entry(ticket) as watch:
            try:
                images = await self._desk.fulfil(
                    request, ticket, PNG_FILE, watch, extra=order.adjusted
                )
            except HungUp:
                self._board.hung_up()
                raise
        body = a1111.answer(order, images, self._desk.model)
        return await asyncio.to_thread(JSONResponse, body)

    async def progress(self, request: Request) -> Response:
        """Say how far the order is that is being made, with its latest preview."""
        preview = self._board.current_preview()
        if request.query_params.get("skip_current_image", "").lower() in ("true", "1"):
            preview = None
        picture = await preview_file(preview, PNG_FILE) if preview else None
        return JSONResponse({**self._board.report(), "current_image": picture, "textinfo": None})

    async def interrupt(self, request: Request) -> Response:
        """Stop the order that is being made, if there is one."""
        self._board.interrupt()
        return JSONResponse({})

    async def options(self, request: Request) -> Response:
        """Answer with the settings that clients look for.

        Settings that are sent change nothing: there is one model and one sampler.
        """
        if request.method == "POST":
            await read_fields(request)
            return JSONResponse(None)
        return JSONResponse(a1111.options(self._desk.model))

    async def models(self, request: Request) -> Response:
        """Answer with the loaded model."""
        return JSONResponse(a1111.models(self._desk.model))


def _fixed(name: str, value: object) -> Route:
    async def listed(request: Request) -> Response:
        return JSONResponse(value)

    return Route(f"{_PREFIX}/{name}", listed)
