"""Amounts of money that know how sure they are.

All money is US dollars in `decimal.Decimal`, never a float. An amount has a range, because what
is billed depends on things that nobody logs, such as when an idle instance was ended. What has no
known price is not counted as free: the amount says by name what it lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from console.language import tr, tr_list

UNKNOWN_TEXT: Final = "–"
CENT: Final = Decimal("0.01")
_WHOLE_DOLLARS_FROM: Final = 1000
_NOTHING: Final[frozenset[str]] = frozenset()
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Range:
    """Three figures for one thing: at least, most likely, at most.

    Raises `ValueError` if they are not in this order.
    """

    low: Decimal
    likely: Decimal
    high: Decimal

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            raise ValueError(f"{self.low}, {self.likely}, {self.high} is not low, likely, high")

    @classmethod
    def exactly(cls, value: Decimal | int | str) -> Range:
        """Return a range without width."""
        value = Decimal(value)
        return cls(value, value, value)

    @property
    def figures(self) -> tuple[Decimal, Decimal, Decimal]:
        """Low, likely and high."""
        return self.low, self.likely, self.high


@dataclass(frozen=True, slots=True)
class Amount:
    """US dollars; `known` None means that nothing of it is known.

    `missing` names what is not counted because its price is not known, `unverified` the prices in
    it that were never checked against a price list. Make one with `usd`, `between` or `unknown`.
    """

    known: Range | None
    missing: frozenset[str] = _NOTHING
    unverified: frozenset[str] = _NOTHING

    def __post_init__(self) -> None:
        if self.known is None and not self.missing:
            raise ValueError("an amount that is not known has to say what is missing")

    def __add__(self, other: Amount) -> Amount:
        return _of(
            tuple(a + b for a, b in zip(_figures(self), _figures(other), strict=True)),
            self.missing | other.missing,
            self.unverified | other.unverified,
        )

    def __sub__(self, other: Amount) -> Amount:
        """Return the difference, taking the low case of both together, and so on.

        The same doubts stand behind both amounts, so their ranges are not independent.
        """
        return _of(
            tuple(a - b for a, b in zip(_figures(self), _figures(other), strict=True)),
            self.missing | other.missing,
            self.unverified | other.unverified,
        )

    def __mul__(self, factor: Decimal | int) -> Amount:
        return self.times(Range.exactly(factor))

    def times(self, factor: Range) -> Amount:
        """Return the amount `factor` times, the low case with the low factor, and so on."""
        return _of(
            tuple(a * b for a, b in zip(_figures(self), factor.figures, strict=True)),
            self.missing,
            self.unverified,
        )

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing

    def less(self, discount: Amount) -> Amount:
        """Return what is left after a discount, which never makes an amount negative.

        What is not known of the discount is not taken off.
        """
        if self.known is None:
            return self
        left = tuple(
            max(a - b, _ZERO) for a, b in zip(_figures(self), _figures(discount), strict=True)
        )
        return _of(left, self.missing, self.unverified)

    def short(self) -> str:
        """Return it for a column: `$0.16`, `< $0.01`, `$0.16+` where a part is missing, `–`."""
        if self.known is None:
            return UNKNOWN_TEXT
        return dollars(self.known.likely) + ("" if self.complete else "+")

    def about(self) -> str:
        """Return its likely figure for a sentence, whatever the range: `about $0.03`, `–`."""
        if self.known is None:
            return UNKNOWN_TEXT
        likely = dollars(self.known.likely)
        return (
            likely
            if "<" in likely or not self.known.likely
            else tr("about {amount}", amount=likely)
        )

    def text(self) -> str:
        """Return it for a sentence: `about $0.03`, `$0.02 to $0.05`, `at least $0.16`, `–`."""
        if self.known is None:
            return UNKNOWN_TEXT
        low, high = dollars(self.known.low), dollars(self.known.high)
        if not self.complete:
            return tr("at least {amount}", amount=low)
        return ranged(low, high) if low != high else self.about()

    def fine(self) -> str:
        """Return it for something small: `$0.0012`, `$0.00087 to $0.0017`, `–`."""
        if self.known is None:
            return UNKNOWN_TEXT
        low, high = fine_dollars(self.known.low), fine_dollars(self.known.high)
        return ranged(low, high) if self.complete else tr("at least {amount}", amount=low)

    def missing_text(self) -> str:
        """Return `without A and B` for what is missing; empty if nothing is."""
        if not self.missing:
            return ""
        return tr("without {things}", things=tr_list(sorted(map(tr, self.missing))))

    def to_json(self) -> dict[str, object]:
        """Return it as JSON: figures are strings in dollars, null where nothing is known."""
        figures = (None, None, None) if self.known is None else map(_plain, self.known.figures)
        return {
            **dict(zip(("low", "usd", "high"), figures, strict=True)),
            "missing": sorted(self.missing),
            "unverified": sorted(self.unverified),
        }


def usd(value: Decimal | int | str) -> Amount:
    """Return an amount that is known exactly."""
    return Amount(Range.exactly(value))


def between(
    low: Decimal | int | str, likely: Decimal | int | str, high: Decimal | int | str
) -> Amount:
    """Return an amount of which the range is known.

    Raises `ValueError` if the figures are not in this order.
    """
    return Amount(Range(Decimal(low), Decimal(likely), Decimal(high)))


def unknown(*what: str) -> Amount:
    """Return an amount that is not known, because the price of `what` is not."""
    return Amount(None, frozenset(what))


ZERO: Final = usd(0)


def total(amounts: Iterable[Amount]) -> Amount:
    """Return the sum; it misses what any of them misses."""
    return sum(amounts, start=ZERO)


def spread(low: Amount, likely: Amount, high: Amount) -> Amount:
    """Return one amount of three cases: from the least of the first to the most of the last.

    Wherever the cases fall, the range covers all three likely figures.
    """
    cases = (low, likely, high)
    figures = [_figures(each) for each in cases]
    return _bounded(
        min(each[0] for each in figures),
        figures[1][1],
        max(each[2] for each in figures),
        frozenset[str]().union(*(each.missing for each in cases)),
        frozenset[str]().union(*(each.unverified for each in cases)),
    )


def dollars(value: Decimal) -> str:
    """Return `$0.16`, `$1,024` without cents from a thousand, `< $0.01` for less than a cent.

    Negative values have a minus sign before the dollar sign.
    """
    sign, size = ("−", -value) if value < 0 else ("", value)
    if 0 < size < CENT:
        return f"> −${CENT}" if sign else f"< ${CENT}"
    step = Decimal(1) if size >= _WHOLE_DOLLARS_FROM else CENT
    return f"{sign}${size.quantize(step, ROUND_HALF_UP):,}"


def fine_dollars(value: Decimal) -> str:
    """Return the price of something small with two digits that count: `$0.0017`."""
    if value == 0 or abs(value) >= CENT:
        return dollars(value)
    step = Decimal(1).scaleb(value.adjusted() - 1)
    return f"{'−' if value < 0 else ''}${abs(value).quantize(step, ROUND_HALF_UP):f}"


def any_of(names: Iterable[str]) -> str:
    """Return names of which one or more are meant, in their order: `A or B`."""
    said, *others = sorted(map(tr, names))
    for each in others:
        said = tr("{one} or {other}", one=said, other=each)
    return said


def ranged(low: str, high: str) -> str:
    """Return two figures as a range, `$0.02 to $0.05`, or one where both are the same."""
    return low if low == high else tr("{low} to {high}", low=low, high=high)


def difference(after: Amount, before: Amount) -> Amount:
    """Return how much more `after` is than `before`; not known unless both are complete.

    What two amounts lack need not be the same, so that no part of their difference is certain.
    """
    missing = after.missing | before.missing
    return unknown(*missing) if missing else after - before


def difference_text(more: Amount) -> str:
    """Return a difference of two amounts in words: `saves $0.08`, `costs $0.08 more`.

    A range on both sides of nothing is said as such.
    """
    if more.known is None or not more.complete:
        return tr("not known {lacking}", lacking=more.missing_text())
    low, likely, high = more.known.figures
    if low < 0 < high and (-low >= CENT or high >= CENT):
        return tr("between {low} less and {high} more", low=dollars(-low), high=dollars(high))
    if not likely:
        return tr("costs the same")
    if likely < 0:
        return tr("saves {amount}", amount=dollars(-likely))
    return tr("costs {amount} more", amount=dollars(likely))


def _figures(amount: Amount) -> tuple[Decimal, Decimal, Decimal]:
    return (_ZERO, _ZERO, _ZERO) if amount.known is None else amount.known.figures


def _of(
    figures: tuple[Decimal, ...], missing: frozenset[str], unverified: frozenset[str]
) -> Amount:
    return _bounded(min(figures), figures[1], max(figures), missing, unverified)


def _bounded(
    low: Decimal,
    likely: Decimal,
    high: Decimal,
    missing: frozenset[str],
    unverified: frozenset[str],
) -> Amount:
    """Return an amount of which the known part is nothing as not known at all."""
    if missing and not (low or likely or high):
        return Amount(None, missing, unverified)
    return Amount(Range(low, likely, high), missing, unverified)


def _plain(value: Decimal) -> str:
    """Return a figure to a millionth of a dollar, without trailing zeros or an exponent."""
    text = f"{value.quantize(Decimal('0.000001'), ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
