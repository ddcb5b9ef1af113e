"""What was measured of a service: one number a minute over the last hour.

What was not measured, or has not arrived yet, is None and never 0: a measurement of Google Cloud
is minutes old when it can be read, and a service at zero is not measured at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Final

from console.model.text import SafeText

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = 60
"""How many minutes are looked at."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A measured value and the end of the minute that it was measured in."""

    value: float
    at: datetime

    def age(self, now: datetime) -> timedelta:
        """Return how old the value is, never less than nothing."""
        return max(now - self.at, timedelta())


@dataclass(frozen=True, slots=True)
class Minutes:
    """One number a minute, oldest first; the last one is of the minute that ends at `end`."""

    end: datetime
    values: tuple[float | None, ...]

    @classmethod
    def of(
        cls, points: Iterable[tuple[datetime, float]], end: datetime, count: int = HOUR
    ) -> Minutes:
        """Put points, each with the end of its minute, into `count` minutes up to `end`.

        Points of the same minute are added up; what is older, later or no number is left out.
        """
        values: list[float | None] = [None] * count
        for at, value in points:
            place = count - 1 - round((end - at) / MINUTE)
            if 0 <= place < count and isfinite(value):
                values[place] = (values[place] or 0.0) + value
        return cls(end, tuple(values))

    @property
    def latest(self) -> Reading | None:
        """The newest number there is."""
        for back, value in enumerate(reversed(self.values)):
            if value is not None:
                return Reading(value, self.end - back * MINUTE)
        return None

    @property
    def total(self) -> float | None:
        """The sum of what was measured; None when nothing was."""
        known = self._known
        return sum(known) if known else None

    @property
    def peak(self) -> float | None:
        """The largest number; None when nothing was measured."""
        return max(self._known, default=None)

    @property
    def _known(self) -> tuple[float, ...]:
        return tuple(value for value in self.values if value is not None)

    def none_else(self, whole: Minutes) -> Minutes:
        """Return the same as a part of `whole`: where only that is known, this is 0."""
        known = zip(self.values, whole.values, strict=True)
        values = (0.0 if part is None and of is not None else part for part, of in known)
        return Minutes(self.end, tuple(values))

    def last(self, count: int) -> Minutes:
        """Return the newest `count` minutes."""
        return Minutes(self.end, self.values[-count:] if count > 0 else ())


@dataclass(frozen=True, slots=True)
class RevisionRequests:
    """How many requests a revision answered, by minute."""

    revision: SafeText
    requests: Minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMetrics:
    """What Cloud Monitoring measured of a service in the hour before `fetched_at`.

    `requests` and `failures` (those answered with 5xx) count answered requests, `revisions` has
    the same by revision. `median_latency` and `slow_latency` are the 50th and the 95th percentile
    of the time that an answer took, in seconds. `active` and `idle` count instances that did and
    did not answer a request. `billable` is the paid time of all instances, `startup` the median
    time that an instance took to start, both in seconds.
    """

    fetched_at: datetime
    requests: Minutes
    failures: Minutes
    revisions: tuple[RevisionRequests, ...]
    median_latency: Minutes
    slow_latency: Minutes
    active: Minutes
    idle: Minutes
    billable: Minutes
    startup: Minutes

    @property
    def measured_at(self) -> datetime | None:
        """The end of the newest minute of which anything is known."""
        series = (self.requests, self.median_latency, self.active, self.idle, self.billable)
        return max((each.latest.at for each in series if each.latest), default=None)

    @property
    def instances(self) -> Reading | None:
        """How many instances there were at the newest moment that is known of."""
        counts = [each.latest for each in (self.active, self.idle) if each.latest]
        newest = max((each.at for each in counts), default=None)
        if newest is None:
            return None
        return Reading(sum(each.value for each in counts if each.at == newest), newest)

    @property
    def request_rate(self) -> Reading | None:
        """Requests a second in the newest minute that is known of."""
        latest = self.requests.latest
        return Reading(latest.value / MINUTE.total_seconds(), latest.at) if latest else None
