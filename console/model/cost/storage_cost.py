"""What a bucket costs: keeping its objects, reading them, and taking them away too soon.

Sizes are bytes, and a GiB is 2³⁰ of them, also where Google's list says GB. Storage is billed by
the hour, so that a month is 730 hours. What was deleted or replaced may be kept and billed on:
soft-deleted objects for a week unless the bucket says otherwise, noncurrent versions and the parts
of unfinished uploads until a rule of the bucket removes them.

Source: https://cloud.google.com/storage/pricing
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from console.language import tr
from console.model.cost.estimate import Estimate, FreeTier, Line, Window, after_free, allowance
from console.model.cost.money import ZERO, Amount
from console.model.cost.prices import GIB, HOURS_A_MONTH, Price, PriceList, StorageClass
from console.model.storage import Kept

_MONTH: Final = timedelta(hours=HOURS_A_MONTH)
_MICROSECOND: Final = timedelta(microseconds=1)
_END_OF_TIME: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Bytes that were kept for one reason from `since` until `until`, or still are.

    `created` is when the object was written, which is what the minimum duration of its class
    counts from; `since` None means the same moment. `gone` says that it left the bucket or its
    class at `until`, and did not just turn from live to soft-deleted or noncurrent.
    """

    bytes: int
    storage_class: StorageClass
    created: datetime
    kept: Kept = Kept.LIVE
    since: datetime | None = None
    until: datetime | None = None
    gone: bool = False

    @property
    def window(self) -> Window:
        """The time in which it is kept for this reason."""
        start = self.since or self.created
        return Window(start, max(start, self.until or _END_OF_TIME))


