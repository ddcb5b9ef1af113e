"""The web page: static files that make, show and keep pictures over the HTTP interface."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_KINDS: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
# Nothing but the page's own files and the pictures that it makes may be loaded or run, and no
# script may turn text into markup.
_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


def page_routes() -> list[Route]:
    """Return the routes of the page: `/`, and its files under `/page/`."""
    files = {file.name: file for file in resources.files(__name__).iterdir() if _kind(file.name)}
    routes = [Route("/", _serving(files.pop("index.html")))]
    return routes + [Route(f"/page/{name}", _serving(files[name])) for name in sorted(files)]


def _kind(name: str) -> str | None:
    return _KINDS.get(name[name.rfind(".") :])


def _serving(file: Traversable) -> Callable[[Request], Awaitable[Response]]:
    content, kind = file.read_bytes(), _kind(file.name)
    headers = {**_HEADERS, "etag": f'"{hashlib.sha256(content).hexdigest()[:16]}"'}

    async def serve(request: Request) -> Response:
        if headers["etag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=kind, headers=headers)

    return serve
