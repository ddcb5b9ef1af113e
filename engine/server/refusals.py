"""Every answer that is not what the client asked for, in the shape of OpenAI's errors.

`{"error": {"message", "type", "param", "code"}}`; where asking again cannot help,
`x-should-retry: false` keeps OpenAI's clients from doing so (they repeat every 5xx twice).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from engine.errors import (
    Cancelled,
    DeadlineExceeded,
    GenerationFailed,
    NotReady,
    OutOfMemory,
    QueueFull,
    one_line,
)
from engine.schema import InvalidRequest

# OpenAI's clients honour no longer wait than this.
LONGEST_WAIT: Final = 120
CLIENT_CLOSED_REQUEST: Final = 499
_NO_RETRY: Final = {"x-should-retry": "false"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer: HTTP `status`, and the fields of the error object."""

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The class of error, in OpenAI's words."""
        if self.status == 429:
            return "rate_limit_error"
        return "server_error" if self.status >= 500 else "invalid_request_error"

    def to_json(self) -> dict[str, object]:
        """Return the body."""
        error = {"message": self.message, "type": self.type, "param": self.param, "code": self.code}
        return {"error": error}

    def response(self) -> JSONResponse:
        """Return the answer as it goes out."""
        return JSONResponse(self.to_json(), self.status, headers=dict(self.headers))


class Refused(Exception):
    """Raised by a handler to answer with `refusal`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


def refusal_for(error: Exception) -> Refusal:
    """Return how to answer `error`, whatever it is."""
    match error:
        case Refused():
            return error.refusal
        case InvalidRequest():
            return Refusal(400, str(error), "invalid_value", error.param)
        case QueueFull():
            wait = min(LONGEST_WAIT, max(1, math.ceil(error.retry_after)))
            return Refusal(429, str(error), "queue_full", headers={"retry-after": str(wait)})
        case NotReady(final=True):
            return Refusal(503, str(error), "model_failed", headers=_NO_RETRY)
        case NotReady():
            again = {"retry-after": "2", "x-should-retry": "true"}
            return Refusal(503, str(error), "shutting_down", headers=again)
        case Cancelled():
            return Refusal(CLIENT_CLOSED_REQUEST, str(error), "cancelled")
        case DeadlineExceeded():
            return Refusal(504, str(error), "deadline_exceeded", headers=_NO_RETRY)
        case OutOfMemory():
            return Refusal(503, str(error), "out_of_memory", headers=_NO_RETRY)
        case GenerationFailed():
            return Refusal(500, str(error), "generation_failed", headers=_NO_RETRY)
        case ClientDisconnect():
            message = "the client closed the connection before its request was sent"
            return Refusal(CLIENT_CLOSED_REQUEST, message, "cancelled")
        case HTTPException(status_code=404):
            message = "nothing is at this path; pictures come from POST /v1/images/generations"
            return Refusal(404, message, "not_found")
        case HTTPException(status_code=405):
            allowed = dict(error.headers or {})
            message = f"this path takes {allowed.get('Allow', 'another method')} only"
            return Refusal(405, message, "method_not_allowed", headers=allowed)
        case HTTPException():
            return Refusal(error.status_code, error.detail, headers=dict(error.headers or {}))
        case _:
            return Refusal(500, one_line(error), "internal_error", headers=_NO_RETRY)
