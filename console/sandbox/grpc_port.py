"""The gRPC interfaces of the sandbox on one port of loopback, and what goes wrong with all of them.

Faults of a single interface are its own to obey; here are those that strike before a method is
reached.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

import grpc

from console.sandbox.faults import Fault, Faults
from console.sandbox.writes import is_grpc_write

_ANY: Final = "/"
_RUN: Final = "/google.cloud.run.v2."
_REFUSALS: Final = {
    Fault.TOKEN_EXPIRED: (
        _ANY,
        grpc.StatusCode.UNAUTHENTICATED,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential.",
    ),
    Fault.SERVICES_THROTTLED: (
        _RUN,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per "
        "region' of service 'run.googleapis.com'.",
    ),
    Fault.SERVICES_UNAVAILABLE: (
        _RUN,
        grpc.StatusCode.UNAVAILABLE,
        "The service is currently unavailable.",
    ),
}
_CHANGES: Final = {
    Fault.CHANGES_DENIED: (
        grpc.StatusCode.PERMISSION_DENIED,
        "The caller does not have permission",
    ),
    Fault.CHANGES_THROTTLED: (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "Quota exceeded for quota metric 'Write requests'.",
    ),
    Fault.CHANGES_UNAVAILABLE: (
        grpc.StatusCode.UNAVAILABLE,
        "The service is currently unavailable.",
    ),
}


class GrpcPort:
    """Serves `handlers` behind `guards`, except while `faults` say that the network is down."""

    def __init__(
        self,
        handlers: Sequence[grpc.GenericRpcHandler],
        faults: Faults,
        guards: Sequence[grpc.aio.ServerInterceptor] = (),
    ) -> None:
        self._handlers = handlers
        self._guards = guards
        self._faults = faults
        self._server: grpc.aio.Server | None = None
        self._held: socket.socket | None = None
        self._changed = asyncio.Event()
        self._obeying: asyncio.Task[None] | None = None
        self._port = 0

    async def open(self, port: int = 0) -> str:
        """Listen on `port` of loopback, 0 for any; return `HOST:PORT`. Raises `OSError`."""
        await self._listen(port)
        # Held, so that nobody else has taken the port when the network is back.
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._held.bind(("127.0.0.1", self._port))
        self._faults.subscribe(self._changed.set)
        self._changed.set()
        self._obeying = asyncio.create_task(self._obey())
        return f"127.0.0.1:{self._port}"

    async def close(self) -> None:
        """Stop listening, and break off what is being answered."""
        if self._obeying is not None:
            self._obeying.cancel()
            with suppress(asyncio.CancelledError):
                await self._obeying
        await self._stop()
        if self._held is not None:
            self._held.close()

    async def _obey(self) -> None:
        """Take the port away and give it back, as the fault comes and goes."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            down = Fault.NETWORK_DOWN in self._faults
            if down:
                await self._stop()
            elif self._server is None:
                await self._listen(self._port)

    async def _listen(self, port: int) -> None:
        server = grpc.aio.server(interceptors=(_Refusing(self._faults), *self._guards))
        server.add_generic_rpc_handlers(self._handlers)
        try:
            self._port = server.add_insecure_port(f"127.0.0.1:{port}")
        except RuntimeError as error:
            raise OSError(str(error)) from None
        await server.start()
        self._server = server

    async def _stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            await server.stop(None)


class _Refusing(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Answers in a method's place what a fault says."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        handler = await continuation(details)
        for fault, (prefix, code, message) in _REFUSALS.items():
            if fault in self._faults and details.method.startswith(prefix) and handler is not None:
                return refusing(handler, code, message)
        if handler is None or not is_grpc_write(details.method):
            return handler
        for fault, (code, message) in _CHANGES.items():
            if fault in self._faults:
                return refusing(handler, code, message)
        return _losing(handler) if Fault.ANSWER_LOST in self._faults else handler


def _losing(handler: grpc.RpcMethodHandler) -> grpc.RpcMethodHandler:
    """Return what does the work of `handler`, of which the answer never arrives."""

    async def lose(request: object, context: grpc.aio.ServicerContext) -> None:
        await handler.unary_unary(request, context)
        await context.abort(grpc.StatusCode.UNAVAILABLE, "recvmsg:Connection reset by peer")

    return grpc.unary_unary_rpc_method_handler(
        lose, handler.request_deserializer, handler.response_serializer
    )


def refusing(
    handler: grpc.RpcMethodHandler,
    code: grpc.StatusCode,
    message: str,
    metadata: Sequence[tuple[str, bytes]] = (),
) -> grpc.RpcMethodHandler:
    """Return what answers in the place of `handler`: a refusal, with `metadata` at its end."""

    async def refuse(request: object, context: grpc.aio.ServicerContext) -> None:
        await context.abort(code, message, tuple(metadata))

    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    kind = kinds[handler.request_streaming, handler.response_streaming]
    return kind(refuse, handler.request_deserializer, handler.response_serializer)
