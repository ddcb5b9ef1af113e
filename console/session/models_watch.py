"""Keeps what the store says of model files true: those on this machine, and those in the bucket.

The directory is looked into by a child of its own, and only once somebody wants to see it. Listing
a bucket is paid for, so its list comes from who lists it anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from console.language import tr, tr_later
from console.model.cost.bucket_cost import BucketContents
from console.model.cost.facts import Known
from console.model.cost.prices import PriceList
from console.model.freshness import Freshness, Standing
from console.model.models.snapshot import Compared, FilesHere, Job
from console.model.models.verification import Verified
from console.model.storage import Kept
from console.sources.base import SourceError
from console.store import Store, Topic
from console.terminal.sanitise import sanitise

LOOK_AGAIN: Final = timedelta(minutes=1)
"""How old what is known of the directory may be when somebody comes to see it."""

NO_DIRECTORY: Final = tr_later("no directory is named: d names one, F fetches the published files")
NO_BUCKET_HERE: Final = tr_later(
    "a bucket belongs to a service: c chooses one, or name it: zimage-console models list "
    "--bucket NAME"
)
"""What there is to say where nothing is named; to be translated where it is said."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Who knows what is in the bucket of a service, and by which prices it is reckoned."""

    contents: Callable[[], Known[BucketContents]]
    prices: Callable[[], PriceList]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A verdict, and of which file and which object it is."""

    verdict: Verified
    modified: datetime | None
    generation: int


class ModelsWatch:
    """Writes `store.models`; `bucket` is None where there is no service that mounts one.

    `directory` None means that nobody named one. `environment` is what the engine inherits, and
    `clock` gives the time of day.
    """

    def __init__(
        self,
        store: Store,
        directory: Path | None,
        environment: Mapping[str, str],
        clock: Callable[[], datetime],
        bucket: Bucket | None = None,
    ) -> None:
        self.directory = directory
        self._store = store
        self._environment = environment
        self._clock = clock
        self._bucket = bucket
        self._wanted = asyncio.Event()
        self._pairs: dict[str, _Pair] = {}
        self._compared_at: datetime | None = None
        self._seen: object = None

    def wanted(self) -> None:
        """Somebody comes to see the files: look, unless that was done just now."""
        fresh = self._store.models.here_fresh
        if fresh.at is None or self._clock() - fresh.at >= LOOK_AGAIN:
            self.look()

    def look(self) -> None:
        """Look into the directory now."""
        self._wanted.set()

    def look_at(self, directory: Path) -> None:
        """Look into another directory from now on."""
        self.directory = directory
        self._pairs.clear()
        self._put_here(None, Freshness())
        self.look()

    async def run(self) -> None:
        """Keep the store true until cancelled."""
        end = self._store.subscribe(self._heard)
        self.changed()
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                await self._look()
        finally:
            end()

    def changed(self) -> None:
        """Take in what is known of the bucket now."""
        if self._bucket is None:
            absent = Freshness(Standing.ABSENT, problem=sanitise(tr(NO_BUCKET_HERE)))
            self._store.set_models(replace(self._store.models, there_fresh=absent))
            return
        known, listing = self._bucket.contents(), self._store.service.fresh.weights
        if known.thing is None and listing.standing is Standing.FRESH:
            # It was listed; where it is and what was left in it is still being asked for.
            listing = Freshness()
            if self._store.service.facts is not None and not self._store.service.facts.volumes:
                listing = Freshness(Standing.ABSENT, problem=sanitise(known.why))
        self._store.set_models(
            replace(
                self._store.models,
                there=known.thing,
                there_fresh=listing.without_time if known.thing is None else listing,
                unseen=known.why if known.thing is not None and not listing.troubled else "",
                prices=self._bucket.prices(),
            )
        )
        self._hold_pairs()

    def compared(self, verdicts: Iterable[tuple[Verified, int]]) -> None:
        """Note what came of comparing files with objects, given by their generations."""
        here = self._store.models.here
        modified = {each.name: each.modified for each in here.files} if here else {}
        self._compared_at = self._clock()
        for verdict, generation in verdicts:
            self._pairs[verdict.name] = _Pair(
                verdict, modified.get(sanitise(verdict.name)), generation
            )
        self._hold_pairs()

    def job(self, job: Job | None) -> None:
        """Say what is done with the files."""
        self._store.set_models(replace(self._store.models, job=job))

    async def _look(self) -> None:
        directory = self.directory
        if directory is None:
            absent = Freshness(Standing.ABSENT, problem=sanitise(tr(NO_DIRECTORY)))
            self._put_here(None, absent)
            return
        from console.session.models_here import files_here

        try:
            found = await files_here(directory, self._environment)
        except SourceError as error:
            if directory == self.directory:
                fresh = self._store.models.here_fresh
                self._put_here(
                    self._store.models.here, fresh.failed(Standing.ERROR, error.message, None)
                )
            return
        if directory == self.directory:
            self._put_here(found, Freshness(Standing.FRESH, self._clock()))
            self._hold_pairs()

    def _put_here(self, found: FilesHere | None, fresh: Freshness) -> None:
        self._store.set_models(replace(self._store.models, here=found, here_fresh=fresh))

    def _hold_pairs(self) -> None:
        """Keep only verdicts on files and objects that are still what they were."""
        known = self._store.models
        here = {str(each.name): each.modified for each in known.here.files} if known.here else {}
        objects = known.there.found.of(Kept.LIVE) if known.there else ()
        there = {str(each.name): each.generation for each in objects}
        holding = tuple(
            pair.verdict
            for name, pair in self._pairs.items()
            if here.get(name) == pair.modified and there.get(name) == pair.generation
        )
        at = self._compared_at
        compared = Compared(at, holding) if holding and at is not None else None
        self._store.set_models(replace(known, compared=compared))

    def _heard(self, topic: Topic) -> None:
        """Take in that the bucket was listed, or could not be."""
        if topic is Topic.SERVICE:
            service = self._store.service
            seen = (service.fresh.weights, None if service.facts is None else service.facts.volumes)
            if seen != self._seen:
                self._seen = seen
                self.changed()
