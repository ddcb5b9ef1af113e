"""Rates and spans of time as people say them, and as they type them."""

from __future__ import annotations

import re
from typing import Final

from console.language import tr
from console.model.storage import size_text

_RATE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([kKMG]?)(B|b|bit)?(?:/s|ps)?")
_FACTORS: Final = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9}


def parse_rate(text: str) -> float:
    """Return bytes a second: `20M` and `20MB/s` are twenty million, `20Mbit` an eighth of it.

    Raises `ValueError` with the mend for anything else, and for less than a kilobyte.
    """
    match = _RATE.fullmatch(text.strip())
    rate = 0.0
    if match is not None:
        rate = float(match[1]) * _FACTORS[match[2]] / (8 if match[3] in ("b", "bit") else 1)
    if rate < 1_000:
        raise ValueError(
            tr("{text!r} is no rate; write one such as 20M (bytes a second) or 100Mbit", text=text)
        )
    return rate


def rate_text(rate: float) -> str:
    """Return a rate: `18.3 MB/s`."""
    return f"{size_text(round(rate))}/s"


def rough_span_text(seconds: float) -> str:
    """Return a span of time, for what is painted anew only now and then: `<1 min`, `3 h`."""
    return short_span_text(seconds) if seconds >= 60 else tr("<1 min")


def short_span_text(seconds: float) -> str:
    """Return a span of time in the largest unit alone: `42 s`, `12 min`, `3 h`, `6 d`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return tr("{minutes} min", minutes=whole // 60)
    if whole < 86_400:
        return tr("{hours:,} h", hours=whole // 3_600)
    return tr("{days} d", days=whole // 86_400)


def span_text(seconds: float) -> str:
    """Return a span of time to two figures: `42 s`, `6 min`, `1 h 25 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{max(0, whole)} s"
    if whole < 3_600:
        return tr("{minutes} min", minutes=round(seconds / 60))
    hours, minutes = divmod(round(seconds / 60), 60)
    if minutes:
        return tr("{hours:,} h {minutes:02} min", hours=hours, minutes=minutes)
    return tr("{hours:,} h", hours=hours)
