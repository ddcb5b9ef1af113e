"""What a session with a service on Google Cloud knows and says of its costs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Final

from console.model.cost.estimate import FreeTier
from console.model.cost.facts import CostFacts
from console.model.cost.prices import PriceList
from console.model.freshness import Standing, short_reason
from console.session.costs.cost_facts import cloud_facts
from console.session.costs.cost_questions import CostQuestions
from console.session.costs.cost_watch import REST_SECONDS, CostWatch
from console.session.costs.price_cache import PriceCache
from console.session.costs.price_watch import PriceWatch
from console.session.history.known_lives import KnownLives
from console.session.polling import Intervals
from console.session.racing import first_of
from console.sources.prices import packaged_prices
from console.store import Store, Topic

if TYPE_CHECKING:
    from console.session.cloud_session import Cloud
    from console.session.cloud_watch import CloudWatch

SHAPES_SECONDS: Final = 10.0
"""How long is waited for what instances of earlier revisions got."""


class CloudCosts:
    """Keeps `store.cost` true for a service that `watch` looks at.

    `known` has the lives of its instances, `cache` the prices that Google said last. `zone` is the
    one whose days and months count. `told` is called after each answer about costs alone.
    """

    def __init__(
        self,
        store: Store,
        watch: CloudWatch,
        known: KnownLives,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        intervals: Intervals,
        *,
        zone: tzinfo = UTC,
        cache: PriceCache | None = None,
    ) -> None:
        self._store = store
        self._service = watch
        self._known = known
        self._told_at: float | None = None
        self.told: Callable[[], None] = lambda: None
        self._prices = PriceWatch(
            packaged_prices(), cache, clock, jitter, pace=watch.pace, changed=self._changed
        )
        self.questions = CostQuestions(
            self._changed, clock, jitter, zone=zone, pace=watch.pace, intervals=intervals
        )
        self._watch = CostWatch(
            store,
            self._facts,
            known,
            self._prices,
            clock,
            settled=self._settled,
            zone=zone,
            rest_seconds=min(REST_SECONDS, intervals.calm),
        )

    @property
    def prices(self) -> PriceList:
        """What things cost, as far as is known now."""
        return self._prices.prices

    def reckon(self, free: FreeTier) -> None:
        """Reckon with so much of the free tier from now on."""
        self._watch.reckon(free)

    async def run(self) -> None:
        """Reckon until cancelled, whether there is a way to the cloud or not."""
        await self._prices.recall()
        end = self._store.subscribe(self._heard)
        try:
            await self._watch.run()
        finally:
            end()

    async def ask(self, cloud: Cloud) -> None:
        """Ask what costs depend on, until cancelled."""
        asked = [
            self.questions.ask(
                self._service, cloud.name, cloud.storage, cloud.registry, cloud.meters
            )
        ]
        if cloud.prices is not None:
            asked.append(self._prices.run(cloud.prices, cloud.name.project))
        await first_of(*asked)

    def _facts(self) -> CostFacts | None:
        return cloud_facts(self._store.service, self._store.starts, self._known, self.questions)

    def _settled(self) -> bool:
        """Say whether all has been answered or refused, and the log read or refused.

        Of a revision that was deleted nobody can tell the shape, so that is not waited for long.
        """
        read = self._store.starts.fresh.standing in (
            Standing.FRESH,
            Standing.DENIED,
            Standing.ERROR,
        )
        if not (self.questions.settled and (read or self._store.service.fresh.log.troubled)):
            return False
        now = asyncio.get_running_loop().time()
        self._told_at = now if self._told_at is None else self._told_at
        shapes = all(revision in self._known.shapes for revision in self._known.lives)
        return shapes or now - self._told_at >= SHAPES_SECONDS

    def _changed(self) -> None:
        self._watch.changed()
        self.told()

    def _heard(self, topic: Topic) -> None:
        """Take note that the bucket could not be listed."""
        listing = self._store.service.fresh.weights
        if topic is Topic.SERVICE and listing.standing in (Standing.DENIED, Standing.ERROR):
            self.questions.not_listed(listing.problem or short_reason(listing))
