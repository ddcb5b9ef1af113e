"""The storage classes beside each other: keeping a model is cheaper where reading it is dearer."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from console.model.cost.report import CostReport
from console.model.cost.storage_choice import ClassChoice, cheapest
from console.widgets.costs.amounts import column, is_small, left, right

_GAP = 2
_MARK = 2


def class_table(report: CostReport, width: int) -> Content:
    """Return which class to take and why, then a row for each class, the cheapest marked.

    In all is a month with its cold starts. Where there are no classes, nothing is known of the
    model. Columns that have no room in `width` cells are left out from the right.
    """
    among = report.classes
    if not among:
        return Content.styled("– what the service reads is not known", "$text-muted")
    best = cheapest(among)
    fine = all(is_small(each.total) for each in among)
    heads = ("class", "a month", "a start", "in all", "lost at", "minimum")
    cells = [_cells(each, now=each.storage_class is report.class_now, fine=fine) for each in among]
    widths = _widths((heads, *cells), width)
    rows = [*_words(report).wrap(max(width, 1)), _row("  ", heads, widths, "$text-muted")]
    for choice, row in zip(among, cells, strict=True):
        mark, style = ("▸ ", "bold") if choice is best else ("  ", "")
        rows.append(_row(mark, row, widths, style))
    return Content("\n").join(rows)


def _words(report: CostReport) -> Content:
    """Return the conclusion, and what the class next to Standard saves and loses."""
    saved = "".join(f". {each.words}" for each in report.classes[1:2])
    return Content.assemble((report.storage_advice, "bold"), saved)


def _cells(choice: ClassChoice, *, now: bool, fine: bool) -> tuple[str, ...]:
    return (
        f"{choice.storage_class.title()}{' (now)' if now else ''}",
        column(choice.keeping, fine=fine),
        column(choice.reading, fine=fine),
        column(choice.total, fine=fine),
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
