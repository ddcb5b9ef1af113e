"""One price list of the packaged one and what Google's catalog says now.

They are never mixed silently: every price knows where it is from, the list is as old as the oldest
part of it, and the label says how many are from where.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from console.model.cost.catalog_prices import CatalogPrices
from console.model.cost.price_names import source_text
from console.model.cost.prices import Price, PriceList, Unit
from console.model.cost.report import PricesLabel


@dataclass(frozen=True, slots=True)
class PriceChange:
    """A price that is other now than in the packaged list; `old` None if that does not know it."""

    key: str
    name: str
    old: Decimal | None
    new: Decimal
    unit: Unit


def with_catalog(packaged: PriceList, catalog: CatalogPrices | None) -> PriceList:
    """Return the packaged list with the catalog's prices where that has any.

    What is free, the rules and the regions stay those of the packaged list: the catalog does not
    tell them.
    """
    taken = dict(_taken(packaged, catalog))
    if catalog is None or not taken:
        return packaged
    fetched = catalog.fetched_at.date()
    whole = len(taken) == len(packaged.prices)
    date = fetched if whole else min(packaged.date, fetched)
    return replace(packaged, date=date, prices={**packaged.prices, **taken})


def prices_label(
    packaged: PriceList, catalog: CatalogPrices | None, problem: str = ""
) -> PricesLabel:
    """Say where the prices of `with_catalog` are from; `problem` is why there are no newer ones."""
    prices = with_catalog(packaged, catalog)
    live = sum(1 for _ in _taken(packaged, catalog))
    return PricesLabel(
        date=prices.date,
        packaged=len(prices.prices) - live,
        live=live,
        unverified=sum(not each.verified for each in prices.prices.values()),
        fetched_at=catalog.fetched_at if catalog is not None and live else None,
        problem=problem,
    )


def live_keys(packaged: PriceList, catalog: CatalogPrices | None) -> frozenset[str]:
    """Return the keys of the prices that `with_catalog` has from the catalog."""
    return frozenset(key for key, _ in _taken(packaged, catalog))


def price_changes(packaged: PriceList, catalog: CatalogPrices | None) -> tuple[PriceChange, ...]:
    """Return the prices that are other in the catalog than in the packaged list, by key."""
    changes = [
        PriceChange(key, price.name, packaged.prices[key].usd, price.usd, price.unit)
        for key, price in _taken(packaged, catalog)
        if price.usd is not None and price.usd != packaged.prices[key].usd
    ]
    return tuple(sorted(changes, key=lambda each: each.key))


def _taken(packaged: PriceList, catalog: CatalogPrices | None) -> Iterator[tuple[str, Price]]:
    """Yield the catalog's prices of what the packaged list has, by its names for them.

    Where they are from is said in the language that is spoken, as it is in the packaged list.
    """
    for key, price in ({} if catalog is None else catalog.prices).items():
        known = packaged.prices.get(key)
        if known is not None and known.unit is price.unit:
            source = price.source
            if source is not None:
                source = replace(source, what=source_text(source.what))
            yield key, replace(price, name=known.name, source=source)
