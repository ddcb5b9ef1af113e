"""What goes wrong in the sandbox, as all but services and logs tell it, and that it passes."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from running_session import PATIENCE, SCRIPTED

from console.model.image_name import Repository
from console.sandbox.cloud import DEMO, Sandbox
from console.sandbox.faults import Fault
from console.session.engine_session import utc_now
from console.sources.base import Denied, Offline, SourceError, Throttled, Unauthenticated
from console.sources.google_channel import Endpoints, GoogleCloud, connect
from console.sources.prices import packaged_prices

Question = Callable[[GoogleCloud], Awaitable[object]]
QUESTIONS: dict[str, Question] = {
    "metrics": lambda cloud: cloud.metrics.read(DEMO),
    "projects": lambda cloud: cloud.projects.projects(),
    "regions": lambda cloud: cloud.projects.regions(DEMO.project),
    "services": lambda cloud: cloud.projects.services(DEMO.project),
    "prices": lambda cloud: cloud.prices.prices(DEMO.project, packaged_prices().regions),
    "registry": lambda cloud: cloud.registry.images(
        Repository(DEMO.project, DEMO.region, "z-image")
    ),
    "meters": lambda cloud: cloud.meters.meters(DEMO, [], utc_now()),
}
WRONG: list[tuple[Fault, str, type[SourceError], str]] = [
    (Fault.METRICS_DENIED, "metrics", Denied, "roles/monitoring.viewer"),
    (Fault.METRICS_UNAVAILABLE, "metrics", Offline, "monitoring.googleapis.com is out of reach"),
    (Fault.METRICS_DENIED, "meters", Denied, "roles/monitoring.viewer"),
    (Fault.SERVICES_DENIED, "regions", Denied, "roles/run.viewer"),
    (Fault.SERVICES_DENIED, "services", Denied, "run.services.list is missing"),
    (Fault.SERVICES_THROTTLED, "services", Throttled, "too much was asked for"),
    (Fault.SERVICES_UNAVAILABLE, "services", Offline, "is out of reach"),
    *((Fault.TOKEN_EXPIRED, each, Unauthenticated, "application-default") for each in QUESTIONS),
    # What is asked on a connection of before may find that it breaks.
    *((Fault.NETWORK_DOWN, each, Offline, "is out of reach|broke off") for each in QUESTIONS),
]


@pytest_asyncio.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    environment = {key: value for key, value in os.environ.items() if key[:7] != "ZIMAGE_"}
    made = Sandbox(tmp_path / "state", environment=environment, engine_command=SCRIPTED)
    async with asyncio.timeout(PATIENCE), made:
        yield made


async def test_every_trouble_is_told_and_passes(sandbox: Sandbox) -> None:
    where = sandbox.endpoints
    cloud = await connect(Endpoints.on_loopback(where.run, where.logging, where.http), {}, utc_now)
    try:
        for fault, name, kind, words in WRONG:
            sandbox.faults.begin(fault)
            with pytest.raises(kind) as told:
                await QUESTIONS[name](cloud)
            assert re.search(words, told.value.message), (fault, name, told.value.message)
            sandbox.faults.end(fault)
            await answered(QUESTIONS[name], cloud)
    finally:
        await cloud.aclose()


async def answered(question: Question, cloud: GoogleCloud) -> None:
    """Ask until there is an answer: a connection that was refused is tried again after a while."""
    while True:
        try:
            await question(cloud)
        except Offline:
            continue
        return
