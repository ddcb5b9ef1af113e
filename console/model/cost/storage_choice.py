"""Which storage class a model should be in: cheaper to keep is dearer to read.

Every cold start reads the whole model, and what a colder class saves in a month is soon paid for
retrieval. A class also bills its minimum duration for what is replaced sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import Final

from console.model.cost.money import Amount, difference, dollars
from console.model.cost.prices import PriceList, StorageClass
from console.model.cost.storage_cost import ModelFiles, reading_once, storage

_PLACES: Final = 12


@dataclass(frozen=True, slots=True)
class ClassChoice:
    """What one storage class would cost for a model, against Standard.

    `keeping` is for a month, `reading` for one cold start, `total` for a month with its cold
    starts. `saving` is what keeping saves against Standard. `starts_to_lose` is how many cold
    starts a month eat the saving up, None if that is not known or never happens.
    """

    storage_class: StorageClass
    keeping: Amount
    reading: Amount
    total: Amount
    saving: Amount
    starts_to_lose: Decimal | None
    minimum_days: int

    @property
    def words(self) -> str:
        """The choice against Standard in one sentence."""
        name = self.storage_class.title()
        if self.keeping.known is None:
            return f"the price of {' or '.join(sorted(self.keeping.missing))} is not known"
        if self.storage_class is StorageClass.STANDARD:
            return f"{name} costs {self.keeping.short()} a month and nothing to read"
        if self.saving.known is None:
            return f"the price of {' or '.join(sorted(self.saving.missing))} is not known"
        saved = self.saving.known.likely
        if saved <= 0:
            return f"{name} saves nothing"
        return f"{name} saves {dollars(saved)} a month{self._until()}"

    def _until(self) -> str:
        if self.starts_to_lose is None:
            return ""
        start = int(self.starts_to_lose.to_integral_value(ROUND_CEILING))
        return f" and loses it at the {_ordinal(max(start, 1))} cold start"


def choices(
    model: ModelFiles, service_region: str, starts: Decimal | int, prices: PriceList
) -> tuple[ClassChoice, ...]:
    """Return every storage class for a model that `starts` cold starts a month read.

    Standard is first, then the others as they get colder.
    """
    standard = _asked(model, StorageClass.STANDARD, service_region, prices)
    result: list[ClassChoice] = []
    for storage_class in StorageClass:
        keeping, reading = _asked(model, storage_class, service_region, prices)
        saving = difference(standard[0], keeping)
        result.append(
            ClassChoice(
                storage_class=storage_class,
                keeping=keeping,
                reading=reading,
                total=keeping + reading * starts,
                saving=saving,
                starts_to_lose=_starts(saving, difference(reading, standard[1])),
                minimum_days=prices.rules.minimum_days[storage_class],
            )
        )
    return tuple(result)


def cheapest(among: Sequence[ClassChoice]) -> ClassChoice | None:
    """Return the cheapest class of those that are known; the warmest of equals."""
    known = [each for each in among if each.total.known is not None and each.total.complete]
    return min(known, key=_likely, default=None)


def break_even_starts(
    region: str, storage_class: StorageClass, prices: PriceList
) -> Decimal | None:
    """Return how many cold starts a month make a class as dear as Standard, whatever the size.

    None for Standard itself and where a price is not known. Operations are left out: they do not
    depend on the size and are a thousandth of a cent.
    """
    standard = prices.storage(region, StorageClass.STANDARD).usd
    colder = prices.storage(region, storage_class).usd
    retrieval = prices.retrieval(storage_class).usd
    if standard is None or colder is None or not retrieval:
        return None
    return (standard - colder) / retrieval


def conclusion(among: Sequence[ClassChoice], starts: Decimal | int) -> str:
    """Return in one line which class to take with `starts` cold starts a month, and why."""
    best = cheapest(among)
    if best is None:
        return "no storage class can be recommended: no price is known"
    others = [each for each in among if each is not best and each.total.complete]
    second = min(others, key=_likely, default=None)
    against = (
        f", against {second.total.short()} in {second.storage_class.title()}" if second else ""
    )
    count = f"{starts:,} cold start{'' if starts == 1 else 's'} a month"
    return f"{best.storage_class.title()}: {best.total.short()} with {count}{against}"


def _asked(
    model: ModelFiles, storage_class: StorageClass, service_region: str, prices: PriceList
) -> tuple[Amount, Amount]:
    """Return what keeping for a month and reading once cost in another class."""
    keeping = storage(model.bytes, storage_class, model.region, prices).amount
    moved = replace(model, storage_class=storage_class)
    return keeping, reading_once(moved, service_region, prices).total


def _starts(saving: Amount, dearer: Amount) -> Decimal | None:
    if saving.known is None or dearer.known is None or dearer.known.likely <= 0:
        return None
    # Sizes in GiB are rounded far behind the point, which must not count as one more start.
    return round(saving.known.likely / dearer.known.likely, _PLACES)


def _likely(choice: ClassChoice) -> Decimal:
    known = choice.total.known
    return Decimal("Infinity") if known is None else round(known.likely, _PLACES)


def _ordinal(number: int) -> str:
    if number == 1:
        return "first"
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in (11, 12, 13) else ending}"
