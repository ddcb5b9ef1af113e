"""Which starts are looked at: those of the last day, week or month, or all."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from console.language import tr_later
from console.model.starts.snapshot import StartsSnapshot, Timing
from console.model.starts.start import ColdStart


class Window(Enum):
    """How far back starts are looked at."""

    DAY = tr_later("last day")
    WEEK = tr_later("last week")
    MONTH = tr_later("last month")
    ALL = tr_later("all")

    @property
    def next(self) -> Window:
        """The next longer one, after the longest the shortest."""
        every = tuple(Window)
        return every[(every.index(self) + 1) % len(every)]

    def since(self, now: datetime) -> datetime | None:
        """Return from when on starts are looked at; None for all."""
        days = {Window.DAY: 1, Window.WEEK: 7, Window.MONTH: 30}.get(self)
        return None if days is None else now - timedelta(days=days)


def starts_in(snapshot: StartsSnapshot, window: Window, now: datetime) -> tuple[ColdStart, ...]:
    """Return the known starts of a window, newest first, with the one that goes on before them."""
    since, current = window.since(now), snapshot.going_on
    starts = [each for each in snapshot.starts if since is None or each.began >= since]
    if current is None:
        return tuple(starts)
    others = (each for each in starts if not _same(each, current))
    return current, *others


def timings_in(timings: Sequence[Timing], window: Window, now: datetime) -> Sequence[Timing]:
    """Return the timings of a window; `timings` are oldest first and stay so."""
    since = window.since(now)
    return timings if since is None else timings[bisect_left(timings, since, key=_began) :]


def _began(timing: Timing) -> datetime:
    return timing.began


def _same(one: ColdStart, other: ColdStart) -> bool:
    return (one.instance, one.process) == (other.instance, other.process)
