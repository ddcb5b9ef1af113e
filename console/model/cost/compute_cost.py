"""What instances cost: CPU, memory and GPU by the second, and requests.

Source: https://cloud.google.com/run/pricing
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from console.language import tr
from console.model.cost.billed_time import Billing, Timesheet, Usage
from console.model.cost.estimate import (
    Estimate,
    FreeTier,
    Line,
    Window,
    after_free,
    allowance,
    seconds,
    spread_estimate,
)
from console.model.cost.instance_lives import Life, settle
from console.model.cost.money import ZERO, Amount, spread, unknown
from console.model.cost.prices import GIB, Price, PriceList, Unit
from console.model.service import Workload

DAY: Final = timedelta(days=1)
_CONCURRENCY: Final = 80
_QUANTITY: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_SUFFIX: Final = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    **{letter: Decimal(1000) ** (place + 1) for place, letter in enumerate("kMGT")},
    **{f"{letter}i": Decimal(1024) ** (place + 1) for place, letter in enumerate("KMGT")},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What an instance gets and how it is billed; None where the service does not say.

    `cpu` is in vCPUs, `memory` in GiB, `gpu` a name such as `Gpu.L4`; `zonal_redundancy` is that of
    the GPU. `max_instances` None means that the service names no limit.
    """

    region: str
    cpu: Decimal | None
    memory: Decimal | None
    gpu: str | None = None
    zonal_redundancy: bool | None = False
    billing: Billing = Billing.REQUESTS
    concurrency: int = 1
    min_instances: int = 0
    max_instances: int | None = None

    @property
    def billed_by(self) -> Billing:
        """How it is billed: a GPU is always billed for the life of its instance."""
        return Billing.INSTANCES if self.gpu else self.billing


def shape_of(
    workload: Workload,
    region: str,
    *,
    min_instances: int | None = None,
    max_instances: int | None = None,
    zonal_redundancy: bool | None = None,
) -> Shape:
    """Return the shape of a service as Cloud Run describes it.

    A GPU of a kind that no price list knows has no price, and the estimate says so. Where no
    concurrency is said, Cloud Run's own holds: 80, and 1 for less than a whole vCPU.
    """
    cpu = quantity(workload.cpu)
    by_itself = 1 if cpu is not None and cpu < 1 else _CONCURRENCY
    memory = quantity(workload.memory)
    return Shape(
        region=region,
        cpu=cpu,
        memory=None if memory is None else memory / GIB,
        gpu=workload.gpu,
        zonal_redundancy=zonal_redundancy,
        billing=Billing.INSTANCES if workload.cpu_always_allocated else Billing.REQUESTS,
        concurrency=workload.concurrency or by_itself,
        min_instances=min_instances or 0,
        max_instances=max_instances,
    )


def quantity(text: str | None) -> Decimal | None:
    """Return a quantity as Kubernetes writes it, such as `4`, `500m` or `16Gi`; None if it is not.

    Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
    """
    match = _QUANTITY.fullmatch(text or "")
    if match is None:
        return None
    return Decimal(match[1]) * _SUFFIX[match[2] or ""]


@dataclass(frozen=True, slots=True)
class Fleet:
    """Instances of one shape, such as those of one revision, by what is known of their lives.

    Only a revision that gets requests keeps its minimum instances: `kept_until` is when it got
    them no more, None if it still does.
    """

    shape: Shape
    lives: tuple[Life, ...]
    kept_until: datetime | None = None

    def keeps(self, now: datetime) -> int:
        """Return how many instances are kept at `now` even if nobody asks for anything."""
        over = self.kept_until is not None and self.kept_until <= now
        return 0 if over else self.shape.min_instances


def charge(
    used: Usage, shape: Shape, prices: PriceList, free: FreeTier = FreeTier.NONE
) -> Estimate:
    """Return what usage of instances of one shape costs, line by line; see `charge_all`."""
    return charge_all([(used, shape)], prices, free)


def charge_all(
    parts: Iterable[tuple[Usage, Shape]], prices: PriceList, free: FreeTier = FreeTier.NONE
) -> Estimate:
    """Return what usage of instances of several shapes costs, a line for each price.

    The free tier is a month's; give a month's usage. It counts at the prices of Tier 1 in every
    region, and there is none for GPUs.
    """
    left: dict[str, Amount] = {}
    lines: dict[str, Line] = {}
    for used, shape in parts:
        for item in _items(used, shape, prices):
            amount = item.amount
            if item.free is not None:
                key, tier_1 = item.free
                free_of_it = left.get(key) or allowance(key, tier_1, prices, free)
                left[key] = free_of_it.less(amount)
                amount = after_free(amount, free_of_it, free)
            before = lines.get(item.what)
            lines[item.what] = Line(
                item.what,
                amount if before is None else before.amount + amount,
                item.how if before is None else f"{before.how} + {item.how}",
            )
    return Estimate(tuple(lines.values()), prices.date)


def spent(
    fleets: Sequence[Fleet],
    window: Window,
    now: datetime,
    prices: PriceList,
    free: FreeTier = FreeTier.NONE,
) -> Estimate:
    """Return what instances cost within `window`, as far as is known at `now`.

    Instances whose end nobody saw make it a range. The free tier is a month's.
    """
    return spent_of([Usages(each, now, prices) for each in fleets], window, prices, free)


