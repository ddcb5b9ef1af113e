"""Keeps what the store says of costs true, whatever of it is known.

Lives of instances come from the history, prices from a watch of their own, and the bucket's list
from who looks at the service anyway, since listing is paid for. Reckoning is done in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Final, Protocol

from console.model.cost.estimate import FreeTier
from console.model.cost.facts import CostFacts
from console.model.cost.prices import PriceList
from console.model.cost.reckoning import cost_report
from console.model.cost.report import CostReport, PricesLabel
from console.model.cost.snapshot import CostSnapshot
from console.model.freshness import Freshness, Standing
from console.session.history.known_lives import KnownLives
from console.store import Store, Topic

UNSETTLED_SECONDS: Final = 2.0
AWAKE_SECONDS: Final = 5.0
ASLEEP_SECONDS: Final = 60.0
"""How often is reckoned anew when nothing changed but the time."""

REST_SECONDS: Final = 2.0
REST_SHARE: Final = 10
"""How much time is left at least between two times of reckoning: so many seconds, and so many
times as long as it took, as everything else waits for it a little."""


class KnownPrices(Protocol):
    """The prices to reckon with."""

    @property
    def prices(self) -> PriceList:
        """What things cost."""
        ...

    @property
    def label(self) -> PricesLabel:
        """Where the prices are from."""
        ...

    @property
    def live(self) -> frozenset[str]:
        """The keys of those that Google's catalog gave."""
        ...


class CostWatch:
    """Writes reports into `store`, of what `facts` returns; that is called on the event loop.

    `known` has the lives of instances and `prices` what things cost; `settled` says whether all
    else has been answered or refused. `zone` is the one whose days
    and months count; `clock` gives the time of day.
    """

    def __init__(
        self,
        store: Store,
        facts: Callable[[], CostFacts | None],
        known: KnownLives,
        prices: KnownPrices,
        clock: Callable[[], datetime],
        *,
        settled: Callable[[], bool] = lambda: True,
        zone: tzinfo = UTC,
        free: FreeTier = FreeTier.NONE,
        rest_seconds: float = REST_SECONDS,
    ) -> None:
        self._store = store
        self._facts = facts
        self._known = known
        self._prices = prices
        self._clock = clock
        self._settled = settled
        self._zone = zone
        self._free = free
        self._rest_seconds = rest_seconds
        self._news = asyncio.Event()
        self._seen: tuple[object, ...] = ()

    def reckon(self, free: FreeTier) -> None:
        """Reckon with so much of the free tier from now on."""
        self._free = free
        self.changed()

    def changed(self) -> None:
        """Reckon anew soon: something that counts is other than it was."""
        self._news.set()

    async def run(self) -> None:
        """Reckon whenever something changed, and now and then, until cancelled."""
        loop = asyncio.get_running_loop()
        ends = [self._store.subscribe(self._heard), self._known.subscribe(self.changed)]
        try:
            while True:
                self._news.clear()
                began = loop.time()
                await self.once()
                took = loop.time() - began
                await asyncio.sleep(max(self._rest_seconds, REST_SHARE * took))
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._patience()):
                        await self._news.wait()
        finally:
            for end in ends:
                end()

    async def once(self) -> None:
        """Reckon now."""
        settled = self._settled()
        report = await self._reckoned()
        fresh = self._freshness(report)
        self._store.set_cost(CostSnapshot(report, fresh, report is not None and settled))

    def _patience(self) -> float:
        """Return how long nothing but the time may change before it is reckoned anew."""
        known = self._store.cost
        if not known.settled:
            return UNSETTLED_SECONDS
        awake = known.report is not None and known.report.now is not None
        return AWAKE_SECONDS if awake else ASLEEP_SECONDS

    async def _reckoned(self) -> CostReport | None:
        facts = self._facts()
        if facts is None:
            return None
        prices = self._prices
        return await asyncio.to_thread(
            partial(
                cost_report,
                facts,
                self._clock(),
                self._zone,
                prices.prices,
                prices.label,
                self._free,
                prices.live,
            )
        )

    def _freshness(self, report: CostReport | None) -> Freshness:
        """Return how well the report is known: as well as the service and its log are."""
        fresh = self._store.service.fresh
        if report is None:
            return fresh.service
        for each in (fresh.service, fresh.log):
            if each.troubled or each.standing is Standing.STALE:
                return each
        return Freshness(Standing.FRESH, report.at)

    def _heard(self, topic: Topic) -> None:
        """Reckon anew after what counts changed; the rest of a service changes all the time."""
        service, starts = self._store.service, self._store.starts
        weights = service.fresh.weights.standing
        seen = (service.facts, service.metrics, service.log_problem, weights, starts.starts)
        if topic in (Topic.SERVICE, Topic.STARTS) and seen != self._seen:
            self._seen = seen
            self.changed()
