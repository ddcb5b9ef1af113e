"""The interfaces around services, alone on an HTTP port."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from console.sandbox.faults import Faults
from console.sandbox.gateway import Gateway
from console.sandbox.json_calls import JsonObject
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.log_filter import compiled
from console.sandbox.logs.logging_rest import LoggingRest
from console.sandbox.logs.logging_service import LoggingService
from console.sandbox.moments import utc_now
from console.sandbox.project.project_interfaces import ProjectInterfaces
from console.sandbox.storage.cloud_storage import CloudStorage

PROJECT = "sandbox"
REGION = "local-1"
DIGEST = "sha256:" + "0" * 64
DEMO_IMAGE = f"{REGION}-docker.pkg.dev/{PROJECT}/z-image/demo@{DIGEST}"


@dataclass
class OpenProject:
    """What is served at `address`, and how it is asked."""

    address: str
    http: httpx.AsyncClient
    book: LogBook
    faults: Faults

    async def get(self, path: str, **query: str) -> JsonObject:
        return self._read(await self.http.get(path, params=query))

    async def post(self, path: str, body: object = None, **query: str) -> JsonObject:
        return self._read(await self.http.post(path, params=query, json=body or {}))

    async def delete(self, path: str) -> JsonObject:
        return self._read(await self.http.delete(path))

    def _read(self, answer: httpx.Response) -> JsonObject:
        return answer.json()

    def log(self, query: str = "") -> list[str]:
        """Return the texts of the log, oldest first."""
        entries = self.book.select(compiled(query), None, newest_first=False)
        return [str(entry.get("textPayload", "")) for entry in entries]


@asynccontextmanager
async def open_project(
    folder: Path, book: LogBook | None = None, instruction_seconds: float = 0.0
) -> AsyncIterator[OpenProject]:
    """Serve the project whose state is in `folder`, with buckets of its own."""
    numbers, faults = itertools.count(1), Faults()
    book = LogBook() if book is None else book
    storage = await CloudStorage.open(
        folder / "storage", PROJECT, REGION, faults=faults, clock=utc_now, models=folder
    )
    project = ProjectInterfaces(
        folder / "platform.json",
        PROJECT,
        [REGION],
        images=[DEMO_IMAGE],
        book=book,
        faults=faults,
        clock=utc_now,
        new_hex=lambda size: f"{next(numbers):0{2 * size}x}",
        source=storage.file_of,
        instruction_seconds=instruction_seconds,
    )
    logging = LoggingRest(LoggingService(PROJECT, book, lambda: 0.0, faults))
    gateway = Gateway([*project.routes(), *logging.routes(), *storage.routes()], faults)
    address = await gateway.open()
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as http:
            yield OpenProject(address, http, book, faults)
    finally:
        await gateway.close()
        await project.close()
        storage.close()
