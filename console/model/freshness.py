"""How well something shown is known: since when, and why no better.

The same six words hold for everything that the console asks for. What is not `FRESH` is shown
with its age or its reason; what was known last stays on screen meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later
from console.model.text import SafeText

_DAY: Final = timedelta(days=1)
_AGES: Final = (
    (86_400, tr_later("{count} d ago")),
    (3_600, tr_later("{count} h ago")),
    (60, tr_later("{count} min ago")),
)


class Standing(StrEnum):
    """How well something is known."""

    LOADING = "loading"
    FRESH = "fresh"
    STALE = "stale"
    ERROR = "error"
    DENIED = "denied"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Freshness:
    """The standing of one thing that is asked for; `at` is when it was answered last.

    `problem` is one line that says why there is no newer answer, or why there is nothing.
    `again_at` is when it is asked for again, after a failure; `needs` the permission missing.
    """

    standing: Standing = Standing.LOADING
    at: datetime | None = None
    problem: SafeText | None = None
    again_at: datetime | None = None
    needs: str = ""

    def answered(self, at: datetime) -> Freshness:
        """Return the standing after an answer."""
        return Freshness(Standing.FRESH, at)

    def failed(
        self, standing: Standing, problem: SafeText, again_at: datetime | None, needs: str = ""
    ) -> Freshness:
        """Return the standing after a failure; the time of the last answer stays."""
        return Freshness(standing, self.at, problem, again_at, needs)

    @property
    def without_time(self) -> Freshness:
        """The same for whom the time of an answer is no news as long as answers come."""
        return replace(self, at=None) if self.standing is Standing.FRESH else self

    @property
    def troubled(self) -> bool:
        """Whether asking went wrong."""
        return self.standing in (Standing.ERROR, Standing.DENIED)

    @property
    def ages(self) -> bool:
        """Whether what is said about it changes with time alone."""
        return self.standing not in (Standing.FRESH, Standing.LOADING, Standing.ABSENT)


LOADING: Final = Freshness()


@dataclass(frozen=True, slots=True)
class Freshnesses:
    """The standing of each thing that is asked of a cloud."""

    service: Freshness = LOADING
    access: Freshness = LOADING
    metrics: Freshness = LOADING
    log: Freshness = LOADING
    weights: Freshness = LOADING

    @property
    def without_times(self) -> Freshnesses:
        """The same for whom the time of an answer is no news as long as answers come."""
        return Freshnesses(
            self.service.without_time,
            self.access.without_time,
            self.metrics.without_time,
            self.log.without_time,
            self.weights.without_time,
        )

    @property
    def ages(self) -> bool:
        """Whether what is said about any of them changes with time alone."""
        every = (self.service, self.access, self.metrics, self.log, self.weights)
        return any(each.ages for each in every)


def age(at: datetime, now: datetime) -> str:
    """Return how long ago something was, as `3 min ago`; a moment ahead counts as now."""
    seconds = max(0, int((now - at).total_seconds()))
    for size, said in _AGES:
        if seconds >= size:
            return tr(said, count=seconds // size)
    return tr("{count} s ago", count=seconds)


def rough_age(at: datetime, now: datetime) -> str:
    """Return how long ago something was, for what is painted anew only now and then."""
    return age(at, now) if (now - at).total_seconds() >= 60 else tr("<1 min ago")


def moment(at: datetime, now: datetime) -> str:
    """Return a time of day in UTC, with its date when that is another day than `now`."""
    at, now = at.astimezone(UTC), now.astimezone(UTC)
    if now - at < _DAY and at.date() == now.date():
        return f"{at:%H:%M} UTC"
    return f"{at:%Y-%m-%d %H:%M} UTC"


def short_reason(known: Freshness) -> str:
    """Return why there is nothing to show, in a few words; nothing where all is well."""
    match known.standing:
        case Standing.DENIED:
            return tr("needs {permission}", permission=known.needs) if known.needs else tr("denied")
        case Standing.ERROR:
            return tr("no answer") if known.at is None else tr("no new answer")
        case Standing.LOADING:
            return tr("asking …")
        case Standing.ABSENT:
            return known.problem or tr("there is none")
        case _:
            return ""


def as_of(at: datetime, now: datetime) -> str:
    """Return the age of what is shown, as `as of 14:02 UTC, 3 min ago`."""
    return tr("as of {moment}, {age}", moment=moment(at, now), age=age(at, now))


def again(at: datetime, now: datetime) -> str:
    """Return when something is tried again, as `again in 12 s`."""
    seconds = int(-((now - at).total_seconds() // 1))
    if seconds <= 0:
        return tr("asking again")
    return tr("again in {seconds} s", seconds=seconds)


def note(known: Freshness, now: datetime) -> str:
    """Return in a few words how well something is known; nothing while it is fresh."""
    parts = [short_reason(known)]
    if known.standing in (Standing.FRESH, Standing.LOADING, Standing.ABSENT):
        return parts[0]
    if known.at is not None:
        parts.append(as_of(known.at, now))
    if known.again_at is not None:
        parts.append(again(known.again_at, now))
    return " · ".join(part for part in parts if part)


def brief(known: Freshness, now: datetime, also: str = "") -> str:
    """Return the same as `note`, as short as it can be said.

    `also` is what else has to be said; when it is asked again stands behind it, since the last
    words give way first where there is little room.
    """
    if known.at is None or not known.troubled:
        parts = [note(replace(known, needs=""), now), also]
    else:
        at = moment(known.at, now)
        since = tr("no new answer since {moment}", moment=at)
        if known.standing is Standing.DENIED:
            since = tr("denied since {moment}", moment=at)
        parts = [since, also]
        if known.again_at is not None:
            parts.append(again(known.again_at, now))
    return " · ".join(part for part in parts if part)
