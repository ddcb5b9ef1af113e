from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from open_sandbox import Clients, opened


@pytest_asyncio.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Clients]:
    async with opened(tmp_path / "state") as clients:
        yield clients
