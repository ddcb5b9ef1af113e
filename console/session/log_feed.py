"""The log of a service, followed for as long as the console runs: nothing lost, nothing doubled.

A tail says what comes, a list what has been. Whenever the tail was not whole there is a gap, and
what came in it is listed, page by page, until the gap is closed; what both deliver is taken once.
While there is no tail at all, lists take its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from console.language import tr
from console.model.log.gaps import DISORDER, LEAST_DISORDER, Gap, Gaps, KnownLines
from console.model.log.lines import LogQuery, LogRecord, Origin, Provenance, Severity
from console.model.service import ServiceName
from console.session.racing import first_of
from console.sources.base import LINES_LEFT_OUT, LogSource, Offline, SourceError, Throttled
from console.terminal.sanitise import sanitise

BACKFILL: Final = timedelta(hours=1)
"""How far back the first list reaches."""

BACKFILL_LINES: Final = 1_000
GAP_LINES: Final = 20_000
"""How many lines of one gap are read; the older ones of a greater gap are not."""

LATEST: Final = timedelta(hours=1)
"""How long after the time that it is of a line may be written: requests last that long."""

SETTLED_SECONDS: Final = 3.0
"""After how long a tail is sure to be open, though nothing came by it."""

CHECK_SECONDS: Final = 30.0
CHECK_BACK: Final = timedelta(minutes=1)
POLL_SECONDS: Final = 5.0
"""How often lists are asked for while there is no tail."""

RESUME_SECONDS: Final = 1.0
"""How long a list waits for the tail to be open again, so that one is enough."""

HOLD_SECONDS: Final = 2.0
"""How long lines of a new tail wait for those of the gap before it."""

PAUSE_SECONDS: Final = 0.25
"""How long to wait after the first failure; it doubles with each one that follows."""

LONGEST_OFFLINE: Final = 2.5
LONGEST_SECONDS: Final = 60.0
FAILURES_TO_TELL: Final = 3
LINES_NOT_READ: Final = "lines_not_read"
"""The event of the line that says what was too much to read.

