"""The seconds along the top of a waterfall."""

from __future__ import annotations

from typing import Final

_STEPS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_APART: Final = 8
"""How many cells lie between two times at least."""


def time_axis(seconds: float, width: int) -> str:
    """Return an axis from 0 to `seconds` with round times on it, `width` cells wide."""
    if seconds <= 0 or width < 4:
        return " " * max(0, width)
    step = next((each for each in _STEPS if each / seconds * width >= _APART), seconds)
    axis = [" "] * width
    for number in range(int(seconds / step) + 1):
        text = _time(number * step)
        place = round(number * step / seconds * width)
        if place + len(text) <= width:
            axis[place : place + len(text)] = text
    return "".join(axis)


def _time(seconds: float) -> str:
    if seconds >= 60 and seconds % 60 == 0:
        return f"{seconds / 60:.0f} min"
    return f"{seconds:g} s"
