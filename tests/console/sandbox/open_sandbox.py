"""A sandbox around scripted engines, and Google's own clients of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc.aio
import httpx
from google.cloud import run_v2
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2AsyncClient
from google.cloud.logging_v2.types import (
    ListLogEntriesRequest,
    LogEntry,
    TailLogEntriesRequest,
    TailLogEntriesResponse,
)
from running_session import PATIENCE, SCRIPTED

from console.sandbox.cloud import DEMO, Sandbox
from console.sandbox.faults import Fault

PROJECT = f"projects/{DEMO.project}"
LONG = 3_600.0


@dataclass(frozen=True)
class Clients:
    """A sandbox and what speaks to it."""

    sandbox: Sandbox
    services: run_v2.ServicesAsyncClient
    revisions: run_v2.RevisionsAsyncClient
    jobs: run_v2.JobsAsyncClient
    logging: LoggingServiceV2AsyncClient
    http: httpx.AsyncClient

    @property
    def url(self) -> str:
        return self.sandbox.service_url(DEMO.service)

    async def entries(self, text: str = "", order: str = "timestamp asc") -> list[LogEntry]:
        request = ListLogEntriesRequest(
            resource_names=[PROJECT], filter=text, order_by=order, page_size=1_000
        )
        pager = await self.logging.list_log_entries(request)
        return [entry async for entry in pager]

    @asynccontextmanager
    async def tail(self, text: str = "") -> AsyncIterator[AsyncIterator[TailLogEntriesResponse]]:
        done = asyncio.Event()

        async def requests() -> AsyncIterator[TailLogEntriesRequest]:
            yield TailLogEntriesRequest(
                resource_names=[PROJECT], filter=text, buffer_window={"seconds": 0}
            )
            await done.wait()

        stream = await self.logging.tail_log_entries(requests=requests())
        try:
            await stream.initial_metadata()
            yield stream
        finally:
            done.set()
            stream.cancel()


@asynccontextmanager
async def opened(
    directory: Path,
    command: Sequence[str] = SCRIPTED,
    idle_seconds: float = LONG,
    faults: frozenset[Fault] = frozenset(),
    chance: Callable[[], float] = lambda: 0.0,
) -> AsyncIterator[Clients]:
    environment = {key: value for key, value in os.environ.items() if key[:7] != "ZIMAGE_"}
    sandbox = Sandbox(
        directory,
        environment=environment,
        idle_seconds=idle_seconds,
        stage_seconds=0.0,
        engine_command=command,
        faults=faults,
        chance=chance,
    )
    async with (
        asyncio.timeout(PATIENCE),
        sandbox,
        grpc.aio.insecure_channel(sandbox.endpoints.run) as channel,
        httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as http,
    ):

        def over(kind: type) -> object:
            return kind(transport=kind.get_transport_class("grpc_asyncio")(channel=channel))

        yield Clients(
            sandbox,
            over(run_v2.ServicesAsyncClient),
            over(run_v2.RevisionsAsyncClient),
            over(run_v2.JobsAsyncClient),
            over(LoggingServiceV2AsyncClient),
            http,
        )


def texts(entries: Sequence[LogEntry]) -> list[str]:
    """Return what platform entries say."""
    return [entry.text_payload for entry in entries]
