"""The outermost layer: who may ask, a request's id, its log line, an answer to what went wrong."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.log import Log, Severity, trace_fields
from engine.server.auth import challenge, may_enter
from engine.server.client import client_key
from engine.server.headers import SECURITY, headers_refusal
from engine.server.origin import OriginPolicy
from engine.server.refusals import CLIENT_CLOSED_REQUEST, Refusal, Refused, refusal_for
from engine.settings import Settings

OPEN_PATHS: Final = frozenset({"/healthz", "/readyz"})
# Asked every second or so by probes and consoles; a line each would bury the others.
QUIET_PATHS: Final = OPEN_PATHS | {"/v1/timeline", "/metrics", "/sdapi/v1/progress"}
# The page itself holds nothing secret, and it is where a person gives the key.
PAGE: Final = "/page/"


def note(request: HTTPConnection, **facts: object) -> None:
    """Add `facts` to the request's log line; `failure` is the exception that ended a stream."""
    request.state.facts.update(facts)


class RequestObserver:
    """Hears of every answered request; this one does not care."""

    def answered(self, scope: Scope, status: int, seconds: float, code: str | None) -> None:
        """A request was answered with `status`, and with the error `code` if it was refused."""


class Access:
    """Wraps `app`; `new_id` names requests."""

    def __init__(
        self,
        app: ASGIApp,
        log: Log,
        settings: Settings,
        *,
        new_id: Callable[[], str],
        observer: RequestObserver,
    ) -> None:
        self._app = app
        self._log = log
        self._key = settings.api_key
        self._project = settings.project
        self._proxies = settings.proxies
        self._probes = OPEN_PATHS | {settings.health_route}
        self._origins = OriginPolicy(settings.cors_origins, local=settings.open_to_this_machine)
        self._new_id = new_id
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and log it."""
        if scope["type"] != "http":
            return
        began, request_id, status = time.monotonic(), self._new_id(), 0
        facts: dict[str, object] = {}
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope["client"] else ""
        client = client_key(peer, headers, self._proxies)
        scope["state"] = {**scope.get("state", {}), "facts": facts, "client": client}
        defaults = {**SECURITY, **self._origins.answer_headers(headers)}

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answer = MutableHeaders(scope=message)
                answer["x-request-id"] = request_id
                for name, value in defaults.items():
                    answer.setdefault(name, value)
            await send(message)

        try:
            await self._serve(scope, headers, receive, named)
        except Exception as error:
            facts["failure"] = error
            if not status:
                await refusal_for(error).response()(scope, receive, named)
        seconds = round(time.monotonic() - began, 4)
        self._report(scope, status or CLIENT_CLOSED_REQUEST, seconds, request_id, facts)

    async def _serve(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        preflight = self._origins.preflight(scope["method"], headers)
        if preflight is not None:
            await Response(status_code=204, headers=preflight)(scope, receive, send)
            return
        refusal = headers_refusal(scope) or self._origins.refusal(scope["method"], headers)
        refusal = refusal or self._key_refusal(scope["path"], headers)
        if refusal is not None:
            raise Refused(refusal)
        await self._app(scope, receive, send)

    def _key_refusal(self, path: str, headers: Headers) -> Refusal | None:
        public = path in self._probes or path == "/" or path.startswith(PAGE)
        if public or may_enter(headers, self._key):
            return None
        message = "the key is missing or wrong; send it as Authorization: Bearer KEY"
        return Refusal(401, message, "invalid_api_key", headers=challenge(headers))

    def _report(
        self, scope: Scope, status: int, seconds: float, request_id: str, facts: dict[str, object]
    ) -> None:
        failure = facts.pop("failure", None)
        if isinstance(failure, Exception):
            facts |= _told(failure)
        code = facts.get("code")
        self._observer.answered(scope, status, seconds, str(code) if code else None)
        if scope["path"] in QUIET_PATHS | self._probes and status in (200, 503) and failure is None:
            return
        method, path = scope["method"], scope["path"]
        line = {
            "method": method,
            "path": path,
            "status": status,
            "seconds": seconds,
            "request_id": request_id,
            **facts,
            **trace_fields(Headers(scope=scope), self._project),
        }
        wrong = status >= 500 or "stack_trace" in facts
        severity = Severity.ERROR if wrong else Severity.INFO
        told = [f"in {seconds:.2f} s", *_picture_words(facts)]
        message = f"{method} {path} {status} {', '.join(told)}"
        if "error" in facts:
            message += f": {facts['error']}"
        self._log.write(severity, "request", message, line)


def _picture_words(facts: Mapping[str, object]) -> Iterator[str]:
    if "seed" in facts:
        yield f"{facts['size']}, {facts['steps']} steps, seed {facts['seed']}"


def _told(failure: Exception) -> dict[str, object]:
    refusal = refusal_for(failure)
    told: dict[str, object] = {"error": refusal.message, "code": refusal.code}
    unexpected = failure if refusal.code == "internal_error" else failure.__cause__
    if unexpected is not None:
        told["stack_trace"] = "".join(traceback.format_exception(unexpected))
    return told
