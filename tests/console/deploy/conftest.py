from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest_asyncio
from deploy_scene import Deployment, here_in, wish_in
from running_session import SCRIPTED

from console.sandbox.cloud import Sandbox
from console.session.engine_session import utc_now
from console.sources.google_channel import Endpoints, connect


@pytest_asyncio.fixture
async def cloud(tmp_path: Path, environment: dict[str, str]) -> AsyncIterator[Sandbox]:
    """A project in which there is nothing; its instances are scripted engines.

    They do not become ready as long as there is a file `hold`.
    """
    sandbox = Sandbox(
        tmp_path / "cloud",
        environment=environment,
        idle_seconds=3_600.0,
        stage_seconds=0.0,
        engine_command=[*SCRIPTED, "--hold", str(tmp_path / "hold")],
        empty=True,
    )
    async with sandbox:
        yield sandbox


@pytest_asyncio.fixture
async def at(
    cloud: Sandbox, tmp_path: Path, tiny_model_directory: Path, environment: dict[str, str]
) -> AsyncIterator[Deployment]:
    """A deployment to that project."""
    where = cloud.endpoints
    endpoints = Endpoints.on_loopback(where.run, where.logging, where.http)
    google = await connect(endpoints, environment, utc_now)
    wish = wish_in(tmp_path, tiny_model_directory)
    # Scripted engines read no model.
    wish = replace(wish, settings=replace(wish.settings, variables=()))
    try:
        yield Deployment(google, here_in(tmp_path, environment), wish)
    finally:
        await google.aclose()
