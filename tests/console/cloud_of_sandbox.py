"""A sandbox, and the console's own way to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from running_session import PATIENCE, SCRIPTED

from console.model.text import SafeText
from console.sandbox.cloud import Sandbox
from console.sandbox.faults import Fault
from console.session.engine_session import utc_now
from console.sources.google_channel import Endpoints, GoogleCloud, connect


@asynccontextmanager
async def opened(
    directory: Path, *faults: Fault, command: Sequence[str] = SCRIPTED
) -> AsyncIterator[GoogleCloud]:
    environment = {key: value for key, value in os.environ.items() if key[:7] != "ZIMAGE_"}
    sandbox = Sandbox(
        directory / "state",
        environment=environment,
        engine_command=command,
        stage_seconds=0.0,
        faults=frozenset(faults),
    )
    async with asyncio.timeout(PATIENCE), sandbox:
        where = sandbox.endpoints
        endpoints = Endpoints.on_loopback(where.run, where.logging, where.http)
        connected = await connect(endpoints, {}, utc_now)
        try:
            yield connected
        finally:
            await connected.aclose()


async def rolled_out(cloud: GoogleCloud, operation: str) -> SafeText:
    """Return what an operation failed with once it is over, nothing if it did not."""
    problem = await cloud.deploying.services.finished(operation)
    while problem is None:
        problem = await cloud.deploying.services.finished(operation)
    return problem
