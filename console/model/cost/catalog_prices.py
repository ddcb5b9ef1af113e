"""Prices that Google's own catalog gives, by the keys of the console's price list.

Nothing is guessed: an entry of the catalog that is not clearly a price of the list is left out, and
where entries say different things of one price, none of them is believed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from console.model.cost.prices import Price, Source
from console.model.cost.sku import Sku
from console.model.cost.sku_keys import KeyedPrice, Regions, keyed

PAGE: Final = "https://cloud.google.com/skus"


@dataclass(frozen=True, slots=True)
class CatalogPrices:
    """What the Cloud Billing Catalog charges, at `fetched_at`, by the keys of a price list.

    `skipped` counts the entries of the catalog that are no key's. `ambiguous` has by key the
    entries for which no price was taken, since they say different things. It is kept on disk for
    whoever asks next: its words are in English, as those of a list are, to be said as
    `price_names` does.
    """

    prices: Mapping[str, Price]
    fetched_at: datetime
    skipped: int = 0
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def catalog_prices(skus: Iterable[Sku], regions: Regions, fetched_at: datetime) -> CatalogPrices:
    """Find the prices of the list among the entries of the catalog.

    `regions` are those of the price list.
    """
    found: dict[str, list[KeyedPrice]] = defaultdict(list)
    skipped = 0
    for sku in skus:
        each = list(keyed(sku, regions))
        skipped += not each
        for price in each:
            found[price.key].append(price)
    prices: dict[str, Price] = {}
    ambiguous: dict[str, tuple[str, ...]] = {}
    for key, candidates in sorted(found.items()):
        if len({(each.usd, each.unit) for each in candidates}) == 1:
            prices[key] = _price(candidates, fetched_at.date())
        else:
            ambiguous[key] = _differ(candidates)
    return CatalogPrices(prices, fetched_at, skipped, ambiguous)


def _price(candidates: Sequence[KeyedPrice], day: date) -> Price:
    first = candidates[0]
    ids = list(dict.fromkeys(each.sku.id for each in candidates))
    more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
    source = Source(f"Cloud Billing Catalog, SKU {ids[0]}{more}", PAGE, day)
    return Price(first.sku.description, _plain(first.usd), first.unit, source, True)


def _plain(usd: Decimal) -> Decimal:
    """Return the same figure without noughts that say nothing."""
    return usd.quantize(Decimal(1)) if usd == usd.to_integral_value() else usd.normalize()


def _differ(candidates: Sequence[KeyedPrice]) -> tuple[str, ...]:
    """Return entries that differ, one for each price."""
    by_price = {each.usd: each for each in candidates}
    return tuple(
        f"${_plain(usd):f} ({each.sku.id}, {each.region})" for usd, each in sorted(by_price.items())
    )
