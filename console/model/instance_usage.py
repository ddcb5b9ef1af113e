"""How long instances are billed for, from what is known of their lives.

Cloud Run bills in one of two ways. By requests: while an instance starts, answers at least one
request, or shuts down; what it idles in between is free, unless it is kept as a minimum instance,
which has an idle price. By instances: from the start to the end of its life, and a minute at
least. With a GPU it is always the second. Either is rounded up to a tenth of a second.

Nobody logs when an instance ends, so that a life that was not seen to end makes a range.

Source: https://cloud.google.com/run/pricing
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Final

from console.model.estimate import Window, merged, seconds
from console.model.prices import BillingRules

_ZERO: Final = Decimal(0)


class Billing(StrEnum):
    """What an instance is billed by."""

    REQUESTS = "request-based"
    INSTANCES = "instance-based"


@dataclass(frozen=True, slots=True)
class Life:
    """What is known of one instance.

    `start` is when it was asked for and `ready` when it could answer, None if that is not known.
    `requests` are those that it answered, from arrival to answer; one may have arrived before the
    instance was there. `answering_since` is when the one arrived that it answers now. `end` None
    means that nobody saw it end; `seen` is the last sign of it beyond its requests.
    """

    start: datetime
    ready: datetime | None = None
    requests: tuple[Window, ...] = ()
    answering_since: datetime | None = None
    end: datetime | None = None
    seen: datetime | None = None

    @property
    def last_sign(self) -> datetime:
        """The latest moment at which it is known to have been there."""
        signs = (self.start, self.ready, self.seen, *(each.end for each in self.requests))
        return max(each for each in signs if each is not None)

    @property
    def idle_since(self) -> datetime:
        """When it began to idle: after its last request, or when it was ready."""
        return max((self.ready or self.start, *(each.end for each in self.requests)))

    def gone_by(self, kept: timedelta | None) -> datetime | None:
        """Return when it will have ended at the latest if an idle instance is kept for `kept`.

        None while it answers, and if idle instances are kept for good.
        """
        if self.end is not None:
            return self.end
        if kept is None or self.answering_since is not None:
            return None
        return max(self.idle_since + kept, self.last_sign)


@dataclass(frozen=True, slots=True)
class Settled:
    """A life of which nothing is open: what it is taken to have been, in one case."""

    start: datetime
    ready: datetime
    end: datetime
    requests: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """The same lives in two cases: as short as can be, and as long as can be.

    The long one is the likely one, since an idle instance mostly is kept as long as it can be.
    """

    short: tuple[Settled, ...]
    long: tuple[Settled, ...]


def settle(
    lives: Iterable[Life], now: datetime, kept: timedelta, min_instances: int = 0
) -> Settlement:
    """Return lives as they are at `now`, where idle instances are kept for `kept` at most.

    Of those that nobody saw end, the `min_instances` that were used last are kept for good.
    """
    lives = sorted(lives, key=lambda each: (each.end is None, each.last_sign), reverse=True)
    short: list[Settled] = []
    long: list[Settled] = []
    for place, life in enumerate(lives):
        latest = life.gone_by(None if place < min_instances else kept)
        end = max(life.start, now if latest is None else min(latest, now))
        open_ = life.end is None and latest is not None
        early = min(max(life.last_sign, life.start), end) if open_ else end
        short.append(_settled(life, early, life.ready or life.start))
        long.append(_settled(life, end, life.ready or _first_request(life, end)))
    return Settlement(tuple(short), tuple(long))


def _first_request(life: Life, end: datetime) -> datetime:
    return min((each.start for each in life.requests), default=end)


def _settled(life: Life, end: datetime, ready: datetime) -> Settled:
    requests = list(life.requests)
    if life.answering_since is not None:
        requests.append(Window(min(life.answering_since, end), end))
    within = tuple(
        Window(max(each.start, life.start), min(each.end, end))
        for each in requests
        if each.start <= end and life.start <= each.end
    )
    return Settled(life.start, min(max(ready, life.start), end), end, within)


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


def usage(
    lives: Sequence[Settled],
    window: Window,
    billing: Billing,
    rules: BillingRules,
    min_instances: int = 0,
) -> Usage:
    """Return what is billed of `lives` within `window`; a request counts where it ends."""
    answered = sum(
        window.start <= request.end < window.end for life in lives for request in life.requests
    )
    if billing is Billing.INSTANCES:
        billed = [_whole_life(each, rules) for each in lives]
        return Usage(whole=_within(billed, window), requests=Decimal(answered))
    busy = [_busy(each, rules) for each in lives]
    idle = _kept_idle(lives, busy, window, min_instances) if min_instances else _ZERO
    flat = [each for stretches in busy for each in stretches]
    return Usage(busy=_within(flat, window), idle=idle, requests=Decimal(answered))


def _whole_life(life: Settled, rules: BillingRules) -> Window:
    """Return the time that a life is billed for, which may go on beyond its end."""
    lived = _rounded(Window(life.start, life.end), rules.rounding)
    return Window(life.start, max(lived.end, life.start + rules.instance_minimum))


def _busy(life: Settled, rules: BillingRules) -> tuple[Window, ...]:
    """Return the time in which an instance started or answered, without overlap."""
    stretches = merged((Window(life.start, life.ready), *life.requests))
    return merged(_rounded(each, rules.rounding) for each in stretches)


def _rounded(window: Window, rounding: timedelta) -> Window:
    if not rounding:
        return window
    return Window(window.start, window.start - (-window.length // rounding) * rounding)


def _within(billed: Iterable[Window], window: Window) -> Decimal:
    return seconds(sum((each.overlap(window) for each in billed), start=timedelta()))


def _kept_idle(
    lives: Sequence[Settled],
    busy: Sequence[Sequence[Window]],
    window: Window,
    min_instances: int,
) -> Decimal:
    """Return the idle seconds of instances that are kept to have `min_instances` at hand.

    An instance that answers is at hand too, so that only what is lacking then is kept idle.
    """
    changes: list[tuple[datetime, int, int]] = []
    for life, stretches in zip(lives, busy, strict=True):
        changes += [(life.start, 1, 0), (life.end, -1, 0)]
        for each in stretches:
            changes += [(min(each.start, life.end), 0, 1), (min(each.end, life.end), 0, -1)]
    changes.sort()
    idle = timedelta()
    there = answering = 0
    for (at, born, begun), (until, _, _) in pairwise([*changes, (window.end, 0, 0)]):
        there += born
        answering += begun
        kept = max(min(there, min_instances) - answering, 0)
        if kept and at < until:
            idle += kept * Window(at, until).overlap(window)
    return seconds(idle)
