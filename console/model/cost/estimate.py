"""An estimate: named lines of money, and the date of the prices in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from console.language import tr
from console.model.cost.money import ZERO, Amount, spread, total
from console.model.cost.prices import Price, PriceList


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an estimate; `how` says how it was reckoned, such as `8 GiB`."""

    what: str
    amount: Amount
    how: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Lines that add up to a total; `prices_of` is the date of the price list.

    `whole` is the total where the lines are ranges that do not all end high, or low, at once: then
    its own range is narrower than the sum of theirs.
    """

    lines: tuple[Line, ...]
    prices_of: date
    whole: Amount | None = None

    @property
    def total(self) -> Amount:
        """What all lines come to."""
        return total(line.amount for line in self.lines) if self.whole is None else self.whole

    @property
    def label(self) -> str:
        """What has to stand beside every figure."""
        return tr("estimate, prices of {date}", date=self.prices_of.isoformat())

    def line(self, what: str) -> Line | None:
        """Return the line of that name."""
        return next((line for line in self.lines if line.what == what), None)

    def __add__(self, other: Estimate) -> Estimate:
        """Return the lines of both; the older list's date counts."""
        plain = self.whole is None and other.whole is None
        whole = None if plain else self.total + other.total
        return Estimate(self.lines + other.lines, min(self.prices_of, other.prices_of), whole)

    def to_json(self) -> dict[str, object]:
        """Return it as JSON."""
        lines = [
            {"what": each.what, "how": each.how, **each.amount.to_json()} for each in self.lines
        ]
        return {
            "total": self.total.to_json(),
            "lines": lines,
            "prices_of": self.prices_of.isoformat(),
            "estimate": True,
        }


class FreeTier(StrEnum):
    """How much of what is free each month for a billing account this service can have.

    A billing account's free tier is shared by all its projects, and nobody tells the console what
    the others use: `SHARED` reckons from all of it to none of it.
    """

    ALONE = "alone"
    SHARED = "shared"
    NONE = "none"


def allowance(key: str, price: Price, prices: PriceList, free: FreeTier) -> Amount:
    """Return what is free each month under `key`, in money at `price`; nothing if that is not."""
    quantity = prices.free.get(key)
    if quantity is None or price.usd is None or free is FreeTier.NONE:
        return ZERO
    return price.cost(quantity)


def after_free(amount: Amount, free_of_it: Amount, free: FreeTier) -> Amount:
    """Return what is left to pay of a month's amount, never less than nothing."""
    left = amount.less(free_of_it)
    return spread(left, amount, amount) if free is FreeTier.SHARED else left


def spread_estimate(low: Estimate, likely: Estimate, high: Estimate) -> Estimate:
    """Return one estimate of three cases, each line of which is a range.

    A line that is not in every case counts as nothing where it is not.
    """
    cases = (low, likely, high)
    names = dict.fromkeys(line.what for case in (likely, low, high) for line in case.lines)
    lines: list[Line] = []
    for name in names:
        found = [case.line(name) for case in cases]
        how = next((each.how for each in (found[1], *found) if each is not None), "")
        amounts = [ZERO if each is None else each.amount for each in found]
        lines.append(Line(name, spread(*amounts), how))
    whole = spread(*(each.total for each in cases))
    return Estimate(tuple(lines), likely.prices_of, whole)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time from `start` to before `end`.

    Raises `ValueError` if it ends before it starts.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a window from {self.start} cannot end at {self.end}")

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.end - self.start

    def overlap(self, other: Window) -> timedelta:
        """Return how long the two have in common."""
        return max(min(self.end, other.end) - max(self.start, other.start), timedelta())


def seconds(length: timedelta) -> Decimal:
    """Return a length in seconds, exactly."""
    return Decimal(length // timedelta(microseconds=1)) / 10**6
