"""What a service on Google Cloud writes, by the Cloud Logging API v2: list, and live tail.

Source: google.logging.v2.LoggingServiceV2
(https://cloud.google.com/logging/docs/reference/v2/rpc/google.logging.v2).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2AsyncClient
from google.cloud.logging_v2.types import (
    ListLogEntriesRequest,
    ListLogEntriesResponse,
    TailLogEntriesRequest,
    TailLogEntriesResponse,
)

from console.language import tr, tr_later
from console.model.log.lines import LogQuery, LogRecord, Origin, Provenance, Severity
from console.model.service import ServiceName
from console.sources.base import LINES_LEFT_OUT, Offline
from console.sources.google_errors import Asked, refusals
from console.sources.log_filter import log_filter
from console.sources.log_records import log_record
from console.sources.pace import Pace
from console.terminal.sanitise import sanitise

ANSWER_SECONDS: Final = 30.0
LARGEST_PAGE: Final = 1_000
"""How many lines Cloud Logging gives with one answer at most."""

LISTS_A_MINUTE: Final = 50
"""How often lists are asked for: somewhat less than the 60 that a project may ask for."""

BUFFER_SECONDS: Final = 0.25
"""How long lines of a tail wait to be sorted: those that wait are lost when it breaks."""

_INTERFACE: Final = "logging.googleapis.com"
_PERMISSION: Final = "logging.logEntries.list"
_WHY_LEFT_OUT: Final = {
    1: tr_later("Cloud Logging left out {count:,} lines: more was written than it passes on"),
    2: tr_later("Cloud Logging left out {count:,} lines: they were not taken fast enough"),
}
_LEFT_OUT: Final = tr_later("Cloud Logging left out {count:,} lines: without a reason")


class CloudLogging:
    """A `LogSource` over Google's client; `buffer_seconds` is how long lines wait to be sorted.

    The client's own retries are off: whoever asks knows better when to ask again.
    """

    def __init__(
        self,
        client: LoggingServiceV2AsyncClient,
        clock: Callable[[], datetime],
        buffer_seconds: float = BUFFER_SECONDS,
    ) -> None:
        self._client = client
        self._clock = clock
        self._buffer_seconds = buffer_seconds
        self._pace = Pace(LISTS_A_MINUTE, 60.0)

    async def list(
        self, name: ServiceName, query: LogQuery, since: datetime, limit: int
    ) -> tuple[LogRecord, ...]:
        """Return the latest `limit` lines from `since` on, oldest first; raises `SourceError`.

        With `query.oldest_first` the first ones from `since` on are returned instead. Every
        thousand of them is a call, and calls wait for one another so that the quota is kept.
        """
        if limit < 1:
            return ()
        request = ListLogEntriesRequest(
            resource_names=[f"projects/{name.project}"],
            filter=log_filter(name, query, since),
            order_by="timestamp asc" if query.oldest_first else "timestamp desc",
            page_size=min(limit, LARGEST_PAGE),
        )
        words = tr("read logs of {service}", service=name)
        asked = Asked(words, name.project, _INTERFACE, _PERMISSION)
        found: list[LogRecord] = []
        with refusals(asked):
            while True:
                await self._pace.turn()
                page = await self._page(request)
                found += map(log_record, page.entries)
                if len(found) >= limit or not page.next_page_token:
                    wanted = found[:limit]
                    return tuple(wanted if query.oldest_first else reversed(wanted))
                request.page_token = page.next_page_token

    async def _page(self, request: ListLogEntriesRequest) -> Any:
        """Return the raw answer that has one page."""
        pager = await self._client.list_log_entries(request, retry=None, timeout=ANSWER_SECONDS)
        async for page in pager.pages:
            return ListLogEntriesResponse.pb(page)
        raise AssertionError("a pager has at least one page")

    async def tail(self, name: ServiceName, query: LogQuery) -> AsyncGenerator[LogRecord, None]:
        """Yield lines as they are written, until the stream breaks with a `SourceError`.

        Lines that Cloud Logging left out are said in a line of origin `console`.
        """
        words = tr("follow logs of {service}", service=name)
        asked = Asked(words, name.project, _INTERFACE, _PERMISSION)
        request = TailLogEntriesRequest(
            resource_names=[f"projects/{name.project}"],
            filter=log_filter(name, query),
            buffer_window=timedelta(seconds=self._buffer_seconds),
        )
        enough = asyncio.Event()
        with refusals(asked):
            stream = await self._client.tail_log_entries(
                requests=_held_open(request, enough), retry=None, timeout=None
            )
            try:
                async for answer in stream:
                    for record in self._records(answer):
                        yield record
            except asyncio.CancelledError:
                # A connection that is closed looks to a stream as if its task were cancelled.
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
            finally:
                enough.set()
                stream.cancel()
        raise Offline(
            sanitise(tr("cannot follow logs of {service} on: the stream ended", service=name))
        )

    def _records(self, answer: TailLogEntriesResponse) -> Iterable[LogRecord]:
        raw = TailLogEntriesResponse.pb(answer)
        yield from map(log_record, raw.entries)
        for left_out in raw.suppression_info:
            yield _left_out(left_out, self._clock())


async def _held_open(
    request: TailLogEntriesRequest, enough: asyncio.Event
) -> AsyncIterator[TailLogEntriesRequest]:
    """Send the one request, and keep the stream from closing on our side."""
    yield request
    await enough.wait()


def _left_out(info: Any, now: datetime) -> LogRecord:
    says = tr(_WHY_LEFT_OUT.get(info.reason, _LEFT_OUT), count=info.suppressed_count)
    return LogRecord(
        time=now,
        severity=Severity.WARNING,
        message=sanitise(says),
        event=LINES_LEFT_OUT,
        fields={"lines": int(info.suppressed_count)},
        provenance=Provenance(origin=Origin.CONSOLE),
    )
