"""The log of a service, followed for as long as the console runs: nothing lost, nothing doubled.

A tail says what comes, a list what has been. The list is asked at the beginning, after every
break, and now and then in between, because a tail may leave lines out; what both deliver is
taken once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Final

from console.model.logs import LogQuery, LogRecord
from console.model.service import ServiceName
from console.model.text import SafeText
from console.racing import first_of
from console.sources.base import LogSource, SourceError, Throttled

BACKFILL: Final = timedelta(hours=1)
"""How far back the first list reaches."""

OVERLAP: Final = timedelta(minutes=1)
"""How far a later list reaches back before the newest line known: lines arrive late."""

BACKFILL_LINES: Final = 1_000
FIRST_CHECK_SECONDS: Final = 3.0
CHECK_SECONDS: Final = 30.0
LONGEST_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.5
"""How long to wait after the first break; it doubles with each one that follows."""

_REMEMBERED: Final = 100_000


class LogFeed:
    """Delivers the lines of service `name` to `deliver`, those of before first.

    `trouble` hears why lines do not come, and None once they do. `clock` gives the time of day,
    `jitter` numbers from 0 to 1, which spread the calls.
    """

    def __init__(
        self,
        source: LogSource,
        name: ServiceName,
        deliver: Callable[[LogRecord], None],
        trouble: Callable[[SafeText | None], None],
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._source = source
        self._name = name
        self._deliver = deliver
        self._trouble = trouble
        self._jitter = jitter
        self._pause_seconds = pause_seconds
        self._since = clock() - BACKFILL
        self._taken: dict[tuple[datetime, str], None] = {}
        self._failures = 0
        self._caught_up = asyncio.Event()

    async def run(self) -> None:
        """Follow the log until cancelled, beginning anew whenever it breaks."""
        while True:
            self._caught_up.clear()
            wait = 0.0
            try:
                await first_of(self._tail(), self._check())
            except SourceError as error:
                self._trouble(error.message)
                wait = (error.retry_after or 0.0) if isinstance(error, Throttled) else 0.0
            self._failures += 1
            pause = min(LONGEST_SECONDS, self._pause_seconds * 2 ** min(self._failures, 7))
            await asyncio.sleep(max(wait, pause * (0.75 + self._jitter() / 2)))

    async def _tail(self) -> None:
        async with aclosing(self._source.tail(self._name, LogQuery())) as lines:
            async for record in lines:
                await self._caught_up.wait()
                self._take(record)

    async def _check(self) -> None:
        """List what the tail may have left out: at once, soon after it began, and now and then."""
        wait = FIRST_CHECK_SECONDS
        while True:
            for record in await self._source.list(
                self._name, LogQuery(), self._since, BACKFILL_LINES
            ):
                self._take(record)
            self._failures = 0
            self._caught_up.set()
            self._trouble(None)
            await asyncio.sleep(wait * (0.75 + self._jitter() / 2))
            wait = CHECK_SECONDS

    def _take(self, record: LogRecord) -> None:
        """Deliver a line, unless it was delivered before."""
        if record.provenance.insert_id:
            key = (record.time, str(record.provenance.insert_id))
            if key in self._taken:
                return
            self._taken[key] = None
            if len(self._taken) > _REMEMBERED:
                del self._taken[next(iter(self._taken))]
        self._since = max(self._since, record.time - OVERLAP)
        self._deliver(record)
