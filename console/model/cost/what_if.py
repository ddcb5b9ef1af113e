"""What one change of a deployment would change in a month's cost and in its starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from console.language import tr, tr_later, tr_many
from console.model.cost.compute_cost import Shape, standing
from console.model.cost.estimate import Estimate, Line
from console.model.cost.money import Amount, Range, difference, difference_text
from console.model.cost.picture_cost import MONTH, Speed, Way, each_picture, wake, warm_picture
from console.model.cost.prices import PriceList, StorageClass
from console.model.cost.side_cost import images_a_month, sent_to_the_internet
from console.model.cost.storage_cost import ModelFiles, reading_once, storage

INSTANCES = tr_later("instances")
READING = tr_later("reading the model")
KEEPING = tr_later("keeping the model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A deployment: an instance's shape, the model it reads, the image it runs, and its speed.

    `begin` is the part of a start that does not depend on the model's size, in seconds, `rate` how
    many bytes a second it reads, `picture` the seconds of one picture; an instance makes one at a
    time. `image_bytes` is the size of the image in its registry.

    Raises `ValueError` if it reads nothing a second.
    """

    shape: Shape
    model: ModelFiles
    image_bytes: int
    begin: Range
    rate: Range
    picture: Range

    def __post_init__(self) -> None:
        if self.rate.low <= 0:
            raise ValueError("a setup has to read more than nothing a second")

    @property
    def speed(self) -> Speed:
        """How fast it starts and works."""
        size = self.model.bytes
        slow, likely, fast = (Decimal(size) / each for each in self.rate.figures)
        reading = Range(fast, likely, slow)
        starts = (a + b for a, b in zip(self.begin.figures, reading.figures, strict=True))
        return Speed(Range(*starts), self.picture)

    @property
    def way(self) -> Way:
        """Its shape and its speed."""
        return Way(self.shape, self.speed)


@dataclass(frozen=True, slots=True)
class Traffic:
    """A month's use: `pictures` in all, in so many `bursts` that each find the service asleep.

    In a burst `at_once` pictures are asked for at the same moment. `picture_bytes` is the size of
    one picture as it is sent.
    """

    pictures: int
    bursts: int
    at_once: int = 1
    picture_bytes: int = 0


