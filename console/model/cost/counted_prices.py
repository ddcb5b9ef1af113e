"""Which prices count in a report, to be shown with their source and their date."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from console.model.cost.billed_time import Billing
from console.model.cost.compute_cost import Shape
from console.model.cost.facts import CostFacts
from console.model.cost.prices import PriceList, StorageClass
from console.model.cost.report import CountedPrice


def counted_prices(
    facts: CostFacts, prices: PriceList, live: Collection[str]
) -> tuple[CountedPrice, ...]:
    """Return the prices that a service is billed by, in the order of what they are for.

    `live` has the keys of those that Google's catalog gave. One that is not in the list is left
    out: the amounts say by name what they lack.
    """
    keys = dict.fromkeys([*_compute(facts, prices), *_storage(facts, prices), *_beside()])
    return tuple(
        CountedPrice(key, prices.prices[key], key in live) for key in keys if key in prices.prices
    )


def _compute(facts: CostFacts, prices: PriceList) -> Iterator[str]:
    shapes = [each.shape for each in facts.fleets.thing or ()]
    for shape in [*shapes, *([facts.shape] if facts.shape else [])]:
        region = prices.regions.get(shape.region)
        if region is not None:
            yield from (f"run/tier-{region.tier}/{what}" for what in _whats(shape))


def _whats(shape: Shape) -> Iterator[str]:
    if shape.billed_by is Billing.INSTANCES:
        yield from ("cpu/instance", "memory/instance")
    else:
        yield from ("cpu/request", "memory/request")
        if shape.min_instances:
            yield from ("cpu/idle", "memory/idle")
        yield "requests"
    if shape.gpu and shape.zonal_redundancy in (False, None):
        yield f"{shape.gpu}/single-zone"
    if shape.gpu and shape.zonal_redundancy in (True, None):
        yield f"{shape.gpu}/redundant"


def _storage(facts: CostFacts, prices: PriceList) -> Iterator[str]:
    contents = facts.bucket.thing
    if contents is None:
        return
    classes = {each.storage_class for each in contents.holdings} or {StorageClass.STANDARD}
    for each in sorted(classes):
        yield f"storage/{contents.region}/{each.lower()}"
        yield from (
            f"storage/{what}/{each.lower()}" for what in ("retrieval", "class-a", "class-b")
        )
    ends = prices.regions.get(contents.region), prices.regions.get(facts.region)
    if contents.region != facts.region and ends[0] is not None and ends[1] is not None:
        yield f"network/{'/'.join(sorted((ends[0].continent, ends[1].continent)))}"


def _beside() -> Iterator[str]:
    yield from ("registry/storage", "logging/ingest")
