"""Long-running operations: what was asked for, how far it is, and how it ended.

Source: google.longrunning.Operations (https://google.aip.dev/151), as Cloud Run serves it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import grpc
from google.cloud.run_v2.types import Service
from google.longrunning import operations_pb2
from google.longrunning.operations_pb2 import Operation
from google.protobuf import empty_pb2

from console.sandbox.run.refused import Refused, invalid, unary

KEPT: Final = 50
_LARGEST_PAGE: Final = 100
_LONGEST_WAIT: Final = 3_600.0

Admit = Callable[[str, str], None]
"""Raises `Refused` unless a permission is given on a resource: called with both."""


class Operations:
    """The operations of a sandbox in `kept`, by name and oldest first; the latest `KEPT` stay."""

    def __init__(
        self,
        kept: dict[str, Operation],
        admit: Admit,
        save: Callable[[], None],
        new_hex: Callable[[int], str],
    ) -> None:
        self._kept = kept
        self._admit = admit
        self._save = save
        self._new_hex = new_hex
        self._changed = asyncio.Event()

    def begin(self, resource: str, metadata: Any) -> Operation:
        """Begin an operation on `resource`; `metadata` is a raw message that shows it as it is."""
        operation = Operation(name=f"{_region(resource)}/operations/{_uuid(self._new_hex)}")
        operation.metadata.Pack(metadata)
        self._kept[operation.name] = operation
        for name in tuple(self._kept)[:-KEPT]:
            del self._kept[name]
        return operation

    def show(self, name: str, metadata: Any) -> None:
        """Let a running operation show its resource as it is now."""
        operation = self._kept.get(name)
        if operation is not None and not operation.done:
            operation.metadata.Pack(metadata)

    def succeed(self, name: str, response: Any) -> None:
        """End an operation well: `response` is the raw message that came of it."""
        operation = self._kept.get(name)
        if operation is not None and not operation.done:
            operation.done = True
            operation.metadata.Pack(response)
            operation.response.Pack(response)
            self._tell()

    def fail(self, name: str, code: grpc.StatusCode, message: str, metadata: Any) -> None:
        """End an operation badly: `metadata` is the resource as that leaves it."""
        operation = self._kept.get(name)
        if operation is not None and not operation.done:
            operation.done = True
            operation.metadata.Pack(metadata)
            operation.error.code = code.value[0]
            operation.error.message = message
            self._tell()

    def unfinished(self) -> list[tuple[str, Any]]:
        """Return the operations that have not ended: names, and the raw services they show."""
        return [(name, _shown(each)) for name, each in self._kept.items() if not each.done]

    def running(self, service: str) -> list[str]:
        """Return the names of the operations on a service that have not ended."""
        return [name for name, shown in self.unfinished() if shown.name == service]

    def get(self, name: str) -> Operation:
        """Return an operation; raises `Refused`."""
        self._admit(name, "run.operations.get")
        operation = self._kept.get(name)
        if operation is None:
            raise Refused(grpc.StatusCode.NOT_FOUND, f"Operation '{name}' was not found")
        return operation

    async def wait(self, name: str, seconds: float) -> Operation:
        """Return an operation once it has ended, or as it is after `seconds`."""
        try:
            async with asyncio.timeout(min(seconds, _LONGEST_WAIT)):
                while not (operation := self.get(name)).done:
                    await self._changed.wait()
        except TimeoutError:
            return self.get(name)
        return operation

    def handler(self) -> grpc.GenericRpcHandler:
        """Return the methods, to be added to a server."""

        def method(answer: Any, request: Any, response: Any = Operation) -> grpc.RpcMethodHandler:
            return unary(answer, request.FromString, response.SerializeToString)

        pb2 = operations_pb2
        return grpc.method_handlers_generic_handler(
            "google.longrunning.Operations",
            {
                "GetOperation": method(self._get, pb2.GetOperationRequest),
                "WaitOperation": method(self._wait, pb2.WaitOperationRequest),
                "DeleteOperation": method(
                    self._delete, pb2.DeleteOperationRequest, empty_pb2.Empty
                ),
                "ListOperations": method(
                    self._list, pb2.ListOperationsRequest, pb2.ListOperationsResponse
                ),
            },
        )

    async def _get(self, request: operations_pb2.GetOperationRequest) -> Operation:
        return self.get(request.name)

    async def _wait(self, request: operations_pb2.WaitOperationRequest) -> Operation:
        timeout = request.timeout.ToTimedelta().total_seconds()
        return await self.wait(request.name, timeout or _LONGEST_WAIT)

    async def _delete(self, request: operations_pb2.DeleteOperationRequest) -> empty_pb2.Empty:
        self._admit(request.name, "run.operations.delete")
        if not self.get(request.name).done:
            raise Refused(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"Operation '{request.name}' has not ended and cannot be deleted",
            )
        del self._kept[request.name]
        self._save()
        return empty_pb2.Empty()

    async def _list(
        self, request: operations_pb2.ListOperationsRequest
    ) -> operations_pb2.ListOperationsResponse:
        self._admit(request.name, "run.operations.list")
        found = [
            each
            for name, each in reversed(self._kept.items())
            if name.startswith(request.name.removesuffix("/operations").removesuffix("-"))
        ]
        chosen, token = page(found, request.page_size, request.page_token)
        return operations_pb2.ListOperationsResponse(operations=chosen, next_page_token=token)

    def _tell(self) -> None:
        self._save()
        self._changed.set()
        self._changed = asyncio.Event()


def page(items: list[Any], size: int, token: str) -> tuple[list[Any], str]:
    """Return a page and the token of the next one, which says where it begins.

    Raises `Refused` for a token that was never given.
    """
    if token and not (token.isascii() and token.isdigit()):
        raise invalid("page_token is invalid")
    start = int(token[:9] or 0)
    end = start + (min(size, _LARGEST_PAGE) if size > 0 else _LARGEST_PAGE)
    return items[start:end], str(end) if end < len(items) else ""


def _shown(operation: Operation) -> Any:
    shown = Service.pb()()
    operation.metadata.Unpack(shown)
    return shown


def _region(resource: str) -> str:
    """Return the project and region in the name of a resource."""
    return "/".join(resource.split("/")[:4])


def _uuid(new_hex: Callable[[int], str]) -> str:
    digits = new_hex(16)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
