"""The seconds along the top of a waterfall."""

from __future__ import annotations

from typing import Final

_STEPS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
_APART: Final = 8
"""How many cells lie between two times at least."""


def time_axis(seconds: float, width: int) -> str:
    """Return an axis from 0 to `seconds`, `width` cells wide, with round times and the last one."""
    if seconds <= 0 or width < 4:
        return " " * max(0, width)
    step = next((each for each in _STEPS if each / seconds * width >= _APART), seconds)
    axis = [" "] * width
    for number in range(int(seconds / step) + 1):
        text = _time(number * step)
        place = round(number * step / seconds * width)
        if place + len(text) <= width:
            axis[place : place + len(text)] = text
    last = _time(round(seconds, 1 if seconds < 10 else None))
    room = axis[-len(last) - 2 :]
    if len(room) == len(last) + 2 and not "".join(room).strip():
        axis[-len(last) :] = last
    return "".join(axis)


def _time(seconds: float) -> str:
    if seconds >= 60 and seconds % 60 == 0:
        return f"{seconds / 60:.0f} min"
    return f"{seconds:g} s"
