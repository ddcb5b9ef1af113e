"""The parts of what a service costs: each reckoned alone, or named with why it is not known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final

from console.language import tr, tr_later, tr_many
from console.model.cost.bucket_cost import BucketContents, LiveSizes, bucket_spending
from console.model.cost.compute_cost import Usages
from console.model.cost.counted import Counted, counted_spending
from console.model.cost.estimate import Estimate, FreeTier, Line, Window, seconds
from console.model.cost.facts import CostFacts, Known, MonthMeters
from console.model.cost.money import ZERO, spread, unknown
from console.model.cost.prices import GIB, HOURS_A_MONTH, PriceList, StorageClass
from console.model.cost.report import CostPart
from console.model.cost.side_cost import images_a_month, log_lines
from console.model.cost.spending import (
    Spending,
    billing_day,
    billing_month,
    spending_of,
)
from console.model.cost.storage_cost import (
    ModelFiles,
    Operations,
    gib_text,
    operations,
    reading_once,
)
from console.model.meters import Meters

INSTANCES: Final = tr_later("instances")
BUCKET: Final = tr_later("models in the bucket")
READING: Final = tr_later("reading the model")
OPERATIONS: Final = tr_later("bucket operations")
IMAGES: Final = tr_later("images in the registry")
LOG: Final = tr_later("log lines")
"""The names of parts, by which they are told apart; to be translated where they are shown."""

_MEASURED_CLOSELY: Final = Decimal("1.05")
"""How much more than is in the list may be measured of a bucket before something was there."""


@dataclass(frozen=True, slots=True)
class Terms:
    """At which moment, in whose days, at which prices and with what for free is reckoned."""

    at: datetime
    zone: tzinfo
    prices: PriceList
    free: FreeTier

    @property
    def month(self) -> Window:
        """The month of the moment."""
        return billing_month(self.at, self.zone)

    @property
    def today(self) -> Window:
        """The day of the moment."""
        return billing_day(self.at, self.zone)

    def counted(self, counted: Counted, cost: Callable[[Decimal], Estimate]) -> Spending:
        """Return what is counted costs this month."""
        return counted_spending(counted, self.at, self.zone, cost)


def cost_parts(facts: CostFacts, usages: Sequence[Usages], terms: Terms) -> tuple[CostPart, ...]:
    """Return all parts of what a service costs, without those of things that there are none of.

    `facts` are those in a region with prices.
    """
    bucket, metered = not facts.bucket.absent, not facts.meters.absent
    parts = (
        _instances(facts, usages, terms),
        _bucket(facts, terms) if bucket else None,
        _reading(facts, terms) if bucket else None,
        _operations(facts, terms) if bucket and metered else None,
        _images(facts, terms) if not facts.registry.absent else None,
        _log(facts.meters, terms) if metered else None,
    )
    return tuple(part for part in parts if part is not None)


def summed(parts: Sequence[CostPart], terms: Terms) -> Spending:
    """Return what all parts cost; one that is not known is missing by its name."""
    nothing = Estimate((), terms.prices.date)
    result = Spending(nothing, ZERO, nothing)
    for part in parts:
        result += _missing(part.name, terms) if part.spending is None else part.spending
    return result


def live_models(contents: BucketContents | None, facts: CostFacts) -> tuple[ModelFiles, ...]:
    """Return what a start reads, by its class: what is live in the bucket, else what one read.

    What no bucket tells is taken to be Standard and beside the service.
    """
    if contents is not None and contents.models:
        return contents.models
    if not facts.model_bytes:
        return ()
    return (ModelFiles(bytes=facts.model_bytes, region=facts.region),)


def _missing(what: str, terms: Terms) -> Spending:
    named = tr(what)
    line = Estimate((Line(named, unknown(named)),), terms.prices.date)
    return Spending(line, line.total, line)


def _instances(facts: CostFacts, usages: Sequence[Usages], terms: Terms) -> CostPart:
    if facts.fleets.thing is None:
        return CostPart(INSTANCES, None, tr(facts.fleets.why))
    spending = spending_of(usages, terms.at, terms.zone, terms.prices, terms.free)
    lacks = facts.lacks_until(terms.month)
    if lacks is None:
        return CostPart(INSTANCES, spending, tr(facts.fleets.why))
    what = untold_instances(lacks)
    line = Estimate((Line(what, unknown(what)),), terms.prices.date)
    return CostPart(
        INSTANCES,
        Spending(spending.so_far + line, spending.today, spending.month_end + line),
        tr("known since {moment}", moment=_moment(lacks)),
    )


def untold_instances(until: datetime) -> str:
    """Return the name of what instances cost before `until`, which nobody tells."""
    return tr("instances before {moment}", moment=_moment(until))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _bucket(facts: CostFacts, terms: Terms) -> CostPart:
    bucket = facts.bucket
    if bucket.thing is None:
        return CostPart(BUCKET, None, tr(bucket.why))
    spending = bucket_spending(bucket.thing, terms.at, terms.zone, terms.prices, terms.free)
    gone = _gone(bucket.thing, facts.meters.thing, terms)
    if gone is not None:
        spending = Spending(spending.so_far + gone, spending.today, spending.month_end + gone)
    return CostPart(BUCKET, spending, tr(bucket.why))


def _gone(contents: BucketContents, meters: MonthMeters | None, terms: Terms) -> Estimate | None:
    """Return what was kept this month and is in no list any more, as it is gone for good.

    Cloud Monitoring measures once a day how much there is, so that this is a range from nothing.
    """
    mean = None if meters is None else meters.month.bucket_bytes.get(str(contents.bucket.name))
    if meters is None or mean is None:
        return None
    window = Window(terms.month.start, max(terms.at, terms.month.start))
    measured = mean * seconds(window.length)
    listed = sum(
        (each.bytes * seconds(each.window.overlap(window)) for each in contents.holdings),
        start=Decimal(0),
    )
    if measured <= listed * _MEASURED_CLOSELY:
        return None
    kind = max(contents.models, key=lambda each: each.bytes, default=None)
    price = terms.prices.storage(
        contents.region, StorageClass.STANDARD if kind is None else kind.storage_class
    )
    months = (measured - listed) / (HOURS_A_MONTH * 3600) / GIB
    amount = spread(ZERO, price.cost(months), price.cost(months))
    what = tr("{kept}, gone since", kept=price.name)
    line = Line(what, amount, tr("{size} for a month", size=gib_text(months)))
    return Estimate((line,), terms.prices.date)


def _reading(facts: CostFacts, terms: Terms) -> CostPart:
    """Return what starts cost the bucket: retrieval and transfer, without operations."""
    if facts.fleets.thing is None:
        return CostPart(READING, None, tr(facts.fleets.why))
    contents = facts.bucket.thing
    if contents is None:
        return CostPart(READING, None, tr(facts.bucket.why))
    live, moments = LiveSizes(contents), [at for at, _ in facts.starts.counts]
    read = [(at, live.at(at)) for at in moments]
    nothing = Estimate((), terms.prices.date)
    spending = Spending(nothing, ZERO, nothing)
    for kind in StorageClass:
        sizes = Counted(tuple((at, Decimal(size.get(kind, 0))) for at, size in read))
        if any(size for _, size in sizes.counts):
            spending += terms.counted(sizes, _price_of_reading(kind, contents, facts, terms))
    first = terms.month.start
    starts = sum(first <= at < terms.at for at in moments)
    return CostPart(READING, spending, tr_many("{count:,} start", "{count:,} starts", starts))


def _price_of_reading(
    kind: StorageClass, contents: BucketContents, facts: CostFacts, terms: Terms
) -> Callable[[Decimal], Estimate]:
    """Return what prices the bytes of a class that starts read."""

    def cost(size: Decimal) -> Estimate:
        model = ModelFiles(bytes=round(size), region=contents.region, storage_class=kind)
        lines = reading_once(model, facts.region, terms.prices).lines
        # Operations are a part of their own.
        kept = [each for each in lines if each.what != terms.prices.reads(kind).name]
        return Estimate(tuple(kept), terms.prices.date)

    return cost


def _operations(facts: CostFacts, terms: Terms) -> CostPart:
    meters = facts.meters.thing
    if meters is None:
        return CostPart(OPERATIONS, None, tr(facts.meters.why))
    if facts.bucket.thing is None:
        return CostPart(OPERATIONS, None, tr(facts.bucket.why))
    contents = facts.bucket.thing
    name = str(contents.bucket.name)
    month = meters.month.operations.get(name)
    if month is None:
        return CostPart(OPERATIONS, None, tr("Cloud Monitoring has measured none yet"))
    today = None if meters.today is None else meters.today.operations.get(name)
    held = max(contents.models, key=lambda each: each.bytes, default=None)
    kind = StorageClass.STANDARD if held is None else held.storage_class

    def priced(writes: Decimal, reads: Decimal) -> Estimate:
        counts = {kind: Operations(writes=round(writes), reads=round(reads))}
        return operations(counts, contents.region, terms.prices, terms.free)

    def counted(month_: int, today_: int | None) -> Counted:
        return Counted.by_day(Decimal(month_), Decimal(today_ or 0), terms.at, terms.zone)

    writes = counted(month.class_a, None if today is None else today.class_a)
    reads = counted(month.class_b, None if today is None else today.class_b)
    spending = terms.counted(writes, lambda many: priced(many, Decimal(0)))
    spending += terms.counted(reads, lambda many: priced(Decimal(0), many))
    note = ""
    if odd := sum(month.unknown.values()):
        note = tr("without {count:,} whose class is not known", count=odd)
    return CostPart(OPERATIONS, spending, note)


def _images(facts: CostFacts, terms: Terms) -> CostPart:
    registry = facts.registry.thing
    if registry is None:
        return CostPart(IMAGES, None, tr(facts.registry.why))
    total = registry.total_bytes
    if total is None:
        why = tr("the registry does not say how large its images are")
        return CostPart(IMAGES, None, why)
    sizes = [(each.bytes or 0, each.uploaded or terms.month.start) for each in registry.images]
    of_all = sum(size for size, _ in sizes)
    hours = Decimal(HOURS_A_MONTH * 3600)

    def kept(until: datetime) -> Line:
        window = Window(terms.month.start, max(until, terms.month.start))
        share = sum(
            (
                Decimal(size) * seconds(window.overlap(Window(since, max(since, window.end))))
                for size, since in sizes
            ),
            start=Decimal(0),
        )
        whole = share / of_all if of_all else seconds(window.length)
        return images_a_month(round(total * whole / hours), terms.prices, terms.free)

    so_far, before, whole = (
        Estimate((kept(end),), terms.prices.date)
        for end in (terms.at, terms.today.start, terms.month.end)
    )
    spending = Spending(so_far, so_far.total - before.total, whole)
    return CostPart(IMAGES, spending, tr(facts.registry.why))


def _log(meters: Known[MonthMeters], terms: Terms) -> CostPart:
    if meters.thing is None:
        return CostPart(LOG, None, tr(meters.why))
    month, today = (
        None if each is None else _log_bytes(each)
        for each in (meters.thing.month, meters.thing.today)
    )
    if month is None:
        return CostPart(LOG, None, tr("Cloud Monitoring has measured none yet"))
    counted = Counted.by_day(Decimal(month), Decimal(today or 0), terms.at, terms.zone)

    def cost(size: Decimal) -> Estimate:
        return Estimate((log_lines(round(size), terms.prices, terms.free),), terms.prices.date)

    return CostPart(LOG, terms.counted(counted, cost), tr(meters.why))


def _log_bytes(meters: Meters) -> int | None:
    """Return what services wrote, else what the whole project did."""
    services = meters.service_log_bytes
    return meters.log_bytes if services is None else services
