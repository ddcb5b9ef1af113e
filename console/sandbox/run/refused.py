"""What the sandbox refuses, as Google's interfaces do, whether they are asked by gRPC or HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import grpc

_Request = TypeVar("_Request")
_Answer = TypeVar("_Answer")

HTTP_STATUS: Final = {
    grpc.StatusCode.INVALID_ARGUMENT: 400,
    grpc.StatusCode.FAILED_PRECONDITION: 400,
    grpc.StatusCode.OUT_OF_RANGE: 400,
    grpc.StatusCode.UNAUTHENTICATED: 401,
    grpc.StatusCode.PERMISSION_DENIED: 403,
    grpc.StatusCode.NOT_FOUND: 404,
    grpc.StatusCode.ALREADY_EXISTS: 409,
    grpc.StatusCode.ABORTED: 409,
    grpc.StatusCode.RESOURCE_EXHAUSTED: 429,
    grpc.StatusCode.UNIMPLEMENTED: 501,
    grpc.StatusCode.UNAVAILABLE: 503,
    grpc.StatusCode.DEADLINE_EXCEEDED: 504,
}
"""How HTTP says it. Source: https://cloud.google.com/apis/design/errors."""


class Refused(Exception):
    """A request that is refused with a code; the message says why."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def http_status(self) -> int:
        """The status of the answer by HTTP."""
        return HTTP_STATUS.get(self.code, 500)


def invalid(message: str) -> Refused:
    """Return the refusal of a request that makes no sense whatever is deployed."""
    return Refused(grpc.StatusCode.INVALID_ARGUMENT, message)


def unary(
    answer: Callable[[_Request], Awaitable[_Answer]],
    request: Callable[[bytes], _Request],
    response: Callable[[_Answer], bytes],
) -> grpc.RpcMethodHandler:
    """Return a gRPC method that `answer` answers, and that says what it refuses."""

    async def behave(asked: _Request, context: grpc.aio.ServicerContext[Any, Any]) -> _Answer:
        try:
            return await answer(asked)
        except Refused as refused:
            await context.abort(refused.code, str(refused))
            raise

    return grpc.unary_unary_rpc_method_handler(
        behave, request_deserializer=request, response_serializer=response
    )
