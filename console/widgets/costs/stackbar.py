"""Shares of a whole as one bar: in colours to an eighth of a cell, or in patterns without them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from textual.content import Content

_EIGHTHS = "▏▎▍▌▋▊▉"
_COLOURS = ("$primary", "$secondary", "$success", "$foreground", "$text-muted", "$accent")
_PATTERNS = "█▒▓░╳·"
_NOTHING = "·"


def stack_key(place: int, *, colour: bool) -> Content:
    """Return the sign by which the part at `place` is known in the bar."""
    if colour:
        return Content.styled("█", _COLOURS[place % len(_COLOURS)])
    return Content(_PATTERNS[place % len(_PATTERNS)])


def stack_bar(shares: Sequence[Decimal | None], width: int, *, colour: bool) -> Content:
    """Draw the shares, which add up to 1, one after the other in `width` cells.

    One above 0 can always be seen, as long as there is a cell for each. Without colours a part
    has the pattern of its `stack_key`.
    """
    wanted = [Decimal(0) if each is None else each for each in shares]
    if width <= 0 or not any(wanted):
        return Content.styled(_NOTHING * max(width, 0), "$text-muted")
    if not colour:
        cells = _apportioned(wanted, width)
        return Content(
            "".join(_PATTERNS[place % len(_PATTERNS)] * each for place, each in enumerate(cells))
        )
    return _coloured(_apportioned(wanted, 8 * width), width)


def _apportioned(wanted: Sequence[Decimal], whole: int) -> list[int]:
    """Return whole numbers that add up to `whole`, as near to the shares as that can be.

    What is above nothing gets one at least, at the cost of the largest.
    """
    exact = [each * whole for each in wanted]
    given = [max(int(each), 1 if each else 0) for each in exact]
    order = sorted(range(len(exact)), key=lambda place: given[place] - exact[place])
    for place in order:
        if sum(given) < whole and exact[place]:
            given[place] += 1
    while sum(given) != whole:
        given[given.index(max(given))] += 1 if sum(given) < whole else -1
    return given


def _coloured(eighths: Sequence[int], width: int) -> Content:
    """Draw parts of so many eighths of a cell; a cell with an edge in it shows two of them."""
    owners = [place for place, count in enumerate(eighths) for _ in range(count)]
    pieces: list[tuple[str, str]] = []
    for cell in range(width):
        inside = owners[8 * cell : 8 * cell + 8]
        first, last = inside[0], inside[-1]
        colour = _COLOURS[first % len(_COLOURS)]
        if first == last:
            pieces.append(("█", colour))
        else:
            edge = _EIGHTHS[max(inside.count(first), 1) - 1]
            pieces.append((edge, f"{colour} on {_COLOURS[last % len(_COLOURS)]}"))
    return Content.assemble(*pieces)