def instances_in_a_burst(shape: Shape, traffic: Traffic) -> int:
    """Return how many instances a burst needs: one for every `concurrency` pictures at once."""
    needed = -(-traffic.at_once // max(shape.concurrency, 1))
    limit = shape.max_instances or needed
    return max(min(needed, limit), 1)


def a_month(setup: Setup, traffic: Traffic, prices: PriceList) -> Estimate:
    """Return what a month of such traffic costs, without any free tier."""
    starts = _starts(setup.shape, traffic)
    read = reading_once(setup.model, setup.shape.region, prices).total * starts
    model = setup.model
    lines = (
        Line(
            tr(INSTANCES),
            _instances(setup, traffic, prices),
            tr("{count:,} starts", count=starts),
        ),
        Line(tr(READING), read, tr("{count:,} times", count=starts)),
        Line(
            tr(KEEPING),
            storage(model.bytes, model.storage_class, model.region, prices).amount,
            model.storage_class.title(),
        ),
        images_a_month(setup.image_bytes, prices),
        sent_to_the_internet(traffic.pictures * traffic.picture_bytes, prices),
    )
    return Estimate(lines, prices.date)


class Dimension(StrEnum):
    """What a change changes."""

    STORAGE_CLASS = "storage class"
    REGION = "region"
    MIN_INSTANCES = "min instances"
    PROCESSOR = "GPU or CPU"
    CONCURRENCY = "concurrency"
    QUANTISATION = "quantisation"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A change, the month before and after it, and how much longer people would wait.

    `start_seconds` is how much longer a burst waits for its first instance, `burst_seconds` how
    much longer its `at_once` pictures take then. Both are likely figures, negative if it is less.
    """

    change: str
    before: Estimate
    after: Estimate
    at_once: int
    start_seconds: Decimal
    burst_seconds: Decimal
    dimension: Dimension | None = None

    @property
    def difference(self) -> Amount:
        """How much more a month would cost, negative if it would cost less."""
        return difference(self.after.total, self.before.total)

    @property
    def words(self) -> str:
        """The change in one line: `Nearline storage: costs $1.52 more a month`."""
        said = difference_text(self.difference)
        if self.difference.complete:
            words = tr("{change}: {difference} a month", change=self.change, difference=said)
        else:
            words = tr("{change}: {difference}", change=self.change, difference=said)
        for wait in self._waits():
            words = tr("{what}, {further}", what=words, further=wait)
        return words

    def _waits(self) -> Iterator[str]:
        """Yield how much later or sooner there is something, where it is a second or more."""
        start, burst = self.start_seconds, self.burst_seconds
        if start >= 1:
            yield tr("starts {seconds:,.0f} s later", seconds=start)
        elif start <= -1:
            yield tr("starts {seconds:,.0f} s sooner", seconds=-start)
        if burst >= 1:
            yield tr_many(
                "makes a picture {seconds:,.0f} s later",
                "makes {count} pictures {seconds:,.0f} s later",
                self.at_once,
                seconds=burst,
            )
        elif burst <= -1:
            yield tr_many(
                "makes a picture {seconds:,.0f} s sooner",
                "makes {count} pictures {seconds:,.0f} s sooner",
                self.at_once,
                seconds=-burst,
            )


def what_if(
    change: str,
    before: Setup,
    after: Setup,
    traffic: Traffic,
    prices: PriceList,
    dimension: Dimension | None = None,
) -> WhatIf:
    """Compare a month of the same traffic before and after a change; `change` names it."""
    return WhatIf(
        change=change,
        before=a_month(before, traffic, prices),
        after=a_month(after, traffic, prices),
        at_once=traffic.at_once,
        start_seconds=_start_seconds(after) - _start_seconds(before),
        burst_seconds=_burst_seconds(after, traffic) - _burst_seconds(before, traffic),
        dimension=dimension,
    )


def with_class(setup: Setup, storage_class: StorageClass) -> Setup:
    """Return the setup with its model in another storage class."""
    return replace(setup, model=replace(setup.model, storage_class=storage_class))


def with_model_of(setup: Setup, bytes_: int) -> Setup:
    """Return the setup with a model of another size, such as another quantisation of it."""
    return replace(setup, model=replace(setup.model, bytes=bytes_))


def in_region(setup: Setup, region: str) -> Setup:
    """Return the setup with service and bucket in another region."""
    return replace(
        setup,
        shape=replace(setup.shape, region=region),
        model=replace(setup.model, region=region),
    )


def with_min_instances(setup: Setup, count: int) -> Setup:
    """Return the setup with so many instances kept awake."""
    return replace(setup, shape=replace(setup.shape, min_instances=count))


def with_concurrency(setup: Setup, count: int) -> Setup:
    """Return the setup with so many pictures waiting at one instance before another starts."""
    return replace(setup, shape=replace(setup.shape, concurrency=count))


def _starts(shape: Shape, traffic: Traffic) -> int:
    return traffic.bursts * max(instances_in_a_burst(shape, traffic) - shape.min_instances, 0)


def _instances(setup: Setup, traffic: Traffic, prices: PriceList) -> Amount:
    """Return what minimum instances, wakes and pictures cost.

    Pictures are shared evenly among the instances of a burst; those on minimum instances add only
    what such an instance costs more at work than idle.
    """
    way, shape = setup.way, setup.shape
    needed = instances_in_a_burst(shape, traffic)
    on_kept = Decimal(min(shape.min_instances, needed)) / needed
    return (
        standing(shape, MONTH, prices).total
        + wake(way, prices) * _starts(shape, traffic)
        + each_picture(way, prices) * (traffic.pictures * on_kept)
        + warm_picture(way, prices) * (traffic.pictures * (1 - on_kept))
    )


def _start_seconds(setup: Setup) -> Decimal:
    """Return how long a burst waits for an instance, which is not at all if one is kept awake."""
    return Decimal(0) if setup.shape.min_instances else setup.speed.start.likely


def _burst_seconds(setup: Setup, traffic: Traffic) -> Decimal:
    """Return how long the last picture of a burst takes on instances that are awake."""
    in_line = -(-traffic.at_once // instances_in_a_burst(setup.shape, traffic))
    return setup.picture.likely * in_line
