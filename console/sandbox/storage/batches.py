"""Several requests in one, each answered by itself.

Source: https://cloud.google.com/storage/docs/batch.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from email.message import Message
from email.parser import BytesParser
from http import HTTPStatus
from typing import Final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message as Event
from starlette.types import Scope

from console.sandbox.storage.disturbances import Disturbances
from console.sandbox.storage.refusals import invalid
from console.sandbox.storage.requests import LARGEST_DOCUMENT, collected

_MOST: Final = 100
_BOUNDARY: Final = "batch_of_answers"

Answer = Callable[[Request], Awaitable[Response]]


class Batches:
    """Lets `answer` answer every request of a batch; raises `Refused`."""

    def __init__(self, answer: Answer, disturbances: Disturbances) -> None:
        self._answer = answer
        self._disturbances = disturbances

    async def answer(self, request: Request) -> Response:
        """Answer a batch."""
        body = await collected(self._disturbances.body(request), 8 * LARGEST_DOCUMENT)
        head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n"
        message = BytesParser().parsebytes(head.encode("latin-1") + body)
        parts = message.get_payload()
        if not isinstance(parts, list) or len(parts) > _MOST:
            raise invalid(f"The batch is malformed, or has more than {_MOST} requests.")
        answers = [await self._one(request, part) for part in parts if isinstance(part, Message)]
        answers.append(f"--{_BOUNDARY}--\r\n".encode())
        return Response(b"".join(answers), media_type=f'multipart/mixed; boundary="{_BOUNDARY}"')

    async def _one(self, outer: Request, part: Message) -> bytes:
        inner = part.get_payload(decode=True)
        response = await self._answer(_read(outer, inner if isinstance(inner, bytes) else b""))
        if isinstance(response, StreamingResponse):
            response = invalid("The bytes of objects cannot be asked for in a batch.").as_json()
        identity = str(part.get("Content-ID", "<>")).strip("<>\r\n ")
        status = response.status_code
        phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Other"
        lines = [
            f"--{_BOUNDARY}",
            "Content-Type: application/http",
            f"Content-ID: <response-{identity}>",
            "",
            f"HTTP/1.1 {status} {phrase}",
            *(f"{key}: {value}" for key, value in response.headers.items()),
            "",
            "",
        ]
        return "\r\n".join(lines).encode("latin-1", "replace") + bytes(response.body) + b"\r\n"


def _read(outer: Request, text: bytes) -> Request:
    """Return the request that a part of a batch is."""
    line, _, rest = text.partition(b"\n")
    words = line.strip().split(b" ")
    if len(words) != 3:
        raise invalid("A request of the batch is malformed.")
    message = BytesParser().parsebytes(rest)
    payload = message.get_payload(decode=True)
    path, _, query = _path(words[1]).partition(b"?")
    scope: Scope = {
        **outer.scope,
        "method": words[0].decode("latin-1"),
        "path": path.decode("latin-1"),
        "raw_path": path,
        "query_string": query,
        "headers": [
            (key.lower().encode("latin-1"), str(value).encode("latin-1", "replace"))
            for key, value in message.items()
            if key.lower() != "host"
        ]
        + [(b"host", outer.headers.get("host", "").encode("latin-1"))],
    }
    body = payload if isinstance(payload, bytes) else b""

    async def receive() -> Event:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(scope, receive)


def _path(target: bytes) -> bytes:
    if target.startswith((b"http://", b"https://")):
        return b"/" + target.partition(b"://")[2].partition(b"/")[2]
    return target
