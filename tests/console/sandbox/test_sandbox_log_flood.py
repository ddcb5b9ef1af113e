"""Two thousand lines a second by a tail that breaks every half second: none lost, none doubled."""

from __future__ import annotations

import asyncio
from collections import Counter

import grpc.aio
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2AsyncClient
from open_logging import NAME, Logging, logging_open

from console.model.log.lines import LogRecord
from console.sandbox.faults import Fault
from console.sandbox.moments import utc_now
from console.session.log_feed import LogFeed
from console.sources.logging import CloudLogging

A_SECOND = 2_000
SECONDS = 4
BREAK_SECONDS = 0.5
BUFFER_SECONDS = 0.1
PATIENCE = 120.0


async def pour(logging: Logging) -> None:
    """Write twenty portions a second."""
    portion = A_SECOND // 20
    began = asyncio.get_running_loop().time()
    for number in range(20 * SECONDS):
        logging.write(range(number * portion, (number + 1) * portion))
        due = began + (number + 1) / 20
        await asyncio.sleep(due - asyncio.get_running_loop().time())


async def test_a_flood_over_a_breaking_tail_arrives_whole_and_once() -> None:
    delivered: list[str] = []
    begun, complete = asyncio.Event(), asyncio.Event()
    total = A_SECOND * SECONDS

    def deliver(record: LogRecord) -> None:
        delivered.append(record.message)
        if len(delivered) >= total:
            complete.set()

    async with (
        asyncio.timeout(PATIENCE),
        logging_open(BREAK_SECONDS) as logging,
        grpc.aio.insecure_channel(logging.address) as channel,
    ):
        transport = LoggingServiceV2AsyncClient.get_transport_class("grpc_asyncio")
        client = LoggingServiceV2AsyncClient(transport=transport(channel=channel))
        source = CloudLogging(client, utc_now, BUFFER_SECONDS)
        feed = LogFeed(source, NAME, deliver, lambda _: begun.set(), utc_now, lambda: 0.5, 0.05)
        following = asyncio.create_task(feed.run())
        await begun.wait()
        logging.faults.begin(Fault.LOGS_BROKEN)
        await pour(logging)
        logging.faults.end(Fault.LOGS_BROKEN)
        await complete.wait()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
    assert Counter(delivered) == Counter(f"line {number}" for number in range(total))
