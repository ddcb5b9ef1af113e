"""The lives of instances, as far as they are known.

Nobody logs when an instance ends, so that a life that was not seen to end is settled in two ways:
as short and as long as it can have been.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.model.cost.estimate import Window


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
    lives: Iterable[Life],
    now: datetime,
    kept: timedelta,
    min_instances: int = 0,
    until: datetime | None = None,
) -> Settlement:
    """Return lives as they are at `now`, where idle instances are kept for `kept` at most.

    Of those that nobody saw end, the `min_instances` that were used last are kept until `until`,
    for good if that is None.
    """
    short: list[Settled] = []
    long: list[Settled] = []
    for life, latest in ending(lives, kept, min_instances, until):
        end = max(life.start, now if latest is None else min(latest, now))
        open_ = life.end is None and latest is not None
        # One that was kept was there until then at least.
        early = end if latest is None or not open_ else min(max(life.last_sign, latest - kept), end)
        short.append(_settled(life, early, life.ready or life.start))
        long.append(_settled(life, end, life.ready or _first_request(life, end)))
    return Settlement(tuple(short), tuple(long))


def ending(
    lives: Iterable[Life], kept: timedelta, min_instances: int, until: datetime | None
) -> Iterator[tuple[Life, datetime | None]]:
    """Yield lives with when each will have ended at the latest, None for one kept for good."""
    by_use = sorted(lives, key=lambda each: (each.end is None, each.last_sign), reverse=True)
    for place, life in enumerate(by_use):
        if place >= min_instances or life.end is not None:
            yield life, life.gone_by(kept)
        elif until is None or life.answering_since is not None:
            yield life, None
        else:
            idle = life.gone_by(kept)
            yield life, until + kept if idle is None else max(idle, until + kept)


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
