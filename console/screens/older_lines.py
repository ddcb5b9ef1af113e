"""Lines from before the log that is here, read page by page when somebody wants to see them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol, runtime_checkable

from console.language import tr
from console.model.log.lines import LogQuery, LogRecord
from console.model.log.query import Query
from console.model.log.reach import LogReach
from console.model.log.store import LogStore
from console.sources.base import SourceError

PAGE: Final = 1_000
"""How many lines are read at once."""

KEPT: Final = timedelta(days=30)
"""How long Cloud Logging keeps lines, unless it is told otherwise."""

_INSTANT: Final = timedelta(microseconds=1)


@runtime_checkable
class LogSearcher(Protocol):
    """A session that can read a log further back."""

    @property
    def log_begins(self) -> datetime | None:
        """From when on every line of the log is in the store; None as long as nobody knows."""
        ...

    async def search_log(
        self, query: LogQuery, since: datetime, limit: int
    ) -> tuple[LogRecord, ...]:
        """Put the latest `limit` lines that `query` means into the store, and return them all.

        Raises `SourceError`.
        """
        ...


class OlderLines:
    """Knows how far back `logs` was read for which query; `clock` gives the time of day."""

    def __init__(self, logs: LogStore, clock: Callable[[], datetime]) -> None:
        self._logs = logs
        self._clock = clock
        self._reach = LogReach()
        self.reading = False
        self.said = ""

    def begins(self, query: Query) -> datetime | None:
        """Return from when on all lines that `query` means are here; None: from the first on."""
        return self._reach.begins(query.for_source(self._clock()))

    def misses(self, searcher: object, query: Query) -> bool:
        """Whether `query` asks for a time that is not wholly here, and a `searcher` could read."""
        now = self._clock()
        since = query.since(now)
        return (
            isinstance(searcher, LogSearcher)
            and since is not None
            and since < self._from(searcher, query.for_source(now), now)
        )

    async def read(self, searcher: object, query: Query) -> None:
        """Read a page of what `query` means from before what is here; `said` tells how it went.

        A `searcher` that is no `LogSearcher` has nothing older.
        """
        if self.reading:
            return
        self.said = self._refusal(searcher, query)
        if self.said or not isinstance(searcher, LogSearcher):
            return
        self.reading = True
        try:
            self.said = await self._read(searcher, query)
        except SourceError as error:
            self.said = error.message
        finally:
            self.reading = False

    def _from(self, searcher: LogSearcher, asked: LogQuery, now: datetime) -> datetime:
        oldest = self._logs.oldest
        begun = searcher.log_begins or (oldest.time if oldest is not None else now)
        return self._reach.begins(asked) or begun

    def _refusal(self, searcher: object, query: Query) -> str:
        if not isinstance(searcher, LogSearcher):
            return tr("the log begins here")
        if self._logs.full:
            kept = self._logs.capacity
            return tr("older lines find no room: the console keeps {count:,}", count=kept)
        now = self._clock()
        bottom = self._bottom(query, now)
        known = self._from(searcher, query.for_source(now), now)
        return _all_since(bottom) if known <= bottom else ""

    async def _read(self, searcher: LogSearcher, query: Query) -> str:
        now = self._clock()
        asked, bottom = query.for_source(now), self._bottom(query, now)
        until = self._from(searcher, asked, now)
        if self._reach.nothing_read:
            self._reach.started(until)
        # Lines of the very moment at which a page ends may be on the next one.
        until = min(until + _INSTANT, asked.until or until + _INSTANT)
        found = await searcher.search_log(replace(asked, until=until), bottom, PAGE)
        if len(found) < PAGE:
            self._reach.read(asked, bottom)
            return _all_since(bottom)
        self._reach.read(asked, found[0].time)
        return tr("read back to {time:%Y-%m-%d %H:%M} UTC, home reads on", time=found[0].time)

    def _bottom(self, query: Query, now: datetime) -> datetime:
        return query.since(now) or now - KEPT


def _all_since(moment: datetime) -> str:
    return tr("nothing older since {time:%Y-%m-%d %H:%M} UTC", time=moment)
