"""Which storage class a model should be in: cheaper to keep is dearer to read.

Every cold start reads the whole model, and what a colder class saves in a month is soon paid for
retrieval. A class also bills its minimum duration for what is replaced sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import Final

from console.language import tr, tr_many
from console.model.cost.money import Amount, any_of, difference, dollars
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
            return tr("the price of {things} is not known", things=any_of(self.keeping.missing))
        if self.storage_class is StorageClass.STANDARD:
            return tr(
                "{kind} costs {amount} a month and nothing to read",
                kind=name,
                amount=self.keeping.short(),
            )
        if self.saving.known is None:
            return tr("the price of {things} is not known", things=any_of(self.saving.missing))
        saved = self.saving.known.likely
        if saved <= 0:
            return tr("{kind} saves nothing", kind=name)
        if self.starts_to_lose is None:
            return tr("{kind} saves {amount} a month", kind=name, amount=dollars(saved))
        start = int(self.starts_to_lose.to_integral_value(ROUND_CEILING))
        if start <= 1:
            return tr(
                "{kind} saves {amount} a month and loses it at the first cold start",
                kind=name,
                amount=dollars(saved),
            )
        return tr(
            "{kind} saves {amount} a month and loses it at the {ordinal} cold start",
            kind=name,
            amount=dollars(saved),
            ordinal=_ordinal(start),
        )


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
        return tr("no storage class can be recommended: no price is known")
    others = [each for each in among if each is not best and each.total.complete]
    second = min(others, key=_likely, default=None)
    count = tr_many(
        "{number:,} cold start a month",
        "{number:,} cold starts a month",
        1 if starts == 1 else 2,
        number=starts,
    )
    known = {
        "kind": best.storage_class.title(),
        "amount": best.total.short(),
        "starts": count,
    }
    if second is None:
        return tr("{kind}: {amount} with {starts}", **known)
    return tr(
        "{kind}: {amount} with {starts}, against {other} in {second}",
        other=second.total.short(),
        second=second.storage_class.title(),
        **known,
    )


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
    ending = number % 10 if number % 100 not in (11, 12, 13) else 0
    match ending:
        case 1:
            return tr("{number:,}st", number=number)
        case 2:
            return tr("{number:,}nd", number=number)
        case 3:
            return tr("{number:,}rd", number=number)
        case _:
            return tr("{number:,}th", number=number)