def spent_of(
    usages: Sequence[Usages], window: Window, prices: PriceList, free: FreeTier = FreeTier.NONE
) -> Estimate:
    """Return what settled usage within `window` costs; see `spent`."""
    least = charge_all([(each.least(window), each.shape) for each in usages], prices, free)
    likely = charge_all([(each.likely(window), each.shape) for each in usages], prices, free)
    return spread_estimate(least, likely, likely)


class Usages:
    """The usage of one fleet in any window: at least, and likely.

    What is known of the lives at `now` is settled once, so that it can be asked often.
    """

    def __init__(self, fleet: Fleet, now: datetime, prices: PriceList) -> None:
        shape, rules = fleet.shape, prices.rules
        kept, until = shape.min_instances, fleet.kept_until
        settled = settle(fleet.lives, now, rules.idle_limit(shape.gpu), kept, until)
        self.shape = shape
        self._least, self._likely = (
            Timesheet(each, shape.billed_by, rules, kept, until)
            for each in (settled.short, settled.long)
        )

    def least(self, window: Window) -> Usage:
        """Return what was used within `window` at least."""
        return self._least.within(window)

    def likely(self, window: Window) -> Usage:
        """Return what is likely to have been used within `window`."""
        return self._likely.within(window)


def per_second(shape: Shape, prices: PriceList) -> Amount:
    """Return what one instance costs for each second in which it works."""
    return charge(_working(Decimal(1), shape), shape, prices).total


def per_idle_second(shape: Shape, prices: PriceList) -> Amount:
    """Return what one minimum instance costs for each second in which it idles."""
    if shape.billed_by is Billing.INSTANCES:
        return per_second(shape, prices)
    return charge(Usage(idle=Decimal(1)), shape, prices).total


def most_a_day(shape: Shape, prices: PriceList) -> Amount:
    """Return the most that a day can cost, with every instance at work all day, without requests.

    Cloud Run may run more instances than the limit for a short time, so that it is no hard limit.
    """
    if shape.max_instances is None:
        return unknown(tr("a limit of instances"))
    instances = max(shape.max_instances, shape.min_instances)
    return per_second(shape, prices) * (instances * seconds(DAY))


def standing(shape: Shape, length: timedelta, prices: PriceList) -> Estimate:
    """Return what the minimum instances cost over `length` if nobody asks for anything."""
    time = seconds(length) * shape.min_instances
    by_life = shape.billed_by is Billing.INSTANCES
    return charge(Usage(whole=time) if by_life else Usage(idle=time), shape, prices)


def _working(time: Decimal, shape: Shape) -> Usage:
    by_life = shape.billed_by is Billing.INSTANCES
    return Usage(whole=time) if by_life else Usage(busy=time)


@dataclass(frozen=True, slots=True)
class _Item:
    """A line before the free tier; `free` is its key there and the price that it counts at."""

    what: str
    amount: Amount
    how: str
    free: tuple[str, Price] | None = None


def _items(used: Usage, shape: Shape, prices: PriceList) -> Iterator[_Item]:
    for how, time in (("request", used.busy), ("idle", used.idle), ("instance", used.whole)):
        if time:
            yield _part("cpu", how, shape.cpu, time, shape, prices)
            yield _part("memory", how, shape.memory, time, shape, prices)
    if shape.gpu and used.whole:
        yield _Item(f"GPU {shape.gpu}", _gpu(shape, prices, used.whole), _time(used.whole))
    if shape.billed_by is Billing.REQUESTS and used.requests:
        unit = Unit.MILLION_REQUESTS
        price = prices.compute(shape.region, "requests", unit)
        free = ("run/requests", prices.price("run/tier-1/requests", unit, price.name))
        yield _Item(price.name, price.cost(used.requests / 10**6), f"{used.requests:,.0f}", free)


def _part(
    what: str, how: str, size: Decimal | None, time: Decimal, shape: Shape, prices: PriceList
) -> _Item:
    unit = Unit.VCPU_SECOND if what == "cpu" else Unit.GIB_SECOND
    price = prices.compute(shape.region, f"{what}/{how}", unit)
    if size is None:
        lacking = (
            tr("how much cpu an instance gets")
            if what == "cpu"
            else tr("how much memory an instance gets")
        )
        return _Item(price.name, unknown(lacking), _time(time))
    key = f"run/{what}/{how}"
    free = (key, prices.price(f"run/tier-1/{what}/{how}", unit, price.name))
    sort = "vCPU" if what == "cpu" else "GiB"
    taken = f"{size.normalize():f} {sort} × {_time(time)}"
    return _Item(price.name, price.cost(size * time), taken, free)


def _gpu(shape: Shape, prices: PriceList, time: Decimal) -> Amount:
    """Return the price of a GPU; from without to with redundancy where that is not known."""
    if shape.gpu is None:
        return ZERO
    alone, redundant = (
        prices.gpu(shape.region, shape.gpu, each).cost(time) for each in (False, True)
    )
    if shape.zonal_redundancy is None:
        return spread(alone, redundant, redundant)
    return redundant if shape.zonal_redundancy else alone


def _time(time: Decimal) -> str:
    """Return a length for people: `90 s`, `25.0 min`, `12.5 h`."""
    if time < 120:
        return f"{time:.0f} s"
    return f"{time / 60:,.1f} min" if time < 7200 else f"{time / 3600:,.1f} h"
