"""One thing that Google sells, as the Cloud Billing Catalog describes it.

Source: https://cloud.google.com/billing/docs/reference/rest/v1/services.skus/list
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from console.model.text import SafeText


@dataclass(frozen=True, slots=True)
class Tier:
    """From `start` units a month on, a unit costs `usd`."""

    start: Decimal
    usd: Decimal


@dataclass(frozen=True, slots=True)
class Sku:
    """A stock keeping unit: `service` sells it, by the identifier of a service in the catalog.

    `usage` is how it is bought, such as `OnDemand`, `regions` where, `unit` what its price is for
    one of, such as `GiBy.mo`. `tiers` are those in force, lowest first; none if its price is in
    another currency than US dollars.
    """

    id: SafeText
    service: str
    description: SafeText
    usage: str
    regions: tuple[str, ...]
    unit: str
    tiers: tuple[Tier, ...]

    @property
    def usd(self) -> Decimal | None:
        """What a unit costs beyond what is free; None where that is nothing, or not said.

        Of several tiers that cost something this is the first: the others are for amounts that a
        single service does not come near to.
        """
        return next((tier.usd for tier in self.tiers if tier.usd > 0), None)
