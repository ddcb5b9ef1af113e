"""The prices that costs are reckoned with: the list that comes with the console, kept up to date.

Google's catalog is asked once a day, beside everything else; as long as it says nothing, and of
what it says nothing about, the packaged list stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from console.language import tr, tr_list
from console.model.cost.catalog_prices import CatalogPrices
from console.model.cost.live_prices import (
    PriceChange,
    live_keys,
    price_changes,
    prices_label,
    with_catalog,
)
from console.model.cost.prices import PriceList
from console.model.cost.report import PricesLabel
from console.session.costs.price_cache import PriceCache
from console.session.polling import Pace
from console.sources.base import PriceSource, SourceError, Throttled

FRESH: Final = timedelta(days=1)
"""For how long prices are taken for those of today."""

FIRST_SECONDS: Final = 60.0
LONGEST_SECONDS: Final = 3600.0
"""How long to wait after the first failure, and at most, each time twice as long."""


def _nothing() -> None:
    """Hear of a change and do nothing."""


class PriceWatch:
    """The prices of one session; `changed` is called after every change, in the event loop.

    What the catalog says is kept in `cache`. `clock` gives the time of day, and `jitter` random
    numbers from 0 up to 1; `pace` lets whoever has it hurry or pause the asking.
    """

    def __init__(
        self,
        packaged: PriceList,
        cache: PriceCache | None,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        *,
        pace: Pace | None = None,
        changed: Callable[[], None] = _nothing,
    ) -> None:
        self._packaged = packaged
        self._cache = cache
        self._clock = clock
        self._jitter = jitter
        self._pace = Pace() if pace is None else pace
        self._changed = changed
        self._catalog: CatalogPrices | None = None
        self._problem = ""
        self._recalled = False
        self._set(None, "")

    @property
    def prices(self) -> PriceList:
        """The prices to reckon with."""
        return self._prices

    @property
    def label(self) -> PricesLabel:
        """Where they are from, and why there are no newer ones."""
        return self._label

    @property
    def live(self) -> frozenset[str]:
        """The keys of those that the catalog gave."""
        return live_keys(self._packaged, self._catalog)

    @property
    def changes(self) -> tuple[PriceChange, ...]:
        """Which prices are other now than in the packaged list, by key."""
        return self._changes

    @property
    def catalog(self) -> CatalogPrices | None:
        """What Google's catalog said last."""
        return self._catalog

    async def run(self, source: PriceSource, project: str) -> None:
        """Keep the prices up to date until cancelled, asking as `project` if need be."""
        failures = 0
        while True:
            error = await self.update(source, project)
            failures = 0 if error is None else failures + 1
            await self._pace.rest(self._patience(failures, error))

    async def update(self, source: PriceSource, project: str) -> SourceError | None:
        """Bring the prices up to date if they are not of today; returns what went wrong."""
        await self.recall()
        if self._fresh_for():
            return None
        try:
            catalog = await source.prices(project, self._packaged.regions)
        except SourceError as error:
            self._tell(self._catalog, error.message)
            return error
        self._tell(catalog, _unclear(catalog))
        if self._cache is not None:
            # What cannot be kept is asked for again the next time; nobody misses it now.
            with suppress(OSError):
                await asyncio.to_thread(self._cache.keep, catalog)
        return None

    async def recall(self) -> None:
        """Take the prices that were kept the last time, unless the packaged list is newer."""
        if self._recalled or self._cache is None:
            return
        self._recalled = True
        kept = await asyncio.to_thread(self._cache.recall)
        now = self._clock()
        if kept is not None and self._packaged.date <= kept.fetched_at.date() <= now.date():
            self._tell(kept, _unclear(kept))

    def _fresh_for(self) -> timedelta:
        """Return for how long the prices are those of today; nothing once they are older."""
        if self._catalog is None:
            return timedelta()
        age = self._clock() - self._catalog.fetched_at
        return FRESH - age if timedelta() <= age < FRESH else timedelta()

    def _patience(self, failures: int, error: SourceError | None) -> float:
        spread = 0.75 + self._jitter() / 2
        if error is None:
            return max(FIRST_SECONDS, self._fresh_for().total_seconds())
        said = (error.retry_after or 0.0) if isinstance(error, Throttled) else 0.0
        doubled = FIRST_SECONDS * 2.0 ** min(failures - 1, 10)
        return max(said, min(LONGEST_SECONDS, doubled) * spread)

    def _tell(self, catalog: CatalogPrices | None, problem: str) -> None:
        if (catalog, problem) != (self._catalog, self._problem):
            self._set(catalog, problem)
            self._changed()

    def _set(self, catalog: CatalogPrices | None, problem: str) -> None:
        self._catalog, self._problem = catalog, problem
        self._prices = with_catalog(self._packaged, catalog)
        self._label = prices_label(self._packaged, catalog, problem)
        self._changes = price_changes(self._packaged, catalog)


def _unclear(catalog: CatalogPrices) -> str:
    """Say that the catalog contradicts itself, if it does."""
    if not catalog.ambiguous:
        return ""
    key, entries = next(iter(catalog.ambiguous.items()))
    why = tr("the catalog has {prices}", prices=tr_list(entries))
    more = len(catalog.ambiguous) - 1
    if more:
        return tr(
            "the price {key} is left as it was: {why}, and {count} more like it",
            key=key,
            why=why,
            count=more,
        )
    return tr("the price {key} is left as it was: {why}", key=key, why=why)
