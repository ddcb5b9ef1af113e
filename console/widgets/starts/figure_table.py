"""Figures of phases as a narrow table: the phases down, what is told of them across."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip

from console.language.cells import to_the_right
from console.widgets.starts.phase_look import NO_STYLE, StartStyles

_VALUE: Final = 8
_NARROW_VALUE: Final = 7
_NAME: Final = 12


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row: the letter and name of a phase, and its figures; `notable` ones stand out.

    Where there is no room for all rows, those of the least `weight` are left out.
    """

    sign: str
    name: str
    values: tuple[str, ...]
    notable: bool = False
    weight: float = 0.0


def weightiest(rows: Sequence[FigureRow], most: int) -> list[FigureRow]:
    """Return at most so many rows in their order: notable ones, then those of the most weight."""
    chosen = sorted(rows, key=lambda row: (not row.notable, -row.weight))[: max(0, most)]
    return [row for row in rows if row in chosen]


def figure_table(
    header: Sequence[str], rows: Sequence[FigureRow], width: int, styles: StartStyles
) -> list[Strip]:
    """Paint a table in `width` cells; names give way to figures, then the last columns do."""
    each = _VALUE if 2 + _NAME + _VALUE * len(header) <= width else _NARROW_VALUE
    columns = max(1, min(len(header), (width - 2) // each))
    name = max(0, min(_NAME, width - 2 - each * columns))
    painted = [_row(FigureRow(" ", "", tuple(header)), columns, each, name, styles, head=True)]
    painted += [_row(row, columns, each, name, styles) for row in rows]
    return painted


def _row(
    row: FigureRow, columns: int, each: int, name: int, styles: StartStyles, *, head: bool = False
) -> Strip:
    named = Content(row.name).truncate(name, ellipsis=True, pad=True).plain if name else ""
    values = "".join(to_the_right(value, each) for value in row.values[:columns])
    style = styles.muted if head else styles.warning if row.notable else NO_STYLE
    return Strip(
        [Segment(row.sign, styles.phase(row.sign)), Segment(f" {named}"), Segment(values, style)]
    )
