"""The starts that are shown: the newest ones whole, and the figures of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from console.model.starts.snapshot import Timing
from console.model.starts.start import ColdStart
from console.model.starts.statistics import timing
from console.session.history.rows import StartKey, key_of


class ShownStarts:
    """Starts by what tells them apart; at most `limit` of them are kept whole."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._starts: dict[StartKey, ColdStart] = {}
        self._timings: dict[StartKey, Timing] = {}
        self._sorted: tuple[Timing, ...] | None = ()
        self.going_on: ColdStart | None = None

    def recall(self, starts: Iterable[ColdStart], timings: Mapping[StartKey, Timing]) -> None:
        """Take in what was kept; what is known here already is newer."""
        self._timings = {**timings, **self._timings}
        self._starts = {**{key_of(each): each for each in starts}, **self._starts}
        self._sorted = None
        self._trim()

    def put(self, starts: Iterable[ColdStart], gone: Iterable[StartKey] = ()) -> None:
        """Take in starts that are new or better known; `gone` are those that they replace."""
        for key in gone:
            self._timings.pop(key, None)
            self._starts.pop(key, None)
        for each in starts:
            self._timings[key_of(each)] = timing(each)
            self._starts[key_of(each)] = each
        self._sorted = None
        self._trim()

    @property
    def starts(self) -> tuple[ColdStart, ...]:
        """Those that are kept whole, newest first, without the one that goes on."""
        under_way = None if self.going_on is None else key_of(self.going_on)
        return tuple(each for key, each in self._starts.items() if key != under_way)

    @property
    def timings(self) -> tuple[Timing, ...]:
        """The figures of all, oldest first, without those of the one that goes on."""
        if self._sorted is None:
            under_way = None if self.going_on is None else key_of(self.going_on)
            told = [each for key, each in self._timings.items() if key != under_way]
            self._sorted = tuple(sorted(told, key=lambda each: each.began))
        return self._sorted

    def goes_on(self, start: ColdStart | None) -> None:
        """Take note of the start that goes on, if there is one."""
        before, self.going_on = self.going_on, start
        if (before is None) != (start is None) or (before and start and _other(before, start)):
            self._sorted = None

    @property
    def oldest(self) -> datetime | None:
        """When the oldest one began that is kept whole."""
        return min((each.began for each in self._starts.values()), default=None)

    def unfinished(self, before: datetime, within: timedelta) -> datetime | None:
        """Return when the first start began, of those just before, that is not known to the end."""
        return min(
            (
                each.began
                for each in self._timings.values()
                if each.total is None and not each.failed and before - within <= each.began < before
            ),
            default=None,
        )

    def _trim(self) -> None:
        newest = sorted(self._starts.values(), key=lambda each: each.began, reverse=True)
        self._starts = {key_of(each): each for each in newest[: self.limit]}


def _other(one: ColdStart, other: ColdStart) -> bool:
    return key_of(one) != key_of(other)
