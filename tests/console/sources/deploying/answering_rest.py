"""An interface on loopback whose answers a test scripts, asked in the console's own way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.sandbox.gateway import Gateway
from console.sources.google_rest import GoogleRest, NoAuthorization


@asynccontextmanager
async def answering(answers: dict[str, Sequence[object]]) -> AsyncIterator[GoogleRest]:
    """Answer what is asked at each path: one after the other, the last one again and again.

    A number is a status without anything else.
    """
    left = {path: list(scripted) for path, scripted in answers.items()}

    async def answer(request: Request) -> Response:
        scripted = left.get(request.url.path, [404])
        said = scripted.pop(0) if len(scripted) > 1 else scripted[0]
        return Response(status_code=said) if isinstance(said, int) else JSONResponse(said)

    gateway = Gateway([Route("/{rest:path}", answer, methods=["GET", "POST", "DELETE"])])
    rest = GoogleRest(NoAuthorization(), f"http://{await gateway.open()}")
    try:
        yield rest
    finally:
        await rest.aclose()
        await gateway.close()
