"""What is to be done so that a bucket is fit for a model: made with safe settings, or changed.

The plan says of each setting why it matters, what it costs, and whether it can be changed later;
and it names the commands that do the same, and those that undo it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from console.model.cost.prices import HOURS_A_MONTH, PriceList, StorageClass
from console.model.cost.storage_cost import gib, retrieval, storage
from console.model.models.bucket_check import is_near
from console.model.models.bucket_commands import Command, changing, creating, removing, undoing
from console.model.models.bucket_settings import (
    ABORT_AFTER_DAYS,
    NOT_KEPT,
    STANDARD,
    BucketSettings,
    SafeSettings,
    Setting,
)
from console.model.storage import size_text

USUAL_BYTES: Final = 7_800_000_000
"""What a model in the usual quantisation has, for prices where there is no model yet."""

_ABSENT: Final = "–"
_NOTHING: Final = "nothing"
_WHY: Final = {
    Setting.NAME: "all of Google Cloud shares the names",
    Setting.LOCATION: "each cold start reads the whole model: from its own region fast and for "
    "nothing, from another slowly and for money",
    Setting.PUBLIC_ACCESS: "without it one wrong grant lets anybody read it, and you pay for that",
    Setting.UNIFORM_ACCESS: "otherwise single objects can be opened to others, which the bucket's "
    "own permissions do not show",
    Setting.STORAGE_CLASS: "what is sent gets this class unless it says otherwise, and the other "
    "classes are paid for at each reading, which each cold start is",
    Setting.VERSIONING: "whatever is replaced or deleted stays, and is paid for, until somebody "
    "removes it",
    Setting.SOFT_DELETE: "what is deleted or replaced by mistake can be restored for as long, and "
    "is paid for as long",
    Setting.UNFINISHED_UPLOADS: "the parts of an upload that was given up are in no list of "
    "objects, and are paid for until somebody removes them",
}


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
    cost: str
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
    told = _Told(wanted, prices, size)
    return BucketPlan(
        name=name,
        project=project,
        wanted=wanted,
        observed=None,
        differences=tuple(
            Difference(
                setting=each,
                observed=_ABSENT,
                wanted=f"gs://{name}" if each is Setting.NAME else told.wanted(each),
                why=_WHY[each],
                cost=told.cost_of_wanted(each),
                changeable=each.changeable,
            )
            for each in Setting
        ),
        notes=tuple(told.distance()),
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
    told = _Told(wanted, prices, size)
    wrong = [each for each in Setting if not _is_safe(each, observed, wanted)]
    return BucketPlan(
        name=observed.name,
        project=project,
        wanted=wanted,
        observed=observed,
        differences=tuple(
            Difference(
                setting=each,
                observed=_seen(each, observed),
                wanted=told.wanted(each),
                why=_WHY[each],
                cost=told.cost_of_observed(each, observed),
                changeable=each.changeable,
                command=changing(each, observed, wanted) if each.changeable else None,
                undo=undoing(each, observed) if each.changeable else None,
                caution=_caution(each, observed),
            )
            for each in wrong
        ),
        notes=(*told.distance(), *_notes(observed, wanted)),
    )


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


def _seen(setting: Setting, observed: BucketSettings) -> str:
    match setting:
        case Setting.NAME:
            return f"gs://{observed.name}"
        case Setting.LOCATION:
            return observed.location.lower() or _ABSENT
        case Setting.PUBLIC_ACCESS:
            return _ABSENT if observed.public_access_prevented is None else "possible"
        case Setting.UNIFORM_ACCESS:
            return _ABSENT if observed.uniform_access is None else "for each object"
        case Setting.STORAGE_CLASS:
            return observed.storage_class.lower() or _ABSENT
        case Setting.VERSIONING:
            return "all are kept"
        case Setting.SOFT_DELETE:
            return _kept_text(observed.soft_delete)
        case Setting.UNFINISHED_UPLOADS:
            return "stay"


def _kept_text(kept: timedelta | None) -> str:
    if kept is None:
        return _ABSENT
    return f"restorable for {kept / timedelta(days=1):g} days" if kept else "not restorable"


def _caution(setting: Setting, observed: BucketSettings) -> str:
    """Say what a change does to what is there already, or why it is not all that is needed."""
    match setting:
        case Setting.LOCATION:
            return "no bucket moves; make another by --create --name NAME, and send the model there"
        case Setting.PUBLIC_ACCESS:
            return "whoever reads it without a login is turned away from then on"
        case Setting.UNIFORM_ACCESS:
            return (
                "grants on single objects end; it can be undone for 90 days, with those grants"
                if observed.uniform_access is False
                else ""
            )
        case Setting.STORAGE_CLASS:
            return "objects that are there keep their class until they are sent anew"
        case Setting.VERSIONING:
            return "older versions that are there stay; models list shows them"
        case Setting.SOFT_DELETE:
            return "what is deleted already is kept for as long as it was meant to be"
        case _:
            return ""


def _notes(observed: BucketSettings, wanted: SafeSettings) -> Iterator[str]:
    if not wanted.region:
        yield "where the service runs is not known, so the location was not looked at"
    where = observed.location.lower()
    if wanted.region and where not in ("", wanted.region) and is_near(where, wanted.region):
        yield (
            f"{where} includes {wanted.region}, but reading from several regions at once is paid "
            "for, unlike from one's own"
        )
    for each in observed.rules:
        if each.touches_live_objects:
            yield (
                f"a rule of the bucket deletes objects by itself or makes reading them cost more; "
                f"it is left as it is, see whether the model is safe from it: {each.text}"
            )
    if observed.requester_pays:
        yield (
            "whoever reads pays for it (requester pays), and a service that mounts the bucket "
            f"cannot: gcloud storage buckets update gs://{observed.name} --no-requester-pays"
        )


@dataclass(frozen=True, slots=True)
class _Told:
    """What a setting is to be and costs, in words; amounts are estimates for `size` bytes."""

    safe: SafeSettings
    prices: PriceList
    size: int

    def wanted(self, setting: Setting) -> str:
        return {
            Setting.NAME: "",
            Setting.LOCATION: self.safe.region,
            Setting.PUBLIC_ACCESS: "prevented",
            Setting.UNIFORM_ACCESS: "for the bucket as a whole",
            Setting.STORAGE_CLASS: STANDARD.lower(),
            Setting.VERSIONING: "only the newest",
            Setting.SOFT_DELETE: _kept_text(self.safe.kept),
            Setting.UNFINISHED_UPLOADS: f"given up after {ABORT_AFTER_DAYS} days",
        }[setting]

    def cost_of_wanted(self, setting: Setting) -> str:
        """Say what a setting costs as it should be."""
        match setting:
            case Setting.LOCATION:
                return f"{self._month(StorageClass.STANDARD)} a month {self._of_model()}"
            case Setting.SOFT_DELETE if self.safe.kept != NOT_KEPT:
                return self._kept(self.safe.kept)
            case _:
                return _NOTHING

    def cost_of_observed(self, setting: Setting, observed: BucketSettings) -> str:
        """Say what is paid for as long as a setting is not as it should be, or once it is."""
        match setting:
            case Setting.LOCATION:
                amount = self._moving(observed.location.lower(), self.safe.region)
                return f"as it is, {amount} for each cold start {self._of_model()}"
            case Setting.STORAGE_CLASS:
                classes = {each.value: each for each in StorageClass}
                known = classes.get(observed.storage_class)
                if known is None:
                    return _ABSENT
                reading = retrieval(self.size, known, self.prices).amount.text()
                return (
                    f"as it is, {self._month(known)} a month and {reading} for each cold start; "
                    f"then {self._month(StorageClass.STANDARD)} a month {self._of_model()}"
                )
            case Setting.VERSIONING | Setting.UNFINISHED_UPLOADS:
                return f"as it is, up to {self._month(StorageClass.STANDARD)} a month more for each"
            case Setting.SOFT_DELETE:
                return self._kept(self.safe.kept) if self.safe.kept else _NOTHING
            case _:
                return _NOTHING

    def distance(self) -> Iterator[str]:
        """Say that the bucket is to be far from the service that reads from it, if it is."""
        origin, reader = self.safe.region, self.safe.reader
        if not is_near(origin, reader):
            amount = self._moving(origin, reader)
            yield (
                f"the service is in {reader} and the bucket in {origin}: each cold start reads the "
                f"model from there, slowly and for {amount} {self._of_model()}"
            )

    def _moving(self, origin: str, destination: str) -> str:
        price = self.prices.transfer(origin, destination)
        return price.cost(gib(self.size)).text()

    def _kept(self, kept: timedelta) -> str:
        month = storage(self.size, StorageClass.STANDARD, self.safe.region, self.prices).amount
        share = Decimal(kept // timedelta(hours=1)) / HOURS_A_MONTH
        return f"{(month * share).text()} for each model that is replaced {self._of_model()}"

    def _month(self, storage_class: StorageClass) -> str:
        return storage(self.size, storage_class, self.safe.region, self.prices).amount.text()

    def _of_model(self) -> str:
        return f"(estimate for {size_text(self.size)}, prices of {self.prices.date})"
