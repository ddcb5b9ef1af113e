"""What is paid beside instances and the bucket: images, log lines, builds, and what is sent out.

Images are kept in Artifact Registry even if no revision runs them any more. Cloud Run keeps its
own copy of an image from the roll-out on, so that a start does not pull from the registry.

Sources: https://cloud.google.com/artifact-registry/pricing, https://cloud.google.com/build/pricing,
https://cloud.google.com/stackdriver/pricing, https://cloud.google.com/vpc/network-pricing
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from console.language import tr
from console.model.cost.estimate import FreeTier, Line, after_free, allowance
from console.model.cost.prices import Price, PriceList, Unit
from console.model.cost.storage_cost import gib, gib_text

DEFAULT_MACHINE: Final = "e2-standard-2"


def images_a_month(bytes_: int, prices: PriceList, free: FreeTier = FreeTier.NONE) -> Line:
    """Return what keeping images of `bytes_` in all for a month costs."""
    price = prices.price("registry/storage", Unit.GIB_MONTH, tr("registry storage"))
    return _month("registry/storage", price, gib(bytes_), prices, free)


def image_scans(images: int, prices: PriceList) -> Line:
    """Return what scanning so many new images for known weaknesses costs, where that is on."""
    price = prices.price("registry/scan", Unit.IMAGE, tr("vulnerability scan of an image"))
    return Line(price.name, price.cost(images), f"{images:,}")


def log_lines(bytes_: int, prices: PriceList, free: FreeTier = FreeTier.NONE) -> Line:
    """Return what a month's log lines cost to be taken in; they are kept for 30 days with that."""
    price = prices.price("logging/ingest", Unit.GIB, tr("logging ingest"))
    return _month("logging/ingest", price, gib(bytes_), prices, free)


def build(
    minutes: Decimal,
    prices: PriceList,
    machine: str = DEFAULT_MACHINE,
    free: FreeTier = FreeTier.NONE,
) -> Line:
    """Return what a month's minutes of building on one kind of machine cost."""
    key = f"build/{machine}"
    price = prices.price(key, Unit.BUILD_MINUTE, tr("build on {machine}", machine=machine))
    amount = after_free(price.cost(minutes), allowance(key, price, prices, free), free)
    return Line(price.name, amount, f"{minutes:,.0f} min")


def sent_to_the_internet(bytes_: int, prices: PriceList) -> Line:
    """Return what sending `bytes_` to people costs, by the price for most of the world."""
    price = prices.price("network/internet", Unit.GIB, tr("transfer to the internet"))
    return Line(price.name, price.cost(gib(bytes_)), gib_text(gib(bytes_)))


def _month(key: str, price: Price, size: Decimal, prices: PriceList, free: FreeTier) -> Line:
    amount = after_free(price.cost(size), allowance(key, price, prices, free), free)
    return Line(price.name, amount, gib_text(size))
