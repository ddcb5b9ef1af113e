"""Google's own price list: the Cloud Billing Catalog.

It is public, but has to be asked by somebody who is logged in, as a project in which the interface
is enabled. Source: https://cloud.google.com/billing/docs/reference/rest/v1/services.skus/list
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from console.language import tr, tr_later
from console.model.cost.catalog_prices import CatalogPrices, catalog_prices
from console.model.cost.prices import Region
from console.model.cost.sku import Sku, Tier
from console.model.cost.sku_keys import SERVICES
from console.sources.base import Denied, Malformed
from console.sources.google_errors import Asked
from console.sources.google_rest import (
    GoogleRest,
    Json,
    json_object,
    json_objects,
    json_text,
    json_time,
)
from console.terminal.sanitise import sanitise

INTERFACE: Final = "cloudbilling.googleapis.com"
PAGE: Final = "500"
"""The catalog gives up to 5,000 entries at once; reading so many would hold up the screen."""

MOST: Final = 100_000
"""How many entries are read at most; Google's have some thousands."""

CURRENCY: Final = "USD"
_WORDS: Final = tr_later("read Google's price catalog")
_LONGEST: Final = 200
_SKEW: Final = timedelta(hours=1)
"""Prices are told to begin at the moment of the question, by another clock than this one."""

_MOST_DIGITS: Final = 12


class BillingCatalog:
    """A `PriceSource` over Google's interface in JSON; `clock` gives the time of day."""

    def __init__(self, rest: GoogleRest, clock: Callable[[], datetime]) -> None:
        self._rest = rest
        self._clock = clock

    async def prices(self, project: str, regions: Mapping[str, Region]) -> CatalogPrices:
        """Return the prices in `regions`; raises `SourceError`.

        It is asked as the login is set to ask, and where that may not, as `project`.
        """
        try:
            told = await self._told("")
        except Denied:
            told = await self._told(project)
        # Thousands of entries take longer to read than a screen may stand still.
        return await asyncio.to_thread(_read, told, regions, self._clock().astimezone(UTC))

    async def _told(self, asking_as: str) -> list[tuple[str, Json]]:
        """Return all entries, each with the service that it is of."""
        asked = Asked(tr(_WORDS), "", INTERFACE, "serviceusage.services.use")
        found: list[tuple[str, Json]] = []
        for service in SERVICES:
            pages = self._rest.pages(
                asked,
                f"/v1/services/{service}/skus",
                {"pageSize": PAGE, "currencyCode": CURRENCY},
                asking_as=asking_as,
            )
            async for page in pages:
                found.extend((service, item) for item in json_objects(page.get("skus")))
                if len(found) > MOST:
                    words = tr(
                        "cannot {what}: it has more than {most:,} entries",
                        what=asked.words,
                        most=MOST,
                    )
                    raise Malformed(sanitise(words))
        return found


def _read(
    told: list[tuple[str, Json]], regions: Mapping[str, Region], now: datetime
) -> CatalogPrices:
    skus = (sku_of(item, service, now) for service, item in told)
    return catalog_prices((sku for sku in skus if sku is not None), regions, now)


def sku_of(item: Json, service: str, now: datetime) -> Sku | None:
    """Read an entry of the catalog; None for one without a name or a price that is in force."""
    identifier = sanitise(json_text(item.get("skuId"))[:_LONGEST])
    description = sanitise(json_text(item.get("description"))[:_LONGEST])
    pricing = _in_force(item, now)
    if not identifier or not description or pricing is None:
        return None
    expression = json_object(pricing.get("pricingExpression"))
    regions = item.get("serviceRegions")
    return Sku(
        id=identifier,
        service=service,
        description=description,
        usage=json_text(json_object(item.get("category")).get("usageType")),
        regions=tuple(map(json_text, regions)) if isinstance(regions, list) else (),
        unit=json_text(expression.get("usageUnit")),
        tiers=_tiers(json_objects(expression.get("tieredRates"))),
    )


def _in_force(item: Json, now: datetime) -> Json | None:
    """Return the newest prices that have begun; they are told in the order of their time."""
    begun = [
        each
        for each in json_objects(item.get("pricingInfo"))
        if (since := json_time(each.get("effectiveTime"))) is None or since <= now + _SKEW
    ]
    return begun[-1] if begun else None


def _tiers(rates: tuple[Json, ...]) -> tuple[Tier, ...]:
    """Return the tiers, or none if one of them makes no sense: the rest would be a wrong price."""
    tiers: list[Tier] = []
    for rate in rates:
        usd = _money(json_object(rate.get("unitPrice")))
        start = _figure(rate.get("startUsageAmount", 0))
        if usd is None or start is None:
            return ()
        tiers.append(Tier(start, usd))
    return tuple(sorted(tiers, key=lambda tier: tier.start))


def _money(price: Json) -> Decimal | None:
    """Read `{currencyCode, units, nanos}`, exactly; None if it is no price in US dollars.

    Source: https://github.com/googleapis/googleapis/blob/master/google/type/money.proto
    """
    units, nanos = _whole(price.get("units", "0")), _whole(price.get("nanos", 0))
    if price.get("currencyCode") != CURRENCY or units is None or nanos is None or nanos >= 10**9:
        return None
    return Decimal(units) + Decimal(nanos).scaleb(-9)


def _whole(value: object) -> int | None:
    """Read a whole number that is not negative; JSON has large ones as text."""
    said = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    good = said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS
    return int(said) if good else None


def _figure(value: object) -> Decimal | None:
    """Read how much a tier begins at; JSON has it as a number with or without a fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return Decimal(str(value)) if 0 <= value < 10**_MOST_DIGITS else None
