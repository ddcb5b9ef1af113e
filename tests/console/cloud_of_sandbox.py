"""A sandbox, and the console's own way to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from running_session import PATIENCE, SCRIPTED

from console.model.deploy.observed import ServiceSeen
from console.model.service import ServiceName
from console.model.text import SafeText
from console.sandbox.cloud import DEMO, Sandbox
from console.sandbox.faults import Fault, Faults
from console.session.engine_session import utc_now
from console.sources.deploying.base import Deploying
from console.sources.google_channel import Endpoints, GoogleCloud, connect

PROJECT = DEMO.project
REGION = DEMO.region


@dataclass(frozen=True)
class Joined:
    """A sandbox, and the sources that ask it."""

    sandbox: Sandbox
    cloud: GoogleCloud

    @property
    def deploying(self) -> Deploying:
        return self.cloud.deploying

    @property
    def faults(self) -> Faults:
        return self.sandbox.faults

    async def rolled_out(self, operation: str) -> SafeText:
        """Return what an operation failed with once it is over, nothing if it did not."""
        problem = await self.deploying.services.finished(operation)
        while problem is None:
            problem = await self.deploying.services.finished(operation)
        return problem

    async def seen(self, name: ServiceName) -> ServiceSeen:
        """Return a service that there is."""
        seen = await self.deploying.services.seen(name)
        assert seen is not None
        return seen


@asynccontextmanager
async def joined(
    directory: Path, *faults: Fault, command: Sequence[str] = SCRIPTED, empty: bool = False
) -> AsyncIterator[Joined]:
    """Open a sandbox in a directory, and connect to it."""
    environment = {key: value for key, value in os.environ.items() if key[:7] != "ZIMAGE_"}
    sandbox = Sandbox(
        directory / "state",
        environment=environment,
        engine_command=command,
        stage_seconds=0.0,
        faults=frozenset(faults),
        empty=empty,
    )
    async with asyncio.timeout(PATIENCE), sandbox:
        where = sandbox.endpoints
        endpoints = Endpoints.on_loopback(where.run, where.logging, where.http)
        connected = await connect(endpoints, {}, utc_now)
        try:
            yield Joined(sandbox, connected)
        finally:
            await connected.aclose()
