"""Rates and spans of time as people say them, and as they type them."""

from __future__ import annotations

import re
from typing import Final

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
        raise ValueError(f"{text!r} is no rate; write one such as 20M (bytes a second) or 100Mbit")
    return rate


def rate_text(rate: float) -> str:
    """Return a rate: `18.3 MB/s`."""
    return f"{size_text(round(rate))}/s"


def span_text(seconds: float) -> str:
    """Return a span of time to two figures: `42 s`, `6 min`, `1 h 25 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{max(0, whole)} s"
    if whole < 3_600:
        return f"{round(seconds / 60)} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours:,} h {minutes:02} min" if minutes else f"{hours:,} h"
