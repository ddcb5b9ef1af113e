"""The logging interface of the sandbox alone, and the console's own way to it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from console.model.service import ServiceName
from console.sandbox.faults import Faults
from console.sandbox.grpc_port import GrpcPort
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.log_entries import Entry
from console.sandbox.logs.logging_service import BREAK_SECONDS, LoggingService
from console.sandbox.moments import utc_now, written
from console.sources.google_channel import Endpoints, GoogleCloud, connect

NAME = ServiceName("sandbox", "local-1", "zimage")


@dataclass(frozen=True)
class Logging:
    """What is written goes into `book`; `google` reads it."""

    book: LogBook
    faults: Faults
    google: GoogleCloud
    address: str

    def write(self, numbers: Sequence[int]) -> None:
        """Write a line for each number, all of this moment."""
        now = written(utc_now())
        self.book.extend([numbered(number, now) for number in numbers])


def numbered(number: int, now: str) -> Entry:
    """Return the entry of a line that says `line NUMBER`."""
    return {
        "logName": f"projects/{NAME.project}/logs/run.googleapis.com%2Fstdout",
        "resource": {
            "type": "cloud_run_revision",
            "labels": {"location": NAME.region, "service_name": NAME.service},
        },
        "labels": {"instanceId": "00f1"},
        "timestamp": now,
        "receiveTimestamp": now,
        "insertId": f"{number:012d}",
        "severity": "INFO",
        "textPayload": f"line {number}",
    }


@asynccontextmanager
async def logging_open(
    break_seconds: float = BREAK_SECONDS, capacity: int = 20_000
) -> AsyncIterator[Logging]:
    book, faults = LogBook(capacity=capacity), Faults()
    service = LoggingService(
        NAME.project, book, time.monotonic, faults, break_seconds=break_seconds
    )
    port = GrpcPort((service.handler(),), faults)
    address = await port.open()
    google = await connect(Endpoints.on_loopback(address, address, address), {}, utc_now)
    try:
        yield Logging(book, faults, google, address)
    finally:
        await google.aclose()
        await port.close()
