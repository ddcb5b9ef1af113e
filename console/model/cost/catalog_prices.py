"""Prices that Google's own catalog gave, by the keys of the console's price list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from console.model.cost.prices import Price


@dataclass(frozen=True, slots=True)
class CatalogPrices:
    """What the Cloud Billing Catalog charges, at `fetched_at`, by the keys of a price list.

    `skipped` counts the entries of the catalog that are no key's. `ambiguous` says by key why no
    price was taken from it: several entries that say different things.
    """

    prices: Mapping[str, Price]
    fetched_at: datetime
    skipped: int = 0
    ambiguous: Mapping[str, str] = field(default_factory=dict)
