"""The storage classes beside each other: keeping a model is cheaper where reading it is dearer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.cells import cell_len
from textual.content import Content

from console.model.cost.storage_choice import ClassChoice, cheapest, conclusion
from console.widgets.amounts import column, is_small, left, right

_GAP = 2
_MARK = 2


def class_table(among: Sequence[ClassChoice], starts: float | None, width: int) -> Content:
    """Return which class to take and why, then a row for each class.

    `starts` is how many cold starts a month read the model; where it is None, the total of a
    month is not known. Where there are no classes, nothing is known of the model. Columns that
    have no room in `width` cells are left out from the right.
    """
    if not among:
        return Content.styled("– what the service reads is not known", "$text-muted")
    best = None if starts is None else cheapest(among)
    heads = ("class", "a month", "a start", _with(starts), "lost at", "minimum")
    fine = all(is_small(each.total) for each in among)
    cells = [_cells(each, known=starts is not None, fine=fine) for each in among]
    widths = _widths((heads, *cells), width)
    rows = [
        *_words(among, starts).wrap(max(width, 1)),
        _row("  ", heads, widths, "$text-muted"),
    ]
    for choice, row in zip(among, cells, strict=True):
        mark, style = ("▸ ", "bold") if choice is best else ("  ", "")
        rows.append(_row(mark, row, widths, style))
    return Content("\n").join(rows)


def _words(among: Sequence[ClassChoice], starts: float | None) -> Content:
    """Return the conclusion, and what the class next to Standard saves and loses."""
    saved = among[1].words if len(among) > 1 else among[0].words
    if starts is None:
        return Content.styled(saved, "bold")
    return Content.assemble((conclusion(among, _whole(starts)), "bold"), f". {saved}")


def _cells(choice: ClassChoice, *, known: bool, fine: bool) -> tuple[str, ...]:
    return (
        choice.storage_class.title(),
        column(choice.keeping, fine=fine),
        column(choice.reading, fine=fine),
        column(choice.total if known else None, fine=fine),
        _lost_at(choice),
        f"{choice.minimum_days} d" if choice.minimum_days else "",
    )


def _lost_at(choice: ClassChoice) -> str:
    """Return how many cold starts a month eat up what a class saves."""
    count = choice.starts_to_lose
    if count is None:
        return ""
    if count <= 0:
        return "no saving"
    whole = count == count.to_integral_value()
    return f"{count:.0f} start{'' if count == 1 else 's'}" if whole else f"{count:.2f} starts"


def _with(starts: float | None) -> str:
    return "starts" if starts is None else f"{_whole(starts):,} starts"


def _whole(starts: float) -> Decimal:
    """Return a number of starts to a tenth, without one where there is none."""
    rounded = Decimal(f"{starts:.1f}")
    whole = rounded.to_integral_value()
    return whole if rounded == whole else rounded


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Return the widths of as many columns as there is room for; the first two always stay."""
    needed = [max(cell_len(row[place]) for row in rows) for place in range(len(rows[0]))]
    while len(needed) > 2 and _MARK + sum(needed) + _GAP * (len(needed) - 1) > width:
        needed.pop()
    return needed


def _row(mark: str, cells: Sequence[str], widths: Sequence[int], style: str) -> Content:
    others = zip(cells[1:], widths[1:], strict=False)
    return Content.assemble(
        mark, left(cells[0], widths[0]), *[right(cell, width + _GAP) for cell, width in others]
    ).stylize(style)
