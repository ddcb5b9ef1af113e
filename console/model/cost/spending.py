"""What is being spent: now, today, this month so far, and by the end of the month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final, TypeAlias

from console.language import tr
from console.model.cost.billed_time import Billing, Usage
from console.model.cost.compute_cost import (
    Fleet,
    Shape,
    Usages,
    charge_all,
    per_idle_second,
    per_second,
    spent,
    spent_of,
)
from console.model.cost.estimate import Estimate, FreeTier, Window, seconds, spread_estimate
from console.model.cost.instance_lives import Life, ending
from console.model.cost.money import ZERO, Amount, total
from console.model.cost.prices import PriceList
from console.model.cost.storage_cost import Holding, keeping

HOUR: Final = 3600
_DAY: Final = timedelta(days=1)
_Part: TypeAlias = tuple[Usage, Shape]


@dataclass(frozen=True, slots=True)
class SpendingNow:
    """What the instances that are there cost.

    `awake` is how long the oldest of them has been there and `so_far` what they cost since they
    started. `an_hour` is what they all cost in an hour as they are now, at work or idle. `more` is
    for how long they go on at most if nobody asks for anything, and `tail` what that costs; both
    are None while a request is answered, and if one of them is kept for good.
    """

    instances: int
    awake: timedelta
    so_far: Amount
    an_hour: Amount
    answering: bool
    more: timedelta | None
    tail: Amount | None

    @property
    def words(self) -> str:
        """It in one line: `awake 6 min, about $0.10 so far; billed up to 4 min more`."""
        begun = {"length": _minutes(self.awake), "spent": self.so_far.about()}
        an_hour = self.an_hour.about()
        if self.answering:
            return tr(
                "awake {length}, {spent} so far; at work for {amount} an hour",
                amount=an_hour,
                **begun,
            )
        if self.more is None:
            return tr(
                "awake {length}, {spent} so far; kept for good at {amount} an hour",
                amount=an_hour,
                **begun,
            )
        if self.tail == ZERO:
            return tr("awake {length}, {spent} so far; idling is not billed", **begun)
        more = _minutes(self.more)
        return tr("awake {length}, {spent} so far; billed up to {more} more", more=more, **begun)


def spending_now(fleet: Fleet, now: datetime, prices: PriceList) -> SpendingNow | None:
    """Return what the instances that may still be there cost; None if none can be.

    No free tier is taken off: it is a month's, and what is used last is not free.
    """
    there = _there(fleet, now, prices)
    if not there:
        return None
    shape = fleet.shape
    started = min(life.start for life, _ in there)
    lives = tuple(life for life, _ in there)
    answering = sum(life.answering_since is not None for life in lives)
    idling = max(min(fleet.keeps(now), len(lives)) - answering, 0)
    if shape.billed_by is Billing.INSTANCES:
        a_second = per_second(shape, prices) * len(lives)
    else:
        a_second = per_second(shape, prices) * answering + per_idle_second(shape, prices) * idling
    left = None if answering else _left(there, now)
    return SpendingNow(
        instances=len(lives),
        awake=now - started,
        so_far=spent([replace(fleet, lives=lives)], Window(started, now), now, prices).total,
        an_hour=a_second * HOUR,
        answering=answering > 0,
        more=None if left is None else max(left),
        tail=None if left is None else _tail(shape, left, prices),
    )


def all_spending_now(
    fleets: Sequence[Fleet], now: datetime, prices: PriceList
) -> SpendingNow | None:
    """Return what the instances of all fleets cost that may still be there; None if none can be.

    After a roll-out instances of two revisions may be there.
    """
    found = [each for each in (spending_now(one, now, prices) for one in fleets) if each]
    if len(found) < 2:
        return found[0] if found else None
    answering = any(each.answering for each in found)
    more = [each.more for each in found if each.more is not None]
    tails = [each.tail for each in found if each.tail is not None]
    open_ = answering or len(more) < len(found)
    return SpendingNow(
        instances=sum(each.instances for each in found),
        awake=max(each.awake for each in found),
        so_far=total(each.so_far for each in found),
        an_hour=total(each.an_hour for each in found),
        answering=answering,
        more=None if open_ else max(more),
        tail=None if open_ else total(tails),
    )


def _there(
    fleet: Fleet, now: datetime, prices: PriceList
) -> tuple[tuple[Life, datetime | None], ...]:
    """Return the lives that may go on, and when each will have ended at the latest."""
    kept = prices.rules.idle_limit(fleet.shape.gpu)
    open_ = [each for each in fleet.lives if each.start <= now and each.end is None]
    ends = ending(open_, kept, fleet.shape.min_instances, fleet.kept_until)
    return tuple((life, gone) for life, gone in ends if gone is None or gone > now)


def _left(
    there: Sequence[tuple[Life, datetime | None]], now: datetime
) -> tuple[timedelta, ...] | None:
    """Return for how long each instance is kept at most; None if one is kept for good."""
    left = tuple(gone - now for _, gone in there if gone is not None)
    return left if len(left) == len(there) else None


def _tail(shape: Shape, left: Sequence[timedelta], prices: PriceList) -> Amount:
    if shape.billed_by is Billing.REQUESTS:
        return ZERO
    return per_second(shape, prices) * sum(map(seconds, left), start=Decimal(0))


@dataclass(frozen=True, slots=True)
class Spending:
    """A month as far as it is known: so far, today's part of that, and by its end.

    `month_end` is a range: from nothing more than what goes on by itself, over every day as the
    days so far were, to every day as the dearest of them was.
    """

    so_far: Estimate
    today: Amount
    month_end: Estimate

    def __add__(self, other: Spending) -> Spending:
        return Spending(
            self.so_far + other.so_far, self.today + other.today, self.month_end + other.month_end
        )


def instance_spending(
    fleets: Sequence[Fleet],
    now: datetime,
    zone: tzinfo,
    prices: PriceList,
    free: FreeTier = FreeTier.NONE,
) -> Spending:
    """Return what instances cost in the month of `now`; days begin at midnight in `zone`.

    In the first day of a month its average is that of a whole day, so that one busy hour does not
    make the month look busy. Only the last of `fleets` is taken to be there for the rest of it.
    """
    return spending_of([Usages(each, now, prices) for each in fleets], now, zone, prices, free)


def spending_of(
    usages: Sequence[Usages],
    now: datetime,
    zone: tzinfo,
    prices: PriceList,
    free: FreeTier = FreeTier.NONE,
) -> Spending:
    """Return what usage that is settled costs in the month of `now`; see `instance_spending`."""
    month, today = billing_month(now, zone), billing_day(now, zone)
    so_far = spent_of(usages, Window(month.start, now), prices, free)
    before = spent_of(usages, Window(month.start, today.start), prices, free)
    cases = _month_ends(usages, month, now, prices)
    low, likely, high = (charge_all(each, prices, free) for each in cases)
    return Spending(so_far, so_far.total - before.total, spread_estimate(low, likely, high))


def _month_ends(
    usages: Sequence[Usages], month: Window, now: datetime, prices: PriceList
) -> tuple[list[_Part], list[_Part], list[_Part]]:
    """Return a month's usage if nothing more comes, if it goes on so, and if it gets busy."""
    passed = Window(month.start, now)
    elapsed, rest = max(_days(passed), Decimal(1)), _days(Window(now, month.end))
    low: list[_Part] = []
    likely: list[_Part] = []
    high: list[_Part] = []
    for each, busiest in zip(usages, _dearest_day(usages, passed, prices), strict=True):
        known = each.likely(passed)
        low.append((each.least(passed), each.shape))
        likely.append((known + known * (rest / elapsed), each.shape))
        high.append((known + busiest * rest, each.shape))
    if usages:
        newest = usages[-1].shape
        low.append((_standing(newest, rest), newest))
    return low, likely, high


