"""What is asked for costs alone: more of the bucket, what the registry keeps, what was counted.

All of it is asked seldom, and each is known or not for a reason of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, tzinfo
from typing import Final, Protocol, TypeVar

from console.language import tr, tr_later
from console.model.cost.bucket_cost import BucketContents
from console.model.cost.facts import Known, MonthMeters
from console.model.cost.spending import billing_day, billing_month
from console.model.image_name import ImageName
from console.model.registry import RegistryFacts
from console.model.service import ServiceFacts, ServiceName
from console.model.storage import Bucket, ObjectList
from console.model.text import SafeText
from console.session.polling import Intervals, Pace, poll
from console.session.racing import first_of
from console.sources.base import MeterSource, RegistrySource, SourceError, StorageSource
from console.terminal.sanitise import sanitise

SELDOM: Final = 5
"""How many times more seldom these are asked than what is asked seldom anyway."""

_NO_BUCKET: Final = tr_later(
    "the service mounts none, and where else it reads its model is not known"
)
_Thing = TypeVar("_Thing")


class ServiceTold(Protocol):
    """Whoever knows the service as Cloud Run describes it."""

    async def facts(self) -> ServiceFacts:
        """Return what is known of the service, once something is."""
        ...


class CostQuestions:
    """Asks, and knows the newest answers; `changed` is called after each.

    `zone` is the one whose days and months count, `clock` gives the time of day, and `jitter`
    numbers from 0 to 1.
    """

    def __init__(
        self,
        changed: Callable[[], None],
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        *,
        zone: tzinfo = UTC,
        pace: Pace,
        intervals: Intervals,
    ) -> None:
        self.bucket: Known[BucketContents] = Known()
        self.registry: Known[RegistryFacts] = Known()
        self.meters: Known[MonthMeters] = Known()
        self._changed = changed
        self._clock = clock
        self._jitter = jitter
        self._zone = zone
        self._pace = pace
        self._every = intervals.seldom * SELDOM
        self._listing: tuple[SafeText, ObjectList] | None = None
        self._listed = asyncio.Event()

    @property
    def settled(self) -> bool:
        """Whether everything has been answered or refused at least once."""
        every = (self.bucket, self.registry, self.meters)
        return all(each != Known() for each in every)

    def listed(self, bucket: SafeText | None, found: ObjectList) -> None:
        """Take in what somebody found in the bucket of the service; None if it mounts none."""
        if bucket is None:
            self.bucket = Known(None, _NO_BUCKET)
            self._changed()
            return
        self._listing = (bucket, found)
        self._listed.set()

    def not_listed(self, why: str) -> None:
        """Take note that the bucket cannot be looked into; what was found before stays."""
        known = Known(self.bucket.thing, why)
        if known != self.bucket:
            self.bucket = known
            self._changed()

    async def ask(
        self,
        service: ServiceTold,
        name: ServiceName,
        storage: StorageSource | None,
        registry: RegistrySource | None,
        meters: MeterSource | None,
    ) -> None:
        """Ask again and again, until cancelled."""
        if storage is None:
            self.bucket = Known(None, tr("nobody looks into its bucket"))
        if registry is None:
            self.registry = Known(None, tr("nobody asks the registry"))
        if meters is None:
            self.meters = Known(None, tr("nobody measures it"))
        self._changed()
        asked = [self._look_closer(name, storage)] if storage is not None else []
        if registry is not None:
            asked.append(self._follow_registry(service, registry))
        if meters is not None:
            asked.append(self._follow_meters(service, name, meters))
        await first_of(*asked, asyncio.Event().wait())

    async def _look_closer(self, name: ServiceName, storage: StorageSource) -> None:
        """Ask where a bucket is and what was left in it, whenever it was listed."""
        while True:
            await self._listed.wait()
            self._listed.clear()
            assert self._listing is not None
            bucket, found = self._listing
            place, unplaced = await _known(storage.bucket(bucket))
            uploads, unseen = await _known(storage.unfinished_uploads(bucket))
            contents = BucketContents(
                place or _somewhere(bucket, name.region), found, uploads or ()
            )
            why = ""
            if unplaced:
                why = tr("taken to be in {region}: {why}", region=name.region, why=unplaced)
            if unseen and why:
                why = tr("{why}; {other}", why=why, other=unseen)
            elif unseen:
                why = tr("without unfinished uploads: {why}", why=unseen)
            self.bucket = Known(contents, why)
            self._changed()

    async def _follow_registry(self, service: ServiceTold, registry: RegistrySource) -> None:
        async def ask() -> Known[RegistryFacts]:
            facts = await service.facts()
            try:
                image = ImageName.parse(facts.image or "")
            except ValueError:
                return Known(
                    None, tr("the image is in no repository of Artifact Registry"), absent=True
                )
            return Known(await registry.images(image.repository), "")

        def told(answer: Known[RegistryFacts]) -> None:
            self.registry = answer
            self._changed()

        def silent(error: SourceError, failures: int, seconds: float) -> None:
            self.registry = Known(self.registry.thing, error.message)
            self._changed()

        await self._poll(ask, told, silent)

    async def _follow_meters(
        self, service: ServiceTold, name: ServiceName, meters: MeterSource
    ) -> None:
        async def ask() -> MonthMeters:
            facts = await service.facts()
            buckets = [each.bucket for each in facts.volumes]
            now = self._clock()
            month, today = billing_month(now, self._zone), billing_day(now, self._zone)
            return MonthMeters(
                await meters.meters(name, buckets, month.start),
                await meters.meters(name, buckets, today.start),
            )

        def told(answer: MonthMeters) -> None:
            self.meters = Known(answer, "")
            self._changed()

        def silent(error: SourceError, failures: int, seconds: float) -> None:
            self.meters = Known(self.meters.thing, error.message)
            self._changed()

        await self._poll(ask, told, silent)

    async def _poll(
        self,
        ask: Callable[[], Awaitable[_Thing]],
        told: Callable[[_Thing], None],
        silent: Callable[[SourceError, int, float], None],
    ) -> None:
        await poll(
            ask, told, silent, pace=self._pace, every=lambda: self._every, jitter=self._jitter
        )


async def _known(answer: Awaitable[_Thing]) -> tuple[_Thing | None, str]:
    """Return an answer, or None and why there is none."""
    try:
        return await answer, ""
    except SourceError as error:
        return None, error.message


def _somewhere(bucket: SafeText, region: str) -> Bucket:
    return Bucket(name=bucket, location=sanitise(region), storage_class=SafeText(""))
