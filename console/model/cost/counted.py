"""What is counted rather than lasts, such as operations, cold starts and bytes of log lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from console.model.cost.estimate import Estimate, Window, seconds, spread_estimate
from console.model.cost.spending import Spending, billing_day, billing_month

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """How much of something there was: quantities, each with the moment that it belongs to."""

    counts: tuple[tuple[datetime, Decimal], ...] = ()

    @classmethod
    def each(cls, moments: Iterable[datetime]) -> Counted:
        """Return a count of one for each moment."""
        return cls(tuple((at, Decimal(1)) for at in moments))

    @classmethod
    def by_day(cls, month: Decimal, today: Decimal, now: datetime, zone: tzinfo) -> Counted:
        """Return what there was in the month of `now` and today; the rest is spread by the day."""
        first, last = billing_month(now, zone).start, billing_day(now, zone).start
        days = max((last - first) // _DAY, 1)
        rest = max(month - today, Decimal(0)) / days
        before = tuple((first + day * _DAY, rest) for day in range(days) if last > first)
        return cls((*before, (last, today)))

    def within(self, window: Window) -> Decimal:
        """Return how much there was within `window`."""
        found = (count for at, count in self.counts if window.start <= at < window.end)
        return sum(found, start=Decimal(0))


def counted_spending(
    counted: Counted, now: datetime, zone: tzinfo, cost: Callable[[Decimal], Estimate]
) -> Spending:
    """Return what is counted costs in the month of `now`; `cost` prices a month's quantity.

    By its end: nothing more, or so on every day as on the days so far, or as on the busiest one.
    """
    month, today = billing_month(now, zone), billing_day(now, zone)
    passed, rest = Window(month.start, now), _days(Window(now, month.end))
    so_far = counted.within(passed)
    before = counted.within(Window(month.start, max(today.start, month.start)))
    mean = so_far / max(_days(passed), Decimal(1))
    cases = (so_far, so_far + mean * rest, so_far + _busiest(counted, passed) * rest)
    known = cost(so_far)
    return Spending(known, known.total - cost(before).total, spread_estimate(*map(cost, cases)))


def _busiest(counted: Counted, passed: Window) -> Decimal:
    """Return how much there was in the busiest 24 hours, counted from the start of the month."""
    days: dict[int, Decimal] = {}
    for at, count in counted.counts:
        if passed.start <= at < passed.end:
            day = (at - passed.start) // _DAY
            days[day] = days.get(day, Decimal(0)) + count
    return max(days.values(), default=Decimal(0))


def _days(window: Window) -> Decimal:
    return seconds(window.length) / seconds(_DAY)