Its fields say, as `since` and `until`, between which moments the cloud received it.
"""

EVERYTHING: Final = LogQuery()
AT_ONCE: Final = 20
"""After how many lines everything else gets its turn."""

BREATH_SECONDS: Final = 0.002
"""How long that turn is: a key takes several steps until it is on screen."""


class LogFeed:
    """Delivers the lines of service `name` to `deliver`, those of before first.

    `trouble` hears why lines come late, and None once they do not. `clock` gives the time of day,
    `jitter` numbers from 0 to 1, which spread the calls. Only lines that `query` means are asked
    for, and of what was written before the latest `backfill_lines` of the time `backfill`.
    """

    def __init__(
        self,
        source: LogSource,
        name: ServiceName,
        deliver: Callable[[LogRecord], None],
        trouble: Callable[[SourceError | None], None],
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        pause_seconds: float = PAUSE_SECONDS,
        *,
        query: LogQuery = EVERYTHING,
        backfill: timedelta = BACKFILL,
        backfill_lines: int = BACKFILL_LINES,
    ) -> None:
        self._source = source
        self._name = name
        self._deliver = deliver
        self._trouble = trouble
        self._clock = clock
        self._jitter = jitter
        self._pause_seconds = pause_seconds
        self._query = query
        self._backfill_lines = backfill_lines
        self._since = clock() - backfill
        self._cut: tuple[datetime, datetime] | None = None
        self._known = KnownLines()
        self._gaps = Gaps()
        self._begun = False
        self._tail_opened: float | None = None
        self._tail_failures = 0
        self._problems: dict[str, SourceError] = {}
        self._listed = False
        self._wanted = asyncio.Event()
        self._caught_up = asyncio.Event()

    @property
    def begins(self) -> datetime:
        """From when on every line is delivered."""
        return self._since if self._cut is None else self._cut[0]

    @property
    def whole_until(self) -> datetime | None:
        """The moment until which all that the cloud received was delivered; None: none yet.

        Where more came at once than is read, a line says so.
        """
        if not self._begun:
            return None
        return self._gaps.oldest.since if self._gaps else self._clock() - DISORDER

    async def run(self) -> None:
        """Follow the log until cancelled, whatever breaks."""
        await first_of(self._follow(), self._fill())

    async def search(self, query: LogQuery, since: datetime, limit: int) -> tuple[LogRecord, ...]:
        """Deliver the latest `limit` lines of before that `query` means, and return those found.

        Lines that were delivered already are found but not delivered again. Raises `SourceError`.
        """
        found = await self._source.list(self._name, query, since, limit)
        for record in found:
            if self._known.is_new(record):
                self._deliver(record)
        return found

    async def _follow(self) -> None:
        """Tell what comes, opening the tail anew whenever it breaks."""
        while True:
            try:
                await self._tail()
            except SourceError as error:
                self._broke(error)
            await asyncio.sleep(self._pause(self._tail_failures, self._problems.get("tail")))

    async def _tail(self) -> None:
        self._tail_opened = _now()
        async with aclosing(self._source.tail(self._name, self._query)) as lines:
            untold = 0
            async for record in lines:
                self._resumed(record)
                await self._hold()
                self._came(record)
                untold += 1
                if untold % AT_ONCE == 0:
                    await asyncio.sleep(BREATH_SECONDS)

    def _resumed(self, record: LogRecord) -> None:
        """Know by a line of the tail that it is open again, and where the gap ends."""
        if self._gaps.is_open and record.event != LINES_LEFT_OUT:
            self._gaps.end(_received(record) + LEAST_DISORDER)
            self._wanted.set()

    async def _hold(self) -> None:
        """Let the lines of the gap before this one come first, unless that takes long."""
        if not self._caught_up.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(HOLD_SECONDS):
                    await self._caught_up.wait()
            self._caught_up.set()

    def _came(self, record: LogRecord) -> None:
        """Take a line of the tail."""
        if record.event == LINES_LEFT_OUT:
            self._begin_gap()
            return
        self._tail_failures = 0
        self._solved("tail")
        if self._known.is_new(record):
            self._deliver(record)

    def _broke(self, error: SourceError) -> None:
        lasted = _now() - self._tail_opened if self._tail_opened is not None else 0.0
        self._tail_opened = None
        self._tail_failures = 1 if lasted >= SETTLED_SECONDS else self._tail_failures + 1
        self._begin_gap()
        if self._tail_failures >= FAILURES_TO_TELL:
            self._failed("tail", error)

    def _begin_gap(self) -> None:
        if self._known.newest is not None:
            self._gaps.begin(self._known.certain(self._known.newest))
        elif self._begun:
            self._gaps.begin(self._since)
        self._caught_up.clear()
        self._wanted.set()

    async def _fill(self) -> None:
        """List what the tail did not tell."""
        failures = 0
        while True:
            self._wanted.clear()
            try:
                await self._read_missing()
            except SourceError as error:
                failures += 1
                self._failed("list", error)
                self._caught_up.set()
                await asyncio.sleep(self._pause(failures, error))
                continue
            failures = 0
            self._solved("list")
            self._caught_up.set()
            await self._until_wanted()

    async def _until_wanted(self) -> None:
        if not self._gaps:
            seconds = CHECK_SECONDS
        else:
            seconds = POLL_SECONDS if self._tail_opened is None else SETTLED_SECONDS
        await self._wanted_within(seconds * (0.75 + self._jitter() / 2))
        if self._gaps.is_open and self._wanted.is_set():
            self._wanted.clear()
            await self._wanted_within(RESUME_SECONDS)

    async def _wanted_within(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wanted.wait()

    async def _read_missing(self) -> None:
        """Read all gaps; without any, look whether the tail left something out unsaid."""
        if not self._begun:
            await self._begin()
            return
        if not self._gaps and (newest := self._known.newest) is not None:
            since = self._known.certain(newest, CHECK_BACK)
            await self._read(Gap(since, newest))
        for _ in range(len(self._gaps)):
            if self._gaps:
                await self._read(self._gaps.oldest)

    async def _begin(self) -> None:
        """Read what was written before; from then on until the tail is open there is a gap."""
        found = await self._source.list(self._name, self._query, self._since, self._backfill_lines)
        await self._take(found)
        self._begun = True
        newest = self._known.newest
        if newest is not None and len(found) >= self._backfill_lines:
            self._cut = (found[0].time, newest)
        self._gaps.begin(self._since if newest is None else self._known.certain(newest))

    async def _read(self, gap: Gap) -> None:
        """Read a gap, and close it as far as nothing can be missing any more."""
        tail, asked = self._tail_opened, _now()
        query = replace(self._query, received_from=gap.since, received_until=gap.until)
        found = await self._source.list(self._name, query, gap.since - LATEST, GAP_LINES)
        if len(found) == GAP_LINES:
            found = (_not_read(gap, found), *found)
        await self._take(found)
        newest = max(map(_received, found), default=gap.since)
        if gap.until is not None:
            self._gaps.read(gap.since, gap.until)
        elif tail is not None and tail == self._tail_opened and asked - tail >= SETTLED_SECONDS:
            self._gaps.end(newest)
            self._gaps.read(gap.since, newest)
            self._tail_failures = 0
            self._solved("tail")
        else:
            self._gaps.read(gap.since, max(gap.since, self._known.certain(newest)))

    async def _take(self, records: Sequence[LogRecord]) -> None:
        """Deliver those lines that were not delivered before."""
        for number, record in enumerate(records, 1):
            if self._wanted_at_all(record) and self._known.is_new(record):
                self._deliver(record)
            if number % AT_ONCE == 0:
                await asyncio.sleep(BREATH_SECONDS)

    def _wanted_at_all(self, record: LogRecord) -> bool:
        """Whether a line is none of those that were too many to begin with."""
        if self._cut is None:
            return True
        oldest, newest = self._cut
        return record.time >= oldest or _received(record) > newest

    def _failed(self, what: str, error: SourceError) -> None:
        """Say a problem once, however its words change while it lasts."""
        said = next(iter(self._problems.values()), None)
        self._problems[what] = error
        if said is None or not isinstance(error, type(said)):
            self._trouble(error)

    def _solved(self, what: str) -> None:
        """Say that lines come again; and when they are listed for the first time."""
        had = self._problems.pop(what, None) is not None
        if had and what == "list":
            # What kept lists away may have kept the tail away: it gets as many tries as ever.
            self._problems.clear()
            self._tail_failures = 0
        first = what == "list" and not self._listed
        self._listed = self._listed or first
        if first or (had and not self._problems):
            self._trouble(None)
            for error in self._problems.values():
                self._trouble(error)

    def _pause(self, failures: int, error: SourceError | None) -> float:
        """Return for how many seconds to wait after so many failures."""
        said = (error.retry_after or 0.0) if isinstance(error, Throttled) else 0.0
        calm = error is None or isinstance(error, Offline)
        longest = LONGEST_OFFLINE if calm else LONGEST_SECONDS
        pause = min(longest, self._pause_seconds * 2.0 ** min(max(failures - 1, 0), 7))
        return max(said, pause * (0.75 + self._jitter() / 2))


def _not_read(gap: Gap, found: Sequence[LogRecord]) -> LogRecord:
    """Return the line that says honestly what is missing before those that were `found`."""
    oldest = found[0]
    until = gap.until or max(map(_received, found))
    return LogRecord(
        time=oldest.time,
        severity=Severity.WARNING,
        message=sanitise(
            tr(
                "lines between {since:%H:%M:%S} and {until:%H:%M:%S} UTC were not read: more than "
                "{count:,} came at once; `zimage-console logs` reads any stretch of time",
                since=gap.since,
                until=oldest.time,
                count=GAP_LINES,
            )
        ),
        event=LINES_NOT_READ,
        fields={"since": gap.since.isoformat(), "until": until.isoformat()},
        provenance=Provenance(origin=Origin.CONSOLE),
    )


def _received(record: LogRecord) -> datetime:
    return record.received or record.time


def _now() -> float:
    return asyncio.get_running_loop().time()
