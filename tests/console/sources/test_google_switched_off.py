"""Interfaces that are switched off in the sandbox, as the console tells of them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from running_session import PATIENCE, SCRIPTED

from console.model.image_name import Repository
from console.model.log.lines import LogQuery
from console.sandbox.cloud import DEMO, Sandbox
from console.session.engine_session import utc_now
from console.sources.base import Denied
from console.sources.google_channel import Endpoints, GoogleCloud, connect
from console.sources.prices import packaged_prices

IMAGES = Repository(DEMO.project, DEMO.region, "z-image")
Question = Callable[[GoogleCloud], Awaitable[object]]
QUESTIONS: list[tuple[str, Question]] = [
    ("run", lambda cloud: cloud.services.get(DEMO)),
    ("run", lambda cloud: cloud.projects.services(DEMO.project)),
    ("monitoring", lambda cloud: cloud.metrics.read(DEMO)),
    ("monitoring", lambda cloud: cloud.meters.meters(DEMO, [], utc_now())),
    ("cloudbilling", lambda cloud: cloud.prices.prices(DEMO.project, packaged_prices().regions)),
    ("artifactregistry", lambda cloud: cloud.registry.images(IMAGES)),
    ("logging", lambda cloud: log(cloud)),
    ("logging", lambda cloud: anext(cloud.logs.tail(DEMO, LogQuery()))),
]


async def log(cloud: GoogleCloud) -> object:
    return await cloud.logs.list(DEMO, LogQuery(), utc_now() - timedelta(hours=1), 10)


async def test_an_interface_that_is_off_says_how_to_switch_it_on(tmp_path: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key[:7] != "ZIMAGE_"}
    sandbox = Sandbox(tmp_path / "state", environment=environment, engine_command=SCRIPTED)
    async with asyncio.timeout(PATIENCE), sandbox:
        where = sandbox.endpoints
        endpoints = Endpoints.on_loopback(where.run, where.logging, where.http)
        cloud = await connect(endpoints, {}, utc_now)
        base = f"http://{where.http}/v1/projects/{DEMO.project}/services"
        try:
            async with httpx.AsyncClient(trust_env=False) as http:
                for name, question in QUESTIONS:
                    interface = f"{name}.googleapis.com"
                    await http.post(f"{base}/{interface}:disable")
                    with pytest.raises(Denied) as told:
                        await question(cloud)
                    assert f"gcloud services enable {interface}" in told.value.message
                    await http.post(f"{base}/{interface}:enable")
            await cloud.services.get(DEMO)
            await log(cloud)
        finally:
            await cloud.aclose()
