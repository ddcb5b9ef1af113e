"""Interfaces that are switched off in the project: they refuse, by gRPC and by HTTP.

Source: https://cloud.google.com/service-usage/docs/enable-disable.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

import google.rpc.error_details_pb2  # noqa: F401 (what the details of a refusal may be)
import grpc
from google.protobuf import any_pb2, json_format
from google.rpc import status_pb2
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from console.sandbox.grpc_port import refusing
from console.sandbox.json_calls import Detailed, detailed

Require = Callable[[str], None]
"""Raises `Detailed` while the interface of that name is switched off."""

_PACKAGES: Final = {
    "/google.cloud.run.v2.": "run.googleapis.com",
    "/google.logging.v2.": "logging.googleapis.com",
    "/google.monitoring.v3.": "monitoring.googleapis.com",
}
_DETAILS: Final = "grpc-status-details-bin"


class Interface(Protocol):
    """Something that is served by HTTP."""

    def routes(self) -> Sequence[BaseRoute]:
        """Return what is to be served."""
        ...


class Guarded:
    """The `interface` called `service`, which refuses while it is switched off."""

    def __init__(self, interface: Interface, service: str, require: Require) -> None:
        self._interface = interface
        self._service = service
        self._require = require

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        routes = list(self._interface.routes())
        for route in routes:
            if isinstance(route, Route):
                route.app = self._guarded(route.app)
        return routes

    def _guarded(self, app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                self._require(self._service)
            except Detailed as refused:
                await detailed(refused)(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer


class GrpcGuard(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Refuses calls by gRPC to interfaces that are switched off."""

    def __init__(self, require: Require) -> None:
        self._require = require

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler]],
        details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler:
        """Return what answers a method: itself, or a refusal."""
        handler = await continuation(details)
        for package, service in _PACKAGES.items():
            if details.method.startswith(package) and handler is not None:
                try:
                    self._require(service)
                except Detailed as refused:
                    details_at_end = ((_DETAILS, _status(refused)),)
                    return refusing(handler, refused.code, str(refused), details_at_end)
        return handler


def _status(refused: Detailed) -> bytes:
    status = status_pb2.Status(code=refused.code.value[0], message=str(refused))
    for each in refused.details:
        status.details.append(json_format.ParseDict(each, any_pb2.Any()))
    return bytes(status.SerializeToString())
