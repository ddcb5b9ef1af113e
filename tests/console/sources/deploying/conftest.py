from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from cloud_of_sandbox import Joined, joined


@pytest_asyncio.fixture
async def joint(tmp_path: Path) -> AsyncIterator[Joined]:
    """A sandbox with its first service and bucket, and the sources that ask it."""
    async with joined(tmp_path) as both:
        yield both
