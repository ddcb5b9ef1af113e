"""Google's own protocols on loopback, answering what a test puts there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import grpc
from google.cloud import run_v2
from google.cloud.logging_v2.types import (
    ListLogEntriesRequest,
    ListLogEntriesResponse,
    LogEntry,
    TailLogEntriesRequest,
    TailLogEntriesResponse,
)
from google.iam.v1 import iam_policy_pb2, policy_pb2
from google.protobuf import any_pb2
from google.rpc import status_pb2

from console.sources.google_channel import Endpoints, GoogleCloud, connect

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class Refusal:
    code: grpc.StatusCode
    text: str
    detail: object | None = None


@dataclass
class ScriptedGoogle:
    """What there is; `tail` is sent to whoever follows, a `Refusal` in it breaks the stream."""

    services: list[run_v2.Service] = field(default_factory=list)
    revisions: list[run_v2.Revision] = field(default_factory=list)
    policy: policy_pb2.Policy = field(default_factory=policy_pb2.Policy)
    entries: list[LogEntry] = field(default_factory=list)
    tail: asyncio.Queue[TailLogEntriesResponse | Refusal | None] = field(
        default_factory=asyncio.Queue
    )
    refusal: Refusal | None = None
    asked: list[object] = field(default_factory=list)
    followed: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    server: grpc.aio.Server | None = None
    authorization: str = ""

    async def get_service(self, request, context) -> run_v2.Service:
        await self._heard(request, context)
        for service in self.services:
            if service.name == request.name:
                return service
        return await refuse(context, Refusal(grpc.StatusCode.NOT_FOUND, "no such resource"))

    async def list_services(self, request, context) -> run_v2.ListServicesResponse:
        await self._heard(request, context)
        return run_v2.ListServicesResponse(services=self.services)

    async def get_revision(self, request, context) -> run_v2.Revision:
        await self._heard(request, context)
        return next(each for each in self.revisions if each.name == request.name)

    async def get_policy(self, request, context) -> policy_pb2.Policy:
        await self._heard(request, context)
        return self.policy

    async def list_entries(self, request, context) -> ListLogEntriesResponse:
        """Answer in pages of two, in the order that is asked for."""
        await self._heard(request, context)
        at = int(request.page_token or 0)
        oldest_first = request.order_by == "timestamp asc"
        ordered = self.entries if oldest_first else self.entries[::-1]
        more = str(at + 2) if at + 2 < len(ordered) else ""
        return ListLogEntriesResponse(entries=ordered[at : at + 2], next_page_token=more)

    async def tail_entries(self, requests, context) -> AsyncIterator[TailLogEntriesResponse]:
        try:
            async for request in requests:
                await self._heard(request, context)
                self.followed.set()
                break
            while (answer := await self.tail.get()) is not None:
                if isinstance(answer, Refusal):
                    await refuse(context, answer)
                yield answer
        finally:
            self.left.set()

    async def _heard(self, request, context) -> None:
        self.asked.append(request)
        self.authorization = dict(context.invocation_metadata()).get("authorization", "")
        if self.refusal is not None:
            await refuse(context, self.refusal)


async def refuse(context, refusal: Refusal):
    metadata = ()
    if refusal.detail is not None:
        packed = any_pb2.Any()
        packed.Pack(refusal.detail)
        status = status_pb2.Status(
            code=refusal.code.value[0], message=refusal.text, details=[packed]
        )
        metadata = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(refusal.code, refusal.text, metadata)


def unary(handler, request, answer) -> grpc.RpcMethodHandler:
    return grpc.unary_unary_rpc_method_handler(handler, request.deserialize, answer.serialize)


def handlers(google: ScriptedGoogle) -> list[grpc.GenericRpcHandler]:
    """Return the methods of all interfaces, to be added to a server."""
    services = {
        "google.cloud.run.v2.Services": {
            "GetService": unary(google.get_service, run_v2.GetServiceRequest, run_v2.Service),
            "ListServices": unary(
                google.list_services, run_v2.ListServicesRequest, run_v2.ListServicesResponse
            ),
            "GetIamPolicy": grpc.unary_unary_rpc_method_handler(
                google.get_policy,
                iam_policy_pb2.GetIamPolicyRequest.FromString,
                policy_pb2.Policy.SerializeToString,
            ),
        },
        "google.cloud.run.v2.Revisions": {
            "GetRevision": unary(google.get_revision, run_v2.GetRevisionRequest, run_v2.Revision)
        },
        "google.logging.v2.LoggingServiceV2": {
            "ListLogEntries": unary(
                google.list_entries, ListLogEntriesRequest, ListLogEntriesResponse
            ),
            "TailLogEntries": grpc.stream_stream_rpc_method_handler(
                google.tail_entries,
                TailLogEntriesRequest.deserialize,
                TailLogEntriesResponse.serialize,
            ),
        },
    }
    return [
        grpc.method_handlers_generic_handler(name, methods) for name, methods in services.items()
    ]


@asynccontextmanager
async def serving(google: ScriptedGoogle) -> AsyncIterator[GoogleCloud]:
    """Serve on a free port, and give the sources that are connected to it."""
    server = google.server = grpc.aio.server()
    server.add_generic_rpc_handlers(handlers(google))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    address = f"127.0.0.1:{port}"
    cloud = await connect(Endpoints.on_loopback(address, address), {}, lambda: NOON)
    try:
        yield cloud
    finally:
        await cloud.aclose()
        await server.stop(None)
