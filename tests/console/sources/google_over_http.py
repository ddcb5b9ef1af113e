"""A cloud on loopback that is asked by JSON over HTTP, of routes that a test chooses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from scripted_google import NOON
from starlette.routing import BaseRoute

from console.sandbox.gateway import Gateway
from console.sources.google_channel import Endpoints, GoogleCloud, connect


@asynccontextmanager
async def answering(routes: Sequence[BaseRoute]) -> AsyncIterator[GoogleCloud]:
    """Serve `routes`, and give the sources that are connected to them."""
    gateway = Gateway(routes)
    address = await gateway.open()
    nobody = "127.0.0.1:1"
    cloud = await connect(Endpoints.on_loopback(nobody, nobody, address), {}, lambda: NOON)
    try:
        yield cloud
    finally:
        await cloud.aclose()
        await gateway.close()
