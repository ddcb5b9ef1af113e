"""The HTTP interfaces of the sandbox on one port of loopback, and the switches for its faults.

Requests may name their target in full, as clients do that take the port for a proxy: the host is
left out of account, since the paths of Google's interfaces do not overlap.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from console.sandbox.faults import MEASURES, BadAmount, Fault, Faults, read_amount
from console.sandbox.writes import is_write

CLOSING_SECONDS: Final = 1
_SWITCHES: Final = "/sandbox/"
_SERVICES: Final = "/apis/serving.knative.dev/"
_STATUS: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def refusal(status: int, message: str, reason: str = "") -> JSONResponse:
    """Return an error as Google's HTTP interfaces word it; `reason` is a word of the interface.

    Source: https://google.aip.dev/193.
    """
    error: dict[str, object] = {
        "code": status,
        "message": message,
        "status": _STATUS.get(status, "UNKNOWN"),
    }
    if reason:
        error["errors"] = [{"message": message, "domain": "global", "reason": reason}]
    return JSONResponse({"error": error}, status)


class Gateway(uvicorn.Server):
    """Serves `routes` in the event loop that opens it, as far as `faults` let it."""

    def __init__(self, routes: Sequence[BaseRoute], faults: Faults | None = None) -> None:
        app = _Obeying(Starlette(routes=routes), Faults() if faults is None else faults)
        super().__init__(
            uvicorn.Config(
                _OriginForm(app),
                http=_Connection,
                loop="asyncio",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=CLOSING_SECONDS,
            )
        )
        # It warns of whatever clients send that it does not understand, a line for each.
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
        self._opened = asyncio.Event()
        self._serving: asyncio.Task[None] | None = None

    async def open(self, port: int = 0) -> str:
        """Listen on `port` of loopback, 0 for any; return `HOST:PORT`. Raises `OSError`."""
        listener = socket.create_server(("127.0.0.1", port))
        host, port = listener.getsockname()
        self._serving = asyncio.create_task(self.serve(sockets=[listener]))
        await self._opened.wait()
        return f"{host}:{port}"

    async def close(self) -> None:
        """Stop listening; what is being answered is broken off after `CLOSING_SECONDS`."""
        self.should_exit = True
        if self._serving is not None:
            await self._serving

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the sandbox."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._opened.set()


class _Connection(H11Protocol):
    """A connection that the answer to a request can break off."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio sees to this only where a socket says its protocol, which a new server's does not.
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.app_state = {**self.app_state, "transport": transport}


async def break_off(request: Request) -> None:
    """Reset the connection of `request`, as a network that fails does; nothing more is sent."""
    transport: asyncio.Transport = request.scope["state"]["transport"]
    if not transport.is_closing():
        # Data that is on its way is forgotten, so that the client sees no orderly end.
        lingering = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, lingering
        )
    transport.abort()
    while (await request.receive())["type"] != "http.disconnect":
        pass


class _OriginForm:
    """Makes a path of a request target that names scheme and host (RFC 9112 §3.2.2)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("http://"):
            raw: bytes = scope["raw_path"]
            scope = dict(scope) | {
                "path": _without_host(scope["path"]),
                "raw_path": _without_host(raw.decode("latin-1")).encode("latin-1"),
            }
        await self._app(scope, receive, send)


def _without_host(target: str) -> str:
    return "/" + target.removeprefix("http://").partition("/")[2]


class _Obeying:
    """Answers in the interfaces' place what strikes all of them; the switches always work."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_SWITCHES):
            await self._app(scope, receive, send)
        elif Fault.NETWORK_DOWN in self._faults:
            await break_off(Request(scope, receive))
        elif (struck := self._struck(scope["method"], scope["path"])) is not None:
            await struck(scope, receive, send)
        elif Fault.ANSWER_LOST in self._faults and is_write(scope["method"], scope["path"]):
            await self._app(scope, receive, _unheard)
            await break_off(Request(scope, receive))
        else:
            await self._app(scope, receive, send)

    def _struck(self, method: str, path: str) -> Response | None:
        if Fault.TOKEN_EXPIRED in self._faults:
            return refusal(401, "Request had invalid authentication credentials.", "authError")
        if path.startswith(_SERVICES) and Fault.SERVICES_THROTTLED in self._faults:
            return refusal(429, "Quota exceeded for quota metric 'Read requests'.", "rateLimit")
        if path.startswith(_SERVICES) and Fault.SERVICES_UNAVAILABLE in self._faults:
            return refusal(503, "The service is currently unavailable.", "backendError")
        if is_write(method, path):
            return next((told() for fault, told in _CHANGES if fault in self._faults), None)
        return None


async def _unheard(message: Message) -> None:
    """Send nothing of an answer."""


_CHANGES: Final[Sequence[tuple[Fault, Callable[[], Response]]]] = (
    (
        Fault.CHANGES_DENIED,
        lambda: refusal(403, "The caller does not have permission", "forbidden"),
    ),
    (
        Fault.CHANGES_THROTTLED,
        lambda: refusal(429, "Quota exceeded for quota metric 'Write requests'.", "rateLimit"),
    ),
    (
        Fault.CHANGES_UNAVAILABLE,
        lambda: refusal(503, "The service is currently unavailable.", "backendError"),
    ),
)


class FaultSwitches:
    """`/sandbox/faults`: which faults there are and which are on; PUT and DELETE switch them.

    PUT may say how much of a fault there is to be: `?amount=5`, or `{"amount": 5}` as its body.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        return [
            Route("/sandbox/faults", self._list, methods=["GET"]),
            Route("/sandbox/faults/{name}", self._switch, methods=["PUT", "DELETE"]),
        ]

    async def _list(self, request: Request) -> Response:
        return JSONResponse(
            {
                "active": list(self._faults.active),
                "amounts": dict(self._faults.amounts),
                "known": list(Fault),
                "measures": {fault: asdict(measure) for fault, measure in MEASURES.items()},
            }
        )

    async def _switch(self, request: Request) -> Response:
        name = request.path_params["name"]
        try:
            fault = Fault(name)
        except ValueError:
            return refusal(404, f"{name!r} is no fault; name one of {', '.join(Fault)}")
        if request.method == "DELETE":
            self._faults.end(fault)
            return await self._list(request)
        try:
            self._faults.begin(fault, await _amount(request, fault))
        except BadAmount as error:
            return refusal(400, str(error))
        return await self._list(request)


async def _amount(request: Request, fault: Fault) -> float | None:
    """Return how much of a fault a request asks for, None where it does not say.

    It says so in its query, or in JSON in its body: `{"amount": 5}`. Raises `BadAmount`.
    """
    said: object = request.query_params.get("amount")
    if said is None:
        said = _said(await request.body())
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        raise BadAmount("an amount is a number")
    return read_amount(fault, str(said))


def _said(body: bytes) -> object:
    if not body.strip():
        return None
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict) or not asked.keys() <= {"amount"}:
        raise BadAmount('the body is no JSON such as {"amount": 5}')
    return asked.get("amount")
