"""Sessions with a real sandbox, one after the other, that share a history."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import grpc.aio
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2AsyncClient
from google.cloud.logging_v2.types import LogEntry
from running_session import SCRIPTED, until

from console.config import Config
from console.model.contexts import SANDBOX
from console.model.freshness import Standing
from console.model.images import Run
from console.model.log.lines import LogQuery, LogRecord
from console.model.service import ServiceName
from console.sandbox.cloud import Sandbox
from console.sandbox.run.demo_service import DEMO
from console.session.cloud_session import Cloud, CloudSession
from console.session.engine_session import utc_now
from console.session.polling import Intervals
from console.sources.google_channel import Endpoints, connect
from console.sources.logging import CloudLogging
from console.store import Store
from engine.schema import GenerationRequest, Size

OFTEN = Intervals(calm=0.3, changing=0.1, seldom=0.5)
PICTURE = GenerationRequest("a red circle", size=Size(64, 64), steps=1)


@dataclass
class Asked:
    """Google's own client of logs, and what it was asked for lives."""

    logs: CloudLogging
    queries: list[LogQuery] = field(default_factory=list)
    lines: int = 0

    async def list(
        self, name: ServiceName, query: LogQuery, since: datetime, limit: int
    ) -> tuple[LogRecord, ...]:
        found = await self.logs.list(name, query, since, limit)
        if query.lives:
            self.queries.append(query)
            self.lines += len(found)
        return found

    def tail(self, name: ServiceName, query: LogQuery) -> AsyncIterator[LogRecord]:
        return self.logs.tail(name, query)


@dataclass
class Looking:
    """A session at work, its store, and what it asked of the log."""

    session: CloudSession
    store: Store
    asked: list[Asked]

    async def until(self, true: Callable[[], bool]) -> None:
        await until(self.store, true)

    async def everything_read(self) -> None:
        await self.until(lambda: self.store.starts.fresh.standing is Standing.FRESH)

    async def picture(self) -> Run:
        run = self.session.submit(PICTURE)
        await self.until(lambda: self.store.runs[run.number - 1].over)
        return self.store.runs[run.number - 1]


@asynccontextmanager
async def sandbox_at(state: Path, environment: dict[str, str]) -> AsyncIterator[Sandbox]:
    sandbox = Sandbox(
        state,
        environment=environment,
        idle_seconds=3_600.0,
        stage_seconds=0.0,
        engine_command=SCRIPTED,
    )
    async with sandbox:
        yield sandbox


async def chatter(sandbox: Sandbox, lines: int) -> None:
    """Let the application say what tells nothing of a start, by Google's own client."""
    entries = [
        LogEntry(
            log_name=f"projects/{DEMO.project}/logs/run.googleapis.com%2Fstdout",
            resource={
                "type": "cloud_run_revision",
                "labels": {"location": DEMO.region, "service_name": DEMO.service},
            },
            labels={"instanceId": "00c4a77e"},
            timestamp=utc_now(),
            json_payload={"message": f"step {number}", "event": "step"},
        )
        for number in range(lines)
    ]
    async with grpc.aio.insecure_channel(sandbox.endpoints.logging) as channel:
        transport = LoggingServiceV2AsyncClient.get_transport_class("grpc_asyncio")
        client = LoggingServiceV2AsyncClient(transport=transport(channel=channel))
        await client.write_log_entries(entries=entries)


@asynccontextmanager
async def looking(
    sandbox: Sandbox,
    config: Config,
    environment: dict[str, str],
    history: Path,
    ahead: timedelta = timedelta(),
) -> AsyncIterator[Looking]:
    """Look after the sandbox; the console's clock goes `ahead` of the sandbox's."""
    asked: list[Asked] = []

    @asynccontextmanager
    async def way() -> AsyncIterator[Cloud]:
        at = sandbox.endpoints
        endpoints = Endpoints.on_loopback(at.run, at.logging, at.http)
        google = await connect(endpoints, environment, utc_now)
        asked.append(Asked(google.logs))
        logs = asked[-1]
        try:
            yield Cloud(DEMO, google.services, logs, google.identity, asyncio.Event().wait)  # type: ignore[arg-type]
        finally:
            await google.aclose()

    store = Store()
    session = CloudSession(
        store,
        Config(context=SANDBOX, pictures_directory=config.pictures_directory),
        way,
        clock=lambda: utc_now() + ahead,
        intervals=OFTEN,
        again_seconds=0.1,
        history=history,
    )
    running = asyncio.create_task(session.run())
    try:
        yield Looking(session, store, asked)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
