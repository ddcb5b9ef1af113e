"""What Google charges for what: a list of prices, each with its source and its date.

A list is data, made by `console.model.cost.price_file` from a JSON document. What it does not know
is unknown and is never taken for free: `PriceList.price` answers every question, and a price
without a figure makes an amount without a figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from console.language import tr
from console.model.cost.money import ZERO, Amount, Range, unknown

GIB: Final = 2**30
"""Bytes in a GiB, which is what Google's price lists mean where they say GB."""

HOURS_A_MONTH: Final = 730
"""Storage is billed by the hour; its monthly prices are for this many hours."""


class Unit(StrEnum):
    """What a price is for one of."""

    VCPU_SECOND = "vCPU-second"
    GIB_SECOND = "GiB-second"
    GPU_SECOND = "GPU-second"
    MILLION_REQUESTS = "million requests"
    GIB_MONTH = "GiB-month"
    GIB = "GiB"
    THOUSAND_OPERATIONS = "thousand operations"
    BUILD_MINUTE = "build-minute"
    IMAGE = "image"


class StorageClass(StrEnum):
    """The storage classes of Cloud Storage, by the names in its API."""

    STANDARD = "STANDARD"
    NEARLINE = "NEARLINE"
    COLDLINE = "COLDLINE"
    ARCHIVE = "ARCHIVE"


class Gpu(StrEnum):
    """The GPUs of Cloud Run, by the names in its API."""

    L4 = "nvidia-l4"
    RTX_PRO_6000 = "nvidia-rtx-pro-6000"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure was read: `what` in words, `url` if it has one, and when it was valid."""

    what: str
    url: str
    date: date


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for one `unit` of something; `usd` None means that it is not known.

    `verified` is false for what was written from memory and never checked against a price list.
    """

    name: str
    usd: Decimal | None
    unit: Unit
    source: Source | None
    verified: bool

    def cost(self, quantity: Decimal | int) -> Amount:
        """Return the price of `quantity` units; of no units it is nothing, known or not.

        Raises `ValueError` for a negative quantity.
        """
        return self.cost_of(Range.exactly(quantity))

    def cost_of(self, quantity: Range) -> Amount:
        """Return the price of a quantity that is known as a range.

        Raises `ValueError` for a negative quantity.
        """
        if quantity.low < 0:
            raise ValueError(f"{quantity.low} {self.unit}s of {self.name} cannot be charged")
        if not quantity.high:
            return ZERO
        if self.usd is None:
            return unknown(self.name)
        doubt = frozenset() if self.verified else frozenset({self.name})
        return Amount(Range(*(each * self.usd for each in quantity.figures)), unverified=doubt)


@dataclass(frozen=True, slots=True)
class Region:
    """A region of Google Cloud as far as prices go.

    `tier` is Cloud Run's price tier, `continent` what transfer prices go by, `gpus` what Cloud Run
    has there, `free_storage` whether Cloud Storage's free allowance counts there.
    """

    name: str
    tier: int
    continent: str
    gpus: tuple[Gpu, ...] = ()
    by_invitation: tuple[Gpu, ...] = ()
    free_storage: bool = False


@dataclass(frozen=True, slots=True)
class BillingRules:
    """How usage is counted before it is multiplied by a price.

    Usage of Cloud Run is rounded up to `rounding`; an instance that is billed for its whole life
    is billed for `instance_minimum` at least. An idle instance is kept `idle_kept` at most, one
    with a GPU `idle_kept_gpu`. An object that leaves a class before `minimum_days` is billed as
    if it had stayed. A soft-deleted object is kept `soft_delete_days` unless a bucket says else.
    """

    rounding: timedelta
    instance_minimum: timedelta
    idle_kept: timedelta
    idle_kept_gpu: timedelta
    minimum_days: Mapping[StorageClass, int]
    soft_delete_days: int

    def idle_limit(self, gpu: str | None) -> timedelta:
        """Return how long an idle instance is kept at most."""
        return self.idle_kept_gpu if gpu else self.idle_kept


@dataclass(frozen=True, slots=True)
class PriceList:
    """All prices as they were at one date.

    `free` is what a billing account gets for nothing each month, in the price's own unit, by the
    part of the key that does not depend on the region.
    """

    date: date
    prices: Mapping[str, Price]
    regions: Mapping[str, Region]
    free: Mapping[str, Decimal]
    rules: BillingRules

    def price(self, key: str, unit: Unit, name: str) -> Price:
        """Return a price by its key, or one that is not known under that name."""
        return self.prices.get(key) or Price(name, None, unit, None, False)

    def compute(self, region: str, what: str, unit: Unit) -> Price:
        """Return a price of Cloud Run; `what` is such as `cpu/request`, `requests`.

        In a region whose tier is not known, no price is.
        """
        known = self.regions.get(region)
        name = tr("{what} in {region}", what=what, region=region)
        if known is None:
            return Price(name, None, unit, None, False)
        return self.price(f"run/tier-{known.tier}/{what}", unit, name)

    def gpu(self, region: str, gpu: str, zonal_redundancy: bool) -> Price:
        """Return the price of a GPU for a second, on top of its CPU and memory."""
        redundancy = "redundant" if zonal_redundancy else "single-zone"
        return self.compute(region, f"{gpu}/{redundancy}", Unit.GPU_SECOND)

    def storage(self, region: str, storage_class: StorageClass) -> Price:
        """Return the price of keeping a GiB for a month."""
        return self.price(
            f"storage/{region}/{storage_class.lower()}",
            Unit.GIB_MONTH,
            tr("{kind} storage in {region}", kind=storage_class.title(), region=region),
        )

    def retrieval(self, storage_class: StorageClass) -> Price:
        """Return the price of reading a GiB, beyond its transfer."""
        name = tr("retrieval of {kind} storage", kind=storage_class.title())
        return self.price(f"storage/retrieval/{storage_class.lower()}", Unit.GIB, name)

    def writes(self, storage_class: StorageClass) -> Price:
        """Return the price of class A operations: writing, copying and listing objects."""
        name = tr("class-a of {kind} storage", kind=storage_class.title())
        key = f"storage/class-a/{storage_class.lower()}"
        return self.price(key, Unit.THOUSAND_OPERATIONS, name)

    def reads(self, storage_class: StorageClass) -> Price:
        """Return the price of class B operations: reading objects or what is known of them."""
        name = tr("class-b of {kind} storage", kind=storage_class.title())
        key = f"storage/class-b/{storage_class.lower()}"
        return self.price(key, Unit.THOUSAND_OPERATIONS, name)

    def transfer(self, origin: str, destination: str) -> Price:
        """Return the price of moving a GiB from a region to a region; nothing within one."""
        name = tr("transfer from {origin} to {destination}", origin=origin, destination=destination)
        if origin == destination:
            return self.price("network/same-region", Unit.GIB, name)
        ends = self.regions.get(origin), self.regions.get(destination)
        if ends[0] is None or ends[1] is None:
            return Price(name, None, Unit.GIB, None, False)
        pair = "/".join(sorted((ends[0].continent, ends[1].continent)))
        return self.price(f"network/{pair}", Unit.GIB, name)