def keeping_a_month(
    holdings: Iterable[Holding], region: str, prices: PriceList, free: FreeTier = FreeTier.NONE
) -> Estimate:
    """Return what a month of all this costs if it stays as it is."""
    kept = _by_reason(holdings, lambda each: each.bytes * (_MONTH // _MICROSECOND))
    return _keeping(kept, region, prices, free)


def keeping(
    holdings: Iterable[Holding],
    window: Window,
    region: str,
    prices: PriceList,
    free: FreeTier = FreeTier.NONE,
) -> Estimate:
    """Return what was kept within `window` costs, with what was taken away too soon.

    The free tier is a month's; give a window within one month.
    """
    holdings = tuple(holdings)
    kept = _by_reason(
        holdings, lambda each: each.bytes * (each.window.overlap(window) // _MICROSECOND)
    )
    return _keeping(kept, region, prices, free) + _too_soon(holdings, window, region, prices)


def storage(bytes_: int, storage_class: StorageClass, region: str, prices: PriceList) -> Line:
    """Return what keeping `bytes_` for a month costs, without any free tier."""
    price = prices.storage(region, storage_class)
    return Line(price.name, price.cost(gib(bytes_)), gib_text(gib(bytes_)))


def retrieval(bytes_: int, storage_class: StorageClass, prices: PriceList) -> Line:
    """Return what reading `bytes_` costs, beyond its operations and its transfer."""
    price = prices.retrieval(storage_class)
    return Line(price.name, price.cost(gib(bytes_)), gib_text(gib(bytes_)))


@dataclass(frozen=True, slots=True)
class Operations:
    """How often a bucket was asked in a month: class A writes and lists, class B reads."""

    writes: int = 0
    reads: int = 0


def operations(
    counts: Mapping[StorageClass, Operations],
    region: str,
    prices: PriceList,
    free: FreeTier = FreeTier.NONE,
) -> Estimate:
    """Return what a month's operations cost, by the class of the objects that they were for."""
    lines: list[Line] = []
    for storage_class, count in counts.items():
        for number, price, key in (
            (count.writes, prices.writes(storage_class), "storage/class-a"),
            (count.reads, prices.reads(storage_class), "storage/class-b"),
        ):
            amount = price.cost(Decimal(number) / 1000)
            if storage_class is StorageClass.STANDARD:
                amount = after_free(amount, _free_here(key, price, region, prices, free), free)
            lines.append(Line(price.name, amount, f"{number:,}"))
    return Estimate(tuple(lines), prices.date)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFiles:
    """The model in its bucket, and how it is read at each cold start.

    `reads` is how many operations of class B one cold start takes.
    """

    bytes: int
    region: str
    storage_class: StorageClass = StorageClass.STANDARD
    reads: int = 0


def reading_once(model: ModelFiles, service_region: str, prices: PriceList) -> Estimate:
    """Return what one cold start pays the bucket for: retrieval, operations and transfer."""
    size = gib(model.bytes)
    reads = prices.reads(model.storage_class)
    transfer = prices.transfer(model.region, service_region)
    return Estimate(
        (
            retrieval(model.bytes, model.storage_class, prices),
            Line(reads.name, reads.cost(Decimal(model.reads) / 1000), f"{model.reads:,}"),
            Line(transfer.name, transfer.cost(size), gib_text(size)),
        ),
        prices.date,
    )


def early_deletion(
    holding: Holding, gone_at: datetime, region: str, prices: PriceList
) -> Line | None:
    """Return what the rest of the minimum duration costs if an object goes at `gone_at`.

    None if its class has no minimum, or it has stayed that long. Replacing an object or giving it
    another class takes the old one away too.
    """
    minimum = timedelta(days=prices.rules.minimum_days[holding.storage_class])
    short = holding.created + minimum - gone_at
    if short <= timedelta():
        return None
    price = prices.storage(region, holding.storage_class)
    months = _gib_months(holding.bytes * (short // _MICROSECOND))
    days = Decimal(short // _MICROSECOND) / (86_400 * 10**6)
    return Line(
        tr("{kind} storage taken away too soon", kind=holding.storage_class.title()),
        price.cost(months),
        tr("{size} for {days:.1f} more days", size=gib_text(gib(holding.bytes)), days=days),
    )


def gib(bytes_: int) -> Decimal:
    """Return bytes in GiB."""
    return Decimal(bytes_) / GIB


def gib_text(size: Decimal) -> str:
    """Return a size as people read it: `8 GiB`, `7.45 GiB`."""
    text = f"{size:,.2f}"
    return f"{text.rstrip('0').rstrip('.')} GiB"


def kept_as(what: str, reason: Kept) -> str:
    """Return the name of what is kept, with the reason why it is."""
    match reason:
        case Kept.NONCURRENT:
            return tr("{kept}, noncurrent", kept=what)
        case Kept.SOFT_DELETED:
            return tr("{kept}, soft-deleted", kept=what)
        case Kept.UNFINISHED:
            return tr("{kept}, unfinished upload", kept=what)
        case _:
            return what


_ByReason: TypeAlias = Mapping[tuple[Kept, StorageClass], int]
"""Byte-microseconds, which add up without rounding."""


def _by_reason(holdings: Iterable[Holding], measure: Callable[[Holding], int]) -> _ByReason:
    result: Counter[tuple[Kept, StorageClass]] = Counter()
    for each in holdings:
        result[each.kept, each.storage_class] += measure(each)
    return result


def _keeping(kept: _ByReason, region: str, prices: PriceList, free: FreeTier) -> Estimate:
    """Return a line for each reason and class; what is free is taken off the live objects first."""
    standard = prices.storage(region, StorageClass.STANDARD)
    free_left = _free_here("storage/standard", standard, region, prices, free)
    lines: list[Line] = []
    for (reason, storage_class), measure in sorted(kept.items(), key=_live_first):
        price = prices.storage(region, storage_class)
        what = kept_as(price.name, reason)
        months = _gib_months(measure)
        amount = price.cost(months)
        if storage_class is StorageClass.STANDARD:
            amount, free_left = after_free(amount, free_left, free), free_left.less(amount)
        if measure:
            lines.append(Line(what, amount, tr("{size} for a month", size=gib_text(months))))
    return Estimate(tuple(lines), prices.date)


def _live_first(item: tuple[tuple[Kept, StorageClass], int]) -> tuple[int, int]:
    (reason, storage_class), _ = item
    return list(Kept).index(reason), list(StorageClass).index(storage_class)


def _too_soon(
    holdings: Iterable[Holding], window: Window, region: str, prices: PriceList
) -> Estimate:
    lines = [
        early_deletion(each, each.until, region, prices)
        for each in holdings
        if each.gone and each.until is not None and window.start <= each.until < window.end
    ]
    return Estimate(tuple(each for each in lines if each is not None), prices.date)


def _gib_months(byte_microseconds: int) -> Decimal:
    return Decimal(byte_microseconds) / (GIB * (_MONTH // _MICROSECOND))


def _free_here(key: str, price: Price, region: str, prices: PriceList, free: FreeTier) -> Amount:
    known = prices.regions.get(region)
    if known is None or not known.free_storage:
        return ZERO
    return allowance(key, price, prices, free)
