"""A keeper at work on a real file, for tests of what it keeps and shows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from history_scenes import CONTEXT, NOON

from console.model.cost.estimate import Window
from console.model.log.lines import LogQuery, LogRecord
from console.model.service import ServiceName
from console.session.history.backfill import Backfill
from console.session.history.keeper import HistoryKeeper
from console.sources.base import SourceError
from console.store import Store

PATIENCE = 30.0
NAME = ServiceName("my-project", "us-central1", "z-image")


@dataclass
class Kept:
    """A keeper, the store that it writes, and what it complained of."""

    store: Store
    keeper: HistoryKeeper
    time: list[datetime]
    troubles: list[str]

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until the store or the keeper makes `true` so."""
        changed = asyncio.Event()
        ends = [
            self.store.subscribe(lambda _: changed.set()),
            self.keeper.subscribe(changed.set),
        ]
        try:
            async with asyncio.timeout(PATIENCE):
                while not true():
                    changed.clear()
                    await changed.wait()
        except TimeoutError:
            raise AssertionError(f"never so: {self.store.starts}") from None
        finally:
            for end in ends:
                end()

    @property
    def shown(self) -> list[str]:
        return [each.instance for each in self.store.starts.starts]


@asynccontextmanager
async def keeping(
    path: Path | None, context: str = CONTEXT, now: datetime = NOON
) -> AsyncIterator[Kept]:
    """Run a keeper of `context`; it is closed afterwards as a session closes it."""
    store, time, troubles = Store(), [now], list[str]()
    keeper = HistoryKeeper(store, context, lambda: time[0], troubles.append, path, 0.0)
    kept = Kept(store, keeper, time, troubles)
    running = asyncio.create_task(keeper.run())
    try:
        async with asyncio.timeout(PATIENCE):
            await keeper.loaded.wait()
        yield kept
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        keeper.close()


@dataclass
class ScriptedLog:
    """Lists what is `written`, as Cloud Logging does; `refusals` come first."""

    written: list[LogRecord] = field(default_factory=list)
    refusals: list[SourceError] = field(default_factory=list)
    asked: list[tuple[LogQuery, datetime, int]] = field(default_factory=list)
    after_page: Callable[[], None] = lambda: None

    async def list(
        self, name: ServiceName, query: LogQuery, since: datetime, limit: int
    ) -> Sequence[LogRecord]:
        assert query.lives
        assert query.oldest_first
        self.asked.append((query, since, limit))
        if self.refusals:
            raise self.refusals.pop(0)
        found = [each for each in self.written if self._matches(query, each, since)]
        self.after_page()
        return tuple(sorted(found, key=lambda each: each.time)[:limit])

    def tail(self, name: ServiceName, query: LogQuery) -> AsyncIterator[LogRecord]:
        raise AssertionError("nobody follows it here")

    @staticmethod
    def _matches(query: LogQuery, record: LogRecord, since: datetime) -> bool:
        assert record.received is not None
        assert query.received_from is not None
        assert query.received_until is not None
        return (
            record.time >= since and query.received_from <= record.received <= query.received_until
        )


@asynccontextmanager
async def reading(
    kept: Kept, log: ScriptedLog, began: datetime, **limits: float
) -> AsyncIterator[Backfill]:
    """Read what `kept` lacks of `log`, which is followed by somebody else since `began`."""
    settings = {"page_seconds": 0.0, **limits}
    backfill = Backfill(
        log,  # type: ignore[arg-type]
        NAME,
        kept.keeper,
        began,
        lambda: kept.time[0],
        lambda: 0.5,
        **settings,  # type: ignore[arg-type]
    )
    running = asyncio.create_task(backfill.run())
    try:
        yield backfill
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def since_until(window: Window) -> tuple[timedelta, timedelta]:
    """Return a stretch as its distances from noon."""
    return window.start - NOON, window.end - NOON
