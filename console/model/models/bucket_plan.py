"""What is to be done so that a bucket is fit for a model: made with safe settings, or changed.

The plan says of each setting why it matters, what it costs, and whether it can be changed later;
and it names the commands that do the same, and those that undo it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from console.language import tr
from console.model.cost.prices import PriceList
from console.model.models.bucket_check import is_near
from console.model.models.bucket_commands import Command, changing, creating, removing, undoing
from console.model.models.bucket_costs import BucketCosts, SettingCost
from console.model.models.bucket_settings import (
    STANDARD,
    BucketSettings,
    SafeSettings,
    Setting,
)
from console.model.models.bucket_words import ABSENT, WHY, caution, seen_words, wanted_words

USUAL_BYTES: Final = 7_800_000_000
"""What a model in the usual quantisation has, for prices where there is no model yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A setting that is not as it should be, or that a new bucket gets.

    `observed` is `–` where there is nothing yet or nobody said. `changeable` says whether it can
    be changed later. `command` is None if nothing can be done to this bucket, or if the plan has
    one command for all of it; `undo` if there is no way back; `caution` says what else to know.
    """

    setting: Setting
    observed: str
    wanted: str
    why: str
    cost: SettingCost
    changeable: bool
    command: Command | None = None
    undo: Command | None = None
    caution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketPlan:
    """What is to be done; `observed` is None for a bucket that is to be made.

    `notes` are what to know beside that. `command` makes the bucket, and `undo` removes it.
    """

    name: str
    project: str
    wanted: SafeSettings
    observed: BucketSettings | None
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()
    command: Command | None = None
    undo: Command | None = None

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What can be done to the bucket that there is."""
        if self.observed is None:
            return ()
        return tuple(each for each in self.differences if each.changeable)

    @property
    def lasting(self) -> tuple[Difference, ...]:
        """What is wrong with the bucket that there is and cannot be changed."""
        if self.observed is None:
            return ()
        return tuple(each for each in self.differences if not each.changeable)

    @property
    def to_do(self) -> bool:
        """Whether there is anything to carry out."""
        return self.observed is None or bool(self.changes)


def plan_creation(
    name: str, project: str, wanted: SafeSettings, prices: PriceList, size: int = USUAL_BYTES
) -> BucketPlan:
    """Return how a bucket is made; `size` is that of the model to be kept in it, in bytes."""
    costs = BucketCosts(wanted, prices, size)
    return BucketPlan(
        name=name,
        project=project,
        wanted=wanted,
        observed=None,
        differences=tuple(
            Difference(
                setting=each,
                observed=ABSENT,
                wanted=wanted_words(each, name, wanted),
                why=tr(WHY[each]),
                cost=costs.wanted(each),
                changeable=each.changeable,
            )
            for each in Setting
        ),
        notes=_some(costs.distance()),
        command=creating(name, project, wanted),
        undo=removing(name),
    )


def plan_changes(
    observed: BucketSettings,
    project: str,
    wanted: SafeSettings,
    prices: PriceList,
    size: int = USUAL_BYTES,
) -> BucketPlan:
    """Return what is to be changed of a bucket; `size` is that of the model in it, in bytes."""
    costs = BucketCosts(wanted, prices, size)
    wrong = [each for each in Setting if not _is_safe(each, observed, wanted)]
    return BucketPlan(
        name=observed.name,
        project=project,
        wanted=wanted,
        observed=observed,
        differences=tuple(
            Difference(
                setting=each,
                observed=seen_words(each, observed),
                wanted=wanted_words(each, observed.name, wanted),
                why=tr(WHY[each]),
                cost=costs.observed(each, observed),
                changeable=each.changeable,
                command=changing(each, observed, wanted) if each.changeable else None,
                undo=undoing(each, observed) if each.changeable else None,
                caution=caution(each, observed),
            )
            for each in wrong
        ),
        notes=(
            *(_some(costs.distance()) if Setting.LOCATION not in wrong else ()),
            *_notes(observed, wanted),
        ),
    )


def _some(note: str) -> tuple[str, ...]:
    return (note,) if note else ()


def _is_safe(setting: Setting, observed: BucketSettings, wanted: SafeSettings) -> bool:
    match setting:
        case Setting.NAME:
            return True
        case Setting.LOCATION:
            return is_near(observed.location, wanted.region)
        case Setting.PUBLIC_ACCESS:
            return observed.public_access_prevented is True
        case Setting.UNIFORM_ACCESS:
            return observed.uniform_access is True
        case Setting.STORAGE_CLASS:
            return observed.storage_class == STANDARD
        case Setting.VERSIONING:
            return not observed.versioned
        case Setting.SOFT_DELETE:
            return wanted.suits(observed.soft_delete)
        case Setting.UNFINISHED_UPLOADS:
            return any(each.clears_uploads for each in observed.rules)


def _notes(observed: BucketSettings, wanted: SafeSettings) -> Iterator[str]:
    if not wanted.region:
        yield tr("where the service runs is not known, so the location was not looked at")
    where = observed.location.lower()
    if wanted.region and where not in ("", wanted.region) and is_near(where, wanted.region):
        yield tr(
            "{where} includes {region}, but reading from several regions at once is paid for, "
            "unlike from one's own",
            where=where,
            region=wanted.region,
        )
    for each in observed.rules:
        if each.touches_live_objects:
            yield tr(
                "a rule of the bucket deletes objects by itself or makes reading them cost more; "
                "it is left as it is, see whether the model is safe from it: {rule}",
                rule=each.text,
            )
    if observed.requester_pays:
        yield tr(
            "whoever reads pays for it (requester pays), and a service that mounts the bucket "
            "cannot: gcloud storage buckets update gs://{bucket} --no-requester-pays",
            bucket=observed.name,
        )