def storage_spending(
    holdings: Iterable[Holding],
    now: datetime,
    zone: tzinfo,
    region: str,
    prices: PriceList,
    free: FreeTier = FreeTier.NONE,
) -> Spending:
    """Return what a bucket costs in the month of `now`, if what is in it stays as it is."""
    holdings = tuple(holdings)
    month, today = billing_month(now, zone), billing_day(now, zone)
    so_far, before, whole = (
        keeping(holdings, Window(month.start, end), region, prices, free)
        for end in (now, today.start, month.end)
    )
    return Spending(so_far, so_far.total - before.total, whole)


def billing_month(now: datetime, zone: tzinfo) -> Window:
    """Return the month of `now` in `zone`; Google bills by months in US Pacific time."""
    first = now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (first + timedelta(days=32)).replace(day=1)
    return Window(first.astimezone(UTC), following.astimezone(UTC))


def billing_day(now: datetime, zone: tzinfo) -> Window:
    """Return the day of `now` in `zone`, which is not always 24 hours long."""
    start = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    following = (start + timedelta(hours=36)).replace(hour=0)
    return Window(start.astimezone(UTC), following.astimezone(UTC))


def _standing(shape: Shape, days: Decimal) -> Usage:
    time = days * seconds(_DAY) * shape.min_instances
    return Usage(whole=time) if shape.billed_by is Billing.INSTANCES else Usage(idle=time)


def _dearest_day(usages: Sequence[Usages], passed: Window, prices: PriceList) -> Sequence[Usage]:
    """Return what each fleet used in the dearest 24 hours of `passed`, counted from its start.

    No day is cheaper than one in which only what is kept is there.
    """
    if not usages:
        return ()
    day = [*(Usage() for _ in usages[1:]), _standing(usages[-1].shape, Decimal(1))]
    days = [day]
    start = passed.start
    while start < passed.end:
        days.append([each.likely(Window(start, start + _DAY)) for each in usages])
        start += _DAY
    return max(days, key=lambda used: _gross(used, usages, prices))


def _gross(used: Sequence[Usage], usages: Sequence[Usages], prices: PriceList) -> Decimal:
    """Return what usage costs, without any free tier; its seconds where no price is known."""
    parts = [(one, each.shape) for one, each in zip(used, usages, strict=True)]
    known = charge_all(parts, prices).total.known
    return known.likely if known is not None else sum((one.billable for one in used), Decimal(0))


def _days(window: Window) -> Decimal:
    return seconds(window.length) / seconds(_DAY)


def _minutes(length: timedelta) -> str:
    """Return a length as people say it: `45 s`, `6 min`, `2 h 05 min`."""
    whole = round(length.total_seconds())
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"
