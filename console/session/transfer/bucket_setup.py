"""A bucket looked at, made with safe settings, or given them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from console.language import tr
from console.model.cost.prices import PriceList
from console.model.models.bucket_name import name_problem
from console.model.models.bucket_plan import (
    USUAL_BYTES,
    BucketPlan,
    plan_changes,
    plan_creation,
)
from console.model.models.bucket_settings import BucketSettings, SafeSettings
from console.model.storage import Kept
from console.sources.base import Denied, Missing, SourceError, StorageSource
from console.sources.bucket_making import BucketMaker, NameTaken
from console.terminal.sanitise import sanitise


class NotMade(SourceError):
    """There is no such bucket, and it cannot or is not to be made; the message has the mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """The bucket that is looked for.

    `project` is whose it should be, empty if that is not known. `chosen` says that somebody chose
    the name: then it is no matter if another project has the bucket.
    """

    name: str
    project: str
    wanted: SafeSettings
    chosen: bool = False
    create: bool = False


class BucketSetup:
    """Looks at a bucket by `maker` and `storage`, and carries out what is to be done."""

    def __init__(
        self, maker: BucketMaker, storage: StorageSource, sought: Sought, prices: PriceList
    ) -> None:
        self._maker = maker
        self._storage = storage
        self._sought = sought
        self._prices = prices

    async def look(self) -> BucketPlan:
        """Return what is to be done; raises `SourceError`, `NameTaken` if it is another's."""
        sought = self._sought
        try:
            observed = await self._maker.settings(sought.name)
        except Missing:
            return self._creation()
        except Denied as denied:
            if await self._is_ours() is False:
                raise _not_ours(sought) from None
            raise denied from None
        if await self._is_ours() is False:
            if not sought.chosen:
                raise _not_ours(sought)
            plan = await self._changes(observed)
            elsewhere = tr("it is not in project {project}", project=sought.project)
            return replace(plan, notes=(*plan.notes, elsewhere))
        return await self._changes(observed)

    async def carry_out(self, plan: BucketPlan) -> BucketPlan:
        """Do what a plan says; return what is still to be done, which is read anew.

        Raises `SourceError`. A bucket of the project's own that appeared meanwhile is changed.
        """
        if plan.observed is None:
            try:
                await self._maker.create(plan.project, plan.name, plan.wanted)
            except NameTaken as taken:
                if not taken.ours:
                    raise
            plan = await self._changes(await self._maker.settings(plan.name))
        if plan.observed is None or not plan.changes:
            return plan
        wrong = [each.setting for each in plan.changes]
        await self._maker.change(plan.observed, plan.wanted, wrong)
        return await self._changes(await self._maker.settings(plan.name))

    def _creation(self) -> BucketPlan:
        sought = self._sought
        if not sought.create:
            raise NotMade(
                sanitise(
                    tr(
                        "there is no bucket gs://{bucket}; make it by --create, or check it",
                        bucket=sought.name,
                    )
                )
            )
        problem = name_problem(sought.name, new=True)
        if problem:
            raise NotMade(sanitise(tr("{problem}; name it by --name", problem=problem)))
        if not sought.project or not sought.wanted.region:
            raise NotMade(
                sanitise(
                    tr(
                        "gs://{bucket} cannot be made without a project and a region; name them "
                        "by --context PROJECT/REGION/SERVICE",
                        bucket=sought.name,
                    )
                )
            )
        return plan_creation(sought.name, sought.project, sought.wanted, self._prices)

    async def _changes(self, observed: BucketSettings) -> BucketPlan:
        sought = self._sought
        size = await self._size() or USUAL_BYTES
        return plan_changes(observed, sought.project, sought.wanted, self._prices, size)

    async def _size(self) -> int:
        """Return how many bytes are in the bucket, 0 if that cannot be known."""
        try:
            found = await self._storage.objects(self._sought.name)
        except Denied:
            return 0
        return found.size(Kept.LIVE)

    async def _is_ours(self) -> bool | None:
        """Say whether the project has the bucket, None if that cannot be known."""
        if not self._sought.project:
            return None
        try:
            return await self._maker.is_in(self._sought.project, self._sought.name)
        except Denied:
            return None


def _not_ours(sought: Sought) -> NameTaken:
    return NameTaken(
        sanitise(
            tr(
                "gs://{bucket} belongs to somebody else: all of Google Cloud shares the names of "
                "buckets, and {project} has none of this name; choose another by --name",
                bucket=sought.name,
                project=sought.project,
            )
        ),
        ours=False,
    )
