"""What a picture costs, warm and cold, and from how many of them on a GPU is the cheaper way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Final

from console.language import tr
from console.model.cost.billed_time import Billing, Usage
from console.model.cost.compute_cost import Shape, charge, per_idle_second, per_second, standing
from console.model.cost.estimate import seconds
from console.model.cost.money import ZERO, Amount, Range, any_of
from console.model.cost.prices import HOURS_A_MONTH, PriceList
from console.model.cost.storage_cost import ModelFiles, reading_once

MONTH: Final = timedelta(hours=HOURS_A_MONTH)


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast a shape is, in seconds.

    `start` is the time from asking for an instance until it can answer, `picture` that of one
    picture when it can. One instance makes one picture at a time.
    """

    start: Range
    picture: Range


@dataclass(frozen=True, slots=True)
class Way:
    """A way to make pictures: what an instance gets, and how fast it is with that."""

    shape: Shape
    speed: Speed


def warm_picture(way: Way, prices: PriceList) -> Amount:
    """Return what a picture costs on an instance that is there anyway."""
    worked = per_second(way.shape, prices).times(way.speed.picture)
    return worked + _request(way.shape, prices)


def wake(way: Way, prices: PriceList) -> Amount:
    """Return what it costs that an instance starts and, billed by its life, that it idles after.

    It is taken to idle for as long as Cloud Run keeps it at most.
    """
    each = per_second(way.shape, prices)
    started = each.times(way.speed.start)
    if way.shape.billed_by is Billing.REQUESTS:
        return started
    return started + each * seconds(prices.rules.idle_limit(way.shape.gpu))


def cold_picture(way: Way, model: ModelFiles, prices: PriceList) -> Amount:
    """Return what one picture costs if it wakes an instance that nobody else uses."""
    read = reading_once(model, way.shape.region, prices).total
    return wake(way, prices) + read + warm_picture(way, prices)


def fixed_a_month(way: Way, wakes: Decimal | int, prices: PriceList) -> Amount:
    """Return what a month costs beside its pictures: minimum instances, else so many wakes."""
    if way.shape.min_instances:
        return standing(way.shape, MONTH, prices).total
    return wake(way, prices) * wakes


def each_picture(way: Way, prices: PriceList) -> Amount:
    """Return what a picture adds to a month; on an instance that is paid for anyway, nothing.

    On an idle minimum instance that is billed by requests it adds the difference of both prices.
    """
    shape = way.shape
    if not shape.min_instances:
        return warm_picture(way, prices)
    if shape.billed_by is Billing.INSTANCES:
        return ZERO
    added = per_second(shape, prices) - per_idle_second(shape, prices)
    return added.times(way.speed.picture) + _request(shape, prices)


@dataclass(frozen=True, slots=True)
class BreakEven:
    """From how many pictures a month on the second way is not dearer than the first.

    `most` None means that under the least favourable figures it never is; `likely` None that it
    never is under likely ones, or that a price is not known, of which `missing` has the names.
    """

    fewest: int | None
    likely: int | None
    most: int | None
    missing: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """The break-even in one line."""
        if self.missing:
            return tr("not known: the price of {things} is not", things=any_of(self.missing))
        if self.likely is None:
            return tr("never with likely figures")
        if self.fewest == self.likely == self.most:
            return tr("from {likely:,} pictures a month", likely=self.likely)
        if self.most is None:
            return tr(
                "from about {likely:,} pictures a month ({fewest:,} to never)",
                likely=self.likely,
                fewest=self.fewest,
            )
        return tr(
            "from about {likely:,} pictures a month ({fewest:,} to {most:,})",
            likely=self.likely,
            fewest=self.fewest,
            most=self.most,
        )


def break_even(first: Way, second: Way, wakes: Decimal | int, prices: PriceList) -> BreakEven:
    """Return from how many pictures a month on `second` costs no more than `first`.

    Both are woken `wakes` times a month unless they have minimum instances. No free tier counts,
    and no reading of the model, which is the same for both.
    """
    fixed = [fixed_a_month(each, wakes, prices) for each in (first, second)]
    per = [each_picture(each, prices) for each in (first, second)]
    missing = frozenset[str]().union(*(each.missing for each in (*fixed, *per)))
    f, s, pf, ps = (each.known for each in (*fixed, *per))
    if missing or f is None or s is None or pf is None or ps is None:
        return BreakEven(None, None, None, missing)
    return BreakEven(
        fewest=_meeting(s.low - f.high, pf.high - ps.low),
        likely=_meeting(s.likely - f.likely, pf.likely - ps.likely),
        most=_meeting(s.high - f.low, pf.low - ps.high),
    )


def _meeting(more_fixed: Decimal, less_each: Decimal) -> int | None:
    """Return how many pictures make up for a higher fixed cost; None if they never do."""
    if more_fixed <= 0 and less_each >= 0:
        return 0
    if less_each <= 0:
        return None
    return int((more_fixed / less_each).to_integral_value(ROUND_CEILING))


def _request(shape: Shape, prices: PriceList) -> Amount:
    return charge(Usage(requests=Decimal(1)), shape, prices).total
