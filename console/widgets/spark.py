"""Numbers over time as one row of small bars; what was not measured is a dot and not a zero."""

from __future__ import annotations

from collections.abc import Sequence

_BARS = "▁▂▃▄▅▆▇█"
_UNKNOWN = "·"


def spark(values: Sequence[float | None], width: int) -> str:
    """Draw `values`, oldest first, in at most `width` cells, the tallest bar for the largest.

    Where there are more values than cells, neighbours are added up.
    """
    if width <= 0 or not values:
        return ""
    each = -(-len(values) // width)
    # The newest cell is whole, so that it does not shrink when a minute begins.
    first = len(values) % each
    groups = [values[:first]] if first else []
    groups += [values[start : start + each] for start in range(first, len(values), each)]
    sums = [_sum(group) for group in groups]
    largest = max((one for one in sums if one is not None), default=0.0)
    return "".join(_bar(one, largest) for one in sums)


def _sum(group: Sequence[float | None]) -> float | None:
    known = [value for value in group if value is not None]
    return sum(known) if known else None


def _bar(value: float | None, largest: float) -> str:
    if value is None:
        return _UNKNOWN
    if largest <= 0:
        return _BARS[0]
    return _BARS[min(len(_BARS) - 1, round(value / largest * (len(_BARS) - 1)))]


def share_bar(percent: int, width: int) -> str:
    """Draw a share of 100 as a bar of `width` cells; one above 0 can always be seen."""
    filled = round(width * percent / 100)
    filled = max(filled, 1) if percent > 0 else 0
    return "█" * min(filled, width) + "░" * (width - min(filled, width))
