"""What else a deployment could be: each change that is worth asking about, with its price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from console.language import tr, tr_many
from console.model.cost.billed_time import Billing
from console.model.cost.compute_cost import Shape
from console.model.cost.facts import Speeds
from console.model.cost.model_sizes import model_bytes
from console.model.cost.prices import Gpu, PriceList, StorageClass
from console.model.cost.speeds import guide_speeds, setup_of
from console.model.cost.storage_cost import ModelFiles
from console.model.cost.what_if import (
    Dimension,
    Setup,
    Traffic,
    WhatIf,
    in_region,
    what_if,
    with_class,
    with_concurrency,
    with_min_instances,
    with_model_of,
)
from console.model.storage import size_text

CPU_FOR_GPU: Final = Decimal(4)
MEMORY_FOR_GPU: Final = Decimal(16)
"""What Cloud Run asks for beside an L4, in vCPUs and GiB."""

_PUBLISHED: Final = (("Q4_K_M", "Q4_K_M"), ("Q8_0", "Q8_0"), ("BF16", "BF16"))
_ALIKE: Final = Decimal("0.03")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A deployment as it is, how fast, and how often it is used in a month."""

    shape: Shape
    model: ModelFiles
    image_bytes: int
    speeds: Speeds
    pictures: int
    starts: int

    @property
    def setup(self) -> Setup:
        """It with its speeds."""
        return setup_of(self.shape, self.model, self.image_bytes, self.speeds)

    @property
    def traffic(self) -> Traffic:
        """A month of its use; each start makes a picture at least."""
        return Traffic(pictures=max(self.pictures, self.starts), bursts=self.starts)


def other_processor(shape: Shape) -> Shape:
    """Return the shape with an L4 where it has no GPU, and on processors alone where it has."""
    if shape.gpu:
        return replace(shape, gpu=None, zonal_redundancy=False, billing=Billing.REQUESTS)
    return replace(
        shape,
        gpu=Gpu.L4,
        zonal_redundancy=False,
        billing=Billing.INSTANCES,
        concurrency=1,
        cpu=max(shape.cpu or CPU_FOR_GPU, CPU_FOR_GPU),
        memory=max(shape.memory or MEMORY_FOR_GPU, MEMORY_FOR_GPU),
    )


def what_ifs(now: Deployed, prices: PriceList) -> tuple[WhatIf, ...]:
    """Return what every change that can be asked about would change."""
    setup, traffic = now.setup, now.traffic
    changes = (
        *_classes(setup),
        *_regions(setup, prices),
        *_min_instances(setup),
        *_concurrencies(setup),
        *_quantisations(setup),
    )
    found = [
        what_if(words, setup, after, _at_once(traffic, dimension), prices, dimension)
        for dimension, words, after in changes
    ]
    return (*found, _processor(now, prices))


_Change = tuple[Dimension, str, Setup]


def _at_once(traffic: Traffic, dimension: Dimension) -> Traffic:
    """Return the traffic with two who ask at once, where that is what a change is about."""
    if dimension is not Dimension.CONCURRENCY:
        return traffic
    return replace(traffic, at_once=2, pictures=max(traffic.pictures, 2 * traffic.bursts))


def _classes(setup: Setup) -> Iterator[_Change]:
    for each in StorageClass:
        if each is not setup.model.storage_class:
            yield (
                Dimension.STORAGE_CLASS,
                tr("{kind} storage", kind=each.title()),
                with_class(setup, each),
            )


def _regions(setup: Setup, prices: PriceList) -> Iterator[_Change]:
    for name, region in prices.regions.items():
        if name == setup.shape.region:
            continue
        if setup.shape.gpu and setup.shape.gpu not in region.gpus:
            continue
        yield Dimension.REGION, tr("all in {region}", region=name), in_region(setup, name)


def _min_instances(setup: Setup) -> Iterator[_Change]:
    kept = setup.shape.min_instances
    words = tr("no instance kept awake") if kept else tr("one instance kept awake")
    yield Dimension.MIN_INSTANCES, words, with_min_instances(setup, 0 if kept else 1)


def _concurrencies(setup: Setup) -> Iterator[_Change]:
    now = setup.shape.concurrency
    other = 1 if now > 1 else 4
    words = tr_many(
        "{count} request at once on an instance",
        "{count} requests at once on an instance",
        other,
    )
    yield Dimension.CONCURRENCY, words, with_concurrency(setup, other)


def _quantisations(setup: Setup) -> Iterator[_Change]:
    for transformer, encoder in _PUBLISHED:
        size = model_bytes(transformer, encoder)
        if size is None or abs(size - setup.model.bytes) < setup.model.bytes * _ALIKE:
            continue
        words = tr("the model in {kind} ({size})", kind=transformer, size=size_text(size))
        yield Dimension.QUANTISATION, words, with_model_of(setup, size)


def _processor(now: Deployed, prices: PriceList) -> WhatIf:
    """Compare a GPU and processors alone, both as fast as the guide says.

    What was measured on one says nothing of the other.
    """
    other = other_processor(now.shape)
    before, after = (
        setup_of(each, now.model, now.image_bytes, guide_speeds(each.gpu))
        for each in (now.shape, other)
    )
    words = tr("an NVIDIA L4") if other.gpu else tr("processors alone")
    return what_if(words, before, after, now.traffic, prices, Dimension.PROCESSOR)
