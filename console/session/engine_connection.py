"""Connections to engines, made without keeping the event loop from its work."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.sources.engine_http import EngineClient


async def connect(url: str, key: str) -> EngineClient:
    """Return a client of the engine at `url`; an empty `key` means that none is sent."""
    return await asyncio.to_thread(_imported, url, key)


def _imported(url: str, key: str) -> EngineClient:
    """Import the HTTP client, which takes longer than a frame and so belongs into a thread."""
    # httpx imports its own command line if it can, and with it click and pygments: two thirds of
    # the time that importing it takes.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    from console.sources.engine_http import EngineClient

    return EngineClient(url, key)
