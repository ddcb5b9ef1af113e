"""How long instances are billed for.

Cloud Run bills in one of two ways. By requests: while an instance starts, answers at least one
request, or shuts down; what it idles in between is free, unless it is kept as a minimum instance,
which has an idle price. By instances: from the start to the end of its life, and a minute at
least. With a GPU it is always the second. Either is rounded up to a tenth of a second.

Source: https://cloud.google.com/run/pricing
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Final, TypeAlias

from console.model.cost.estimate import Window
from console.model.cost.instance_lives import Settled
from console.model.cost.prices import BillingRules

_ZERO: Final = Decimal(0)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_Stretch: TypeAlias = tuple[int, int]
"""A stretch of time from its first to before its last moment, in microseconds."""


class Billing(StrEnum):
    """What an instance is billed by."""

    REQUESTS = "request-based"
    INSTANCES = "instance-based"


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of instances by how they are billed, and how many requests were answered.

    `busy` are seconds at the price of answering requests, `idle` those of minimum instances at
    their idle price, `whole` those that are billed by the life of an instance.
    """

    busy: Decimal = _ZERO
    idle: Decimal = _ZERO
    whole: Decimal = _ZERO
    requests: Decimal = _ZERO

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.busy + other.busy,
            self.idle + other.idle,
            self.whole + other.whole,
            self.requests + other.requests,
        )

    def __mul__(self, factor: Decimal | int) -> Usage:
        return Usage(
            self.busy * factor, self.idle * factor, self.whole * factor, self.requests * factor
        )

    @property
    def billable(self) -> Decimal:
        """Seconds of instances at a full price, as Cloud Monitoring counts billable time."""
        return self.busy + self.whole


class Timesheet:
    """The billed time of instances, added up once and asked for by window.

    `min_instances` are those that the service keeps idle, which matters for who is billed by
    requests: an instance that answers is at hand too, so that only what is lacking then is kept.
    From `kept_until` on none is.
    """

    def __init__(
        self,
        lives: Sequence[Settled],
        billing: Billing,
        rules: BillingRules,
        min_instances: int = 0,
        kept_until: datetime | None = None,
    ) -> None:
        self._answered = sorted(_moment(each.end) for life in lives for each in life.requests)
        by_life = billing is Billing.INSTANCES
        busy = [] if by_life else [_busy(each, rules) for each in lives]
        kept = 0 if by_life else min_instances
        self._whole = _Total(_whole(each, rules) for each in lives) if by_life else _Total(())
        self._busy = _Total(each for stretches in busy for each in stretches)
        idle = _kept_idle(lives, busy, kept) if kept else ()
        self._idle = _Total(idle if kept_until is None else _before(idle, _moment(kept_until)))

    def within(self, window: Window) -> Usage:
        """Return what is billed within `window`; a request counts where it ends."""
        first, last = _moment(window.start), _moment(window.end)
        answered = bisect_left(self._answered, last) - bisect_left(self._answered, first)
        return Usage(
            busy=self._busy.within(first, last),
            idle=self._idle.within(first, last),
            whole=self._whole.within(first, last),
            requests=Decimal(answered),
        )


class _Total:
    """Stretches of time, which may overlap, ready to be added up up to any moment."""

    def __init__(self, stretches: Iterable[_Stretch]) -> None:
        known = [(start, end) for start, end in stretches if start < end]
        self._starts = sorted(start for start, _ in known)
        self._ends = sorted(end for _, end in known)
        self._start_sums = [0, *accumulate(self._starts)]
        self._end_sums = [0, *accumulate(self._ends)]

    def within(self, first: int, last: int) -> Decimal:
        """Return the seconds from `first` to before `last`."""
        return Decimal(self._before(last) - self._before(first)) / 10**6

    def _before(self, moment: int) -> int:
        begun, ended = bisect_left(self._starts, moment), bisect_left(self._ends, moment)
        since_starts = begun * moment - self._start_sums[begun]
        since_ends = ended * moment - self._end_sums[ended]
        return since_starts - since_ends


def _whole(life: Settled, rules: BillingRules) -> _Stretch:
    """Return the time that a life is billed for, which may go on beyond its end."""
    start, end = _rounded((_moment(life.start), _moment(life.end)), rules)
    return start, max(end, start + rules.instance_minimum // _MICROSECOND)


def _busy(life: Settled, rules: BillingRules) -> tuple[_Stretch, ...]:
    """Return the time in which an instance started or answered, without overlap."""
    asked = ((_moment(each.start), _moment(each.end)) for each in life.requests)
    stretches = _merged(((_moment(life.start), _moment(life.ready)), *asked))
    return _merged(_rounded(each, rules) for each in stretches)


def _rounded(stretch: _Stretch, rules: BillingRules) -> _Stretch:
    start, end = stretch
    step = max(rules.rounding // _MICROSECOND, 1)
    return start, start - (-(end - start) // step) * step


def _merged(stretches: Iterable[_Stretch]) -> tuple[_Stretch, ...]:
    """Return stretches that cover the same time, in order and without overlap."""
    result: list[_Stretch] = []
    for start, end in sorted(stretches):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return tuple(result)


def _kept_idle(
    lives: Sequence[Settled], busy: Sequence[Sequence[_Stretch]], min_instances: int
) -> Iterable[_Stretch]:
    """Return the time in which instances are kept idle, once for each of them."""
    changes: list[tuple[int, int, int]] = []
    for life, stretches in zip(lives, busy, strict=True):
        last = _moment(life.end)
        changes += [(_moment(life.start), 1, 0), (last, -1, 0)]
        for start, end in stretches:
            changes += [(min(start, last), 0, 1), (min(end, last), 0, -1)]
    changes.sort()
    there = answering = 0
    for (at, born, begun), (until, _, _) in pairwise(changes):
        there += born
        answering += begun
        for _ in range(max(min(there, min_instances) - answering, 0)):
            yield at, until


def _before(stretches: Iterable[_Stretch], moment: int) -> Iterable[_Stretch]:
    return ((start, min(end, moment)) for start, end in stretches)


def _moment(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
