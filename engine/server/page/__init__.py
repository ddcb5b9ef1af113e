"""The web page: a prompt and its picture, from three static files and the HTTP interface."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_KINDS: Final = {
    "index.html": "text/html",
    "app.js": "text/javascript",
    "style.css": "text/css",
}
# Nothing but the page's own files and the pictures that it makes may be loaded or run.
_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}


def page_routes() -> list[Route]:
    """Return the routes of the page: `/`, and its files under `/page/`."""
    routes = [Route("/", _serving("index.html"))]
    return routes + [Route(f"/page/{name}", _serving(name)) for name in ("app.js", "style.css")]


def _serving(name: str) -> Callable[[Request], Awaitable[Response]]:
    content = (resources.files(__name__) / name).read_bytes()

    async def serve(request: Request) -> Response:
        return Response(content, media_type=_KINDS[name], headers=_HEADERS)

    return serve
