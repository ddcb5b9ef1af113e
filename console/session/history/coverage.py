"""Which stretches of a log were read whole, and which are still to be read. Pure.

All times are those at which the cloud received a line, because a line may be written long after
the time that it is of.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from console.model.cost.estimate import Window


def joined(stretches: Iterable[Window]) -> tuple[Window, ...]:
    """Return stretches in order, those that touch one another as one."""
    result: list[Window] = []
    for each in sorted(stretches, key=lambda one: (one.start, one.end)):
        if result and each.start <= result[-1].end:
            last = result.pop()
            each = Window(last.start, max(last.end, each.end))
        result.append(each)
    return tuple(result)


def missing(covered: Iterable[Window], wanted: Window) -> tuple[Window, ...]:
    """Return what of `wanted` is in none of `covered`, oldest first."""
    result: list[Window] = []
    since = wanted.start
    for each in joined(covered):
        if each.end <= since:
            continue
        if each.start >= wanted.end:
            break
        if each.start > since:
            result.append(Window(since, each.start))
        since = max(since, each.end)
    if since < wanted.end:
        result.append(Window(since, wanted.end))
    return tuple(result)


def known_since(covered: Iterable[Window], now: datetime) -> datetime | None:
    """Return from when on everything is covered until `now`; None where `now` is not covered."""
    return next((each.start for each in joined(covered) if each.start <= now <= each.end), None)
