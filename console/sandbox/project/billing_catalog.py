"""Cloud Billing Catalog v1: which services there are, and what each of them sells at what price.

Source: https://cloud.google.com/billing/docs/reference/rest/v1/services.skus/list
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final

from starlette.routing import BaseRoute

from console.sandbox.json_calls import (
    Call,
    JsonObject,
    json_route,
    objects,
    page,
    strings,
    text,
    unknown,
)
from console.sandbox.moments import Clock, written
from console.sandbox.run.refused import invalid

SERVICE: Final = "cloudbilling.googleapis.com"
MOST: Final = 5000
"""How many entries a page has at most, and unless it is asked for fewer."""

_NANO: Final = Decimal(10) ** 9
_UNITS: Final = {
    "s": "second",
    "h": "hour",
    "min": "minute",
    "count": "count",
    "GiBy": "gibibyte",
    "GiBy.s": "gibibyte second",
    "GiBy.mo": "gibibyte month",
}


@cache
def bundled_services() -> tuple[JsonObject, ...]:
    """Return the services that the sandbox's catalog has, each with what it sells."""
    document = files("console.sandbox.project").joinpath("skus.json").read_text("utf-8")
    return tuple(objects(json.loads(document)["services"]))


class BillingCatalog:
    """Answers about prices, which are in force from the moment of the question on."""

    def __init__(self, clock: Clock, services: tuple[JsonObject, ...] | None = None) -> None:
        self._clock = clock
        self._services = bundled_services() if services is None else services

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        return [
            json_route("/v1/services", GET=self._list),
            json_route("/v1/services/{service}/skus", GET=self._skus),
        ]

    def _list(self, call: Call) -> JsonObject:
        return page([_service(each) for each in self._services], call, "services", MOST)

    def _skus(self, call: Call) -> JsonObject:
        if call.query.get("currencyCode", "USD") != "USD":
            raise invalid(f"The currency {call.query['currencyCode']!r} is not known here.")
        for service in self._services:
            if service["id"] == call.path["service"]:
                now = written(self._clock())
                skus = [_sku(service, each, now) for each in objects(service["skus"])]
                return page(skus, call, "skus", MOST)
        raise unknown(f"services/{call.path['service']}")


def _service(service: JsonObject) -> JsonObject:
    return {
        "name": f"services/{service['id']}",
        "serviceId": service["id"],
        "displayName": service["name"],
        "businessEntityName": "businessEntities/GCP",
    }


def _sku(service: JsonObject, entry: JsonObject, now: str) -> JsonObject:
    identifier = text(entry.get("id")) or _identifier(service, entry)
    regions = strings(entry["regions"])
    return {
        "name": f"services/{service['id']}/skus/{identifier}",
        "skuId": identifier,
        "description": entry["description"],
        "category": {
            "serviceDisplayName": service["name"],
            "resourceFamily": entry["family"],
            "resourceGroup": entry["group"],
            "usageType": entry["usage"],
        },
        "serviceRegions": regions,
        "pricingInfo": [
            {
                "summary": "",
                "pricingExpression": _expression(entry),
                "currencyConversionRate": 1,
                "effectiveTime": now,
            }
        ],
        "serviceProviderName": "Google",
        "geoTaxonomy": _geography(regions),
    }


def _identifier(service: JsonObject, entry: JsonObject) -> str:
    """Make up the identifier of an entry that has none, always the same one."""
    whole = f"{service['id']}{entry['description']}{entry['usage']}".encode()
    digits = hashlib.sha256(whole).hexdigest()[:12].upper()
    return "-".join((digits[:4], digits[4:8], digits[8:]))


def _expression(entry: JsonObject) -> JsonObject:
    unit, tiers = text(entry["unit"]), entry["tiers"]
    assert isinstance(tiers, list)
    return {
        "usageUnit": unit,
        "displayQuantity": 1,
        "tieredRates": [
            {"startUsageAmount": float(start), "unitPrice": _money(str(usd))}
            for start, usd in tiers
        ],
        "usageUnitDescription": _UNITS[unit],
    }


def _money(usd: str) -> JsonObject:
    """Write an amount as `google.type.Money`, whose large numbers are text in JSON."""
    whole, rest = divmod(Decimal(usd), 1)
    return {"currencyCode": "USD", "units": str(int(whole)), "nanos": int(rest * _NANO)}


def _geography(regions: list[str]) -> JsonObject:
    if regions == ["global"]:
        return {"type": "GLOBAL"}
    return {"type": "REGIONAL" if len(regions) == 1 else "MULTI_REGIONAL", "regions": regions}
