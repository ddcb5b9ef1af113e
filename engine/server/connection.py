"""One TCP connection: uvicorn's HTTP protocol, with an end to every kind of waiting.

uvicorn waits for ever for a request that never ends, and for a client that never reads. Here a
request has to arrive as a whole within `Limits.request_seconds`, an answer has to be read, the
number of connections is bounded, and what is not HTTP is refused in the shape of every other error.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from engine.errors import NotReady
from engine.server.headers import SECURITY
from engine.server.refusals import Refusal, refusal_for


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may claim of the server.

    `request_seconds` from a request's first byte to its last; `connections` at a time;
    `unread_seconds` for which an answer may lie unread. `refused` hears the code of everything
    that is refused here, where no log line is written.
    """

    request_seconds: float
    connections: int
    refused: Callable[[str], None] = lambda code: None
    unread_seconds: float = 60.0


class Connection(H11Protocol):
    """Made by `connections_within`, which sets `limits`."""

    limits: Limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; where there are too many connections, one has to go."""
        super().connection_made(transport)
        self._waiting_since = self.loop.time()
        self._request_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._await_request()
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take bytes from the client."""
        super().data_received(data)
        self._watch_request()

    def on_response_complete(self) -> None:
        """Go on with what the client has sent meanwhile."""
        self._waiting_since = self.loop.time()
        super().on_response_complete()
        self._watch_request()

    def pause_writing(self) -> None:
        """Begin to wait for the client to read."""
        super().pause_writing()
        self._unread_timer = self.loop.call_later(self.limits.unread_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on, since the client has read."""
        super().resume_writing()
        if self._unread_timer is not None:
            self._unread_timer.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        super().connection_lost(exc)
        for timer in (self._request_timer, self._unread_timer):
            if timer is not None:
                timer.cancel()

    def shutdown(self) -> None:
        """End the connection once its answer is sent; a request still on its way gets none."""
        if self.conn.their_state is h11.SEND_BODY:
            self._refuse(refusal_for(NotReady("the engine is shutting down; send it again")))
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP; uvicorn calls this while it handles h11's error."""
        error = sys.exc_info()[1]
        status = error.error_status_hint if isinstance(error, h11.RemoteProtocolError) else 400
        code = "headers_too_large" if status == 431 else "bad_request"
        self._refuse(Refusal(status, f"the request is not valid HTTP/1.1: {error}", code))

    # -- a request that does not come -------------------------------------------------------

    def _watch_request(self) -> None:
        state = self.conn.their_state
        begun = state is h11.IDLE and self.conn.trailing_data[0] != b""
        if state is h11.SEND_BODY or begun:
            self._await_request()
        elif self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def _await_request(self) -> None:
        if self._request_timer is None:
            seconds = self.limits.request_seconds
            self._request_timer = self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        if self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]:
            # Opened in reserve, as browsers do: nobody waits for an answer.
            self.transport.close()
            return
        seconds = self.limits.request_seconds
        message = f"the request did not arrive within {seconds:g} seconds; send it faster"
        self._refuse(Refusal(408, message, "request_timeout"))

    # -- too many connections ---------------------------------------------------------------

    def _make_room(self) -> None:
        """Close the connection that has waited longest for a request, or this one if none does."""
        # One that is closing is told of its end only in the loop's next round.
        others = [
            each
            for each in self.connections
            if isinstance(each, Connection) and each is not self and not each._is_closing()
        ]
        if len(others) < self.limits.connections:
            return
        waiting = [each for each in others if each._awaits_request()]
        if waiting:
            min(waiting, key=lambda each: each._waiting_since).transport.close()
            self.limits.refused("connection_dropped")
            return
        message = f"{self.limits.connections:,} connections are open already; try again later"
        self._refuse(Refusal(503, message, "too_many_connections", headers={"retry-after": "10"}))

    def _is_closing(self) -> bool:
        closing: bool = self.transport.is_closing()
        return closing

    def _awaits_request(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered or self.conn.their_state is h11.SEND_BODY

    def _refuse(self, refusal: Refusal) -> None:
        self.limits.refused(refusal.code or "")
        # Once an answer has begun there is no place for another.
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = json.dumps(refusal.to_json()).encode()
            headers = {
                **SECURITY,
                **refusal.headers,
                "content-type": "application/json",
                "content-length": str(len(body)),
                "connection": "close",
            }
            reason = HTTPStatus(refusal.status).phrase.encode()
            answer = h11.Response(
                status_code=refusal.status, headers=list(headers.items()), reason=reason
            )
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:
            # Whoever works on this request is to hear now that its answer will not be read.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()


def connections_within(limits: Limits) -> type[Connection]:
    """Return the protocol to give to `uvicorn.Config`."""
    return type("Connection", (Connection,), {"limits": limits})
