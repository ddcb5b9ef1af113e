"""Several things at once, of which the first to end ends the others."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def first_of(*awaitables: Coroutine[Any, Any, object]) -> None:
    """Run all until the first one ends, cancel the others, and raise what the first one raised."""
    tasks = [asyncio.create_task(each) for each in awaitables]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result
