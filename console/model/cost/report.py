"""Everything that the screen of costs says, and the verb `cost`: one report of one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from console.language import tr
from console.model.cost.billable_check import BillableCheck
from console.model.cost.estimate import FreeTier
from console.model.cost.money import Amount
from console.model.cost.picture_cost import BreakEven
from console.model.cost.prices import Price, StorageClass
from console.model.cost.region_check import RegionCheck
from console.model.cost.spending import Spending, SpendingNow
from console.model.cost.storage_choice import ClassChoice
from console.model.cost.what_if import WhatIf


@dataclass(frozen=True, slots=True)
class PricesLabel:
    """Which prices a report is made with: the date of the oldest of them, and where they are from.

    `live` counts those that the Cloud Billing Catalog gave at `fetched_at`, `packaged` those of the
    list that comes with the console, `unverified` those that were never checked. `problem` is why
    no newer ones are there.
    """

    date: date
    packaged: int
    live: int = 0
    unverified: int = 0
    fetched_at: datetime | None = None
    problem: str = ""

    @property
    def words(self) -> str:
        """How many prices are from where, and how old they are, in one line."""
        whole = self.packaged + self.live
        listed = self.date.isoformat()
        if not self.live or self.fetched_at is None:
            said = tr("all {count} prices from the list of {date}", count=whole, date=listed)
        elif not self.packaged:
            said = tr(
                "all {count} prices from Google's catalog of {date}",
                count=whole,
                date=self.fetched_at.date().isoformat(),
            )
        else:
            said = tr(
                "{live} of {count} prices from Google's catalog of {fetched}, "
                "the rest from the list of {date}",
                live=self.live,
                count=whole,
                fetched=self.fetched_at.date().isoformat(),
                date=listed,
            )
        if not self.unverified:
            return said
        return tr("{prices}, {count} not verified", prices=said, count=self.unverified)


@dataclass(frozen=True, slots=True)
class CountedPrice:
    """A price that counts in a report, by its key; `live` says that the Catalog gave it."""

    key: str
    price: Price
    live: bool = False


@dataclass(frozen=True, slots=True)
class CostPart:
    """One thing that is paid for, such as instances, the bucket, or images in the registry.

    `spending` None means that nothing is known of it, for the reason in `note`; otherwise `note`
    says what else is worth knowing, such as from when on it is known.
    """

    name: str
    spending: Spending | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureCosts:
    """What a picture costs on the service as it is: on an instance that is awake, and waking one.

    `made` counts the answered requests for pictures this month; `each` is what one of them cost on
    average with everything in it. `on_gpu` says from how many pictures a month a GPU is cheaper
    than processors alone, for wakes as often as this month; None where that cannot be said.
    """

    warm: Amount
    cold: Amount
    made: int
    each: Amount | None = None
    on_gpu: BreakEven | None = None
    speeds: str = ""
    """Where the speeds come from: measured on so many starts and pictures, or the guide's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostReport:
    """What a service costs, at `at`; every figure is an estimate by `prices`.

    `region` is the one whose prices are used. With `hypothetical` nothing is billed: the service is
    on this machine, and the figures say what the same would cost in that region. `known_since` is
    from when on the lives of instances are known; later than the first of the month, `spending`
    lacks what was before. `now` is None where no instance can be awake.
    `classes` are all storage classes for the model with `starts_a_month` cold starts, one a day
    where those are not known; it is in `class_now`, and `storage_advice` says which to take.
    """

    at: datetime
    region: str
    hypothetical: bool
    prices: PricesLabel
    free: FreeTier
    spending: Spending
    parts: tuple[CostPart, ...]
    known_since: datetime | None = None
    now: SpendingNow | None = None
    pictures: PictureCosts | None = None
    classes: tuple[ClassChoice, ...] = ()
    class_now: StorageClass | None = None
    storage_advice: str = ""
    starts_a_month: float | None = None
    what_ifs: tuple[WhatIf, ...] = ()
    regions: RegionCheck | None = None
    check: BillableCheck | None = None
    most_a_day: Amount | None = None
    counted: tuple[CountedPrice, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What has to stand beside every figure."""
        return tr("estimate, prices of {date}", date=self.prices.date.isoformat())
