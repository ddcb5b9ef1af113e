"""How the time of a log line is written: of which zone, or as a distance from another line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from console.language import tr_later


class Times(StrEnum):
    """Which time of a line is shown."""

    UTC = "UTC"
    LOCAL = tr_later("local time")
    RELATIVE = tr_later("from the cursor")

    @property
    def next(self) -> Times:
        """The one after this, in a circle."""
        every = list(Times)
        return every[(every.index(self) + 1) % len(every)]


def clock_time(moment: datetime, zone: tzinfo | None = UTC, *, milliseconds: bool = True) -> str:
    """Return the time of day in `zone`; None means that of this machine."""
    local = moment.astimezone(zone)
    text = f"{local:%H:%M:%S}"
    return f"{text}.{local.microsecond // 1000:03d}" if milliseconds else text


def distance(moment: datetime, reference: datetime, *, milliseconds: bool = True) -> str:
    """Return how long before or after `reference` a moment was, as wide as a time of day."""
    apart = moment - reference
    sign = "-" if apart < timedelta(0) else "+"
    seconds = abs(apart).total_seconds()
    if seconds >= 86_400:
        days, rest = divmod(int(seconds), 86_400)
        text = f"{sign}{days}d{rest // 3600:02d}h"
    elif seconds >= 3600:
        hours, rest = divmod(int(seconds), 3600)
        text = f"{sign}{hours}:{rest // 60:02d}:{rest % 60:02d}"
    elif seconds >= 60:
        minutes, left = divmod(seconds, 60)
        text = (
            f"{sign}{int(minutes)}:{left:06.3f}"
            if milliseconds
            else f"{sign}{int(minutes)}:{int(left):02d}"
        )
    else:
        text = f"{sign}{seconds:.3f}" if milliseconds else f"{sign}{seconds:.1f}"
    return text.rjust(12 if milliseconds else 8)
