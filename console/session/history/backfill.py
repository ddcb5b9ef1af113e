"""What the history lacks, read from the log: the lines alone that tell of starts and lives.

The oldest first, since the log forgets those first. The first pages come at once; whoever has more
to read reads slowly, since everybody who asks for lists in a project shares sixty a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from console.language import tr
from console.model.cost.estimate import Window
from console.model.freshness import Freshness, Standing
from console.model.log.lines import LogQuery, LogRecord
from console.model.service import ServiceName
from console.model.starts.reconstruction import StartBook
from console.model.starts.start import ColdStart
from console.model.text import SafeText
from console.session.history import coverage
from console.session.history.keeper import HistoryKeeper
from console.session.history.rows import StartKey, key_of
from console.session.log_feed import LATEST
from console.sources.base import Denied, LogSource, SourceError, Throttled, Unauthenticated
from console.terminal.sanitise import sanitise

LEAST_BACK: Final = timedelta(days=7)
"""How far back is read at least, early in a month."""

RETENTION: Final = timedelta(days=30)
"""How long Cloud Logging keeps lines unless somebody set it otherwise."""

PAGE_LINES: Final = 1_000
"""How many lines are read with one call."""

QUICK_PAGES: Final = 3
PAGE_SECONDS: Final = 3.0
"""How long to wait between two pages after the first `QUICK_PAGES`."""

MOST_PAGES: Final = 200
"""After how many pages of one session the rest is left to the next."""

LOOK_SECONDS: Final = 120.0
"""How often it is looked whether anything is missing."""

AGAIN_SECONDS: Final = 60.0
"""How long to wait after a failure."""

AT_ONCE: Final = 50
"""After how many lines everything else gets its turn."""

_STEP: Final = timedelta(microseconds=1)


class Backfill:
    """Reads what `keeper` lacks of the log of service `name`.

    `began` is the moment from which on somebody else follows the log. `clock` gives the time of
    day, `jitter` numbers from 0 to 1, which spread the calls.
    """

    def __init__(
        self,
        source: LogSource,
        name: ServiceName,
        keeper: HistoryKeeper,
        began: datetime,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        *,
        page_lines: int = PAGE_LINES,
        page_seconds: float = PAGE_SECONDS,
        most_pages: int = MOST_PAGES,
    ) -> None:
        self._source = source
        self._name = name
        self._keeper = keeper
        self._followed = began
        self._clock = clock
        self._jitter = jitter
        self._page_lines = page_lines
        self._page_seconds = page_seconds
        self._most_pages = most_pages
        self._pages = 0
        self._book = StartBook()
        self._told: dict[StartKey, ColdStart] = {}
        self._wanted = asyncio.Event()

    def lacking(self, until: datetime) -> None:
        """Take note that who follows the log could not take all that came until then."""
        self._followed = max(self._followed, until)
        self._wanted.set()

    async def run(self) -> None:
        """Read what is missing, and look now and then whether anything is, until cancelled."""
        await self._keeper.loaded.wait()
        while True:
            self._wanted.clear()
            try:
                await self._read_missing()
            except SourceError as error:
                self._keeper.stand(_after(error, self._read_until()))
                await asyncio.sleep(self._patience(error))
                continue
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wanted.wait()
            except TimeoutError:
                pass

    @property
    def _missing(self) -> tuple[Window, ...]:
        first = self._followed.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        # A day more, since a month does not begin at the same moment everywhere.
        since = min(first - timedelta(days=1), self._followed - LEAST_BACK)
        since = max(since, self._followed - RETENTION)
        return coverage.missing(self._keeper.covered, Window(since, self._followed))

    async def _read_missing(self) -> None:
        for stretch in self._missing:
            await self._read(stretch)
        left = self._missing
        self._keeper.live_until(self._followed)
        self._keeper.stand(
            Freshness(Standing.FRESH, self._clock()),
            _not_read(left, self._most_pages * self._page_lines) if left else None,
        )

    async def _read(self, stretch: Window) -> None:
        """Read a stretch page by page; what was read stays read whatever comes then."""
        received_from = self._keeper.unfinished(stretch.start) or stretch.start
        since = received_from - LATEST
        query = LogQuery(
            lives=True,
            oldest_first=True,
            received_from=received_from,
            received_until=stretch.end,
        )
        while self._pages < self._most_pages:
            await self._turn()
            found = await self._source.list(self._name, query, since, self._page_lines)
            await self._take(found)
            whole = len(found) < self._page_lines
            until = stretch.end if whole else min(found[-1].time, stretch.end)
            self._keeper.cover(stretch.start, until)
            if whole:
                return
            since = max(found[-1].time, since + _STEP)
            self._keeper.stand(_going_on(until))

    async def _turn(self) -> None:
        """Wait for the next page, longer after the first ones."""
        self._pages += 1
        if self._pages > QUICK_PAGES:
            await asyncio.sleep(self._page_seconds * (0.75 + self._jitter() / 2))

    async def _take(self, records: Sequence[LogRecord]) -> None:
        told = False
        for number, record in enumerate(records, 1):
            told |= self._book.note(record)
            self._keeper.note_life(record)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
        if told:
            starts = {key_of(each): each for each in self._book.starts}
            new = [each for key, each in starts.items() if self._told.get(key) != each]
            self._keeper.keep_read(new)
            self._told = starts

    def _read_until(self) -> datetime | None:
        missing = self._missing
        return missing[0].start if missing else self._followed

    def _patience(self, error: SourceError) -> float:
        said = (error.retry_after or 0.0) if isinstance(error, Throttled) else 0.0
        return max(said, AGAIN_SECONDS * (0.75 + self._jitter() / 2))


def _going_on(until: datetime) -> Freshness:
    why = sanitise(tr("older lines of the log are still being read"))
    return Freshness(Standing.STALE, until, why)


def _after(error: SourceError, until: datetime | None) -> Freshness:
    denied = isinstance(error, Denied | Unauthenticated)
    needs = error.permission if isinstance(error, Denied) else ""
    standing = Standing.DENIED if denied else Standing.ERROR
    return Freshness(standing, until, error.message, needs=needs)


def _not_read(left: Sequence[Window], lines: int) -> SafeText:
    since, until = left[0].start, left[-1].end
    return sanitise(
        tr(
            "starts between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M} UTC are not all "
            "known: more than {count:,} lines tell of them; start the console again to read on",
            since=since,
            until=until,
            count=lines,
        )
    )
