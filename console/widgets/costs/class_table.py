"""The storage classes beside each other: keeping a model is cheaper where reading it is dearer."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from console.language import tr, tr_many
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
        return Content.styled(tr("– what the service reads is not known"), "$text-muted")
    best = cheapest(among)
    fine = all(is_small(each.total) for each in among)
    heads = (
        tr("class"),
        tr("a month"),
        tr("a start"),
        tr("in all"),
        tr("lost at"),
        # The blank tells it from the minimum of instances, another word in other languages.
        tr("minimum ").rstrip(),
    )
    cells = [_cells(each, now=each.storage_class is report.class_now, fine=fine) for each in among]
    widths = _widths((heads, *cells), width)
    rows = [*_words(report).wrap(max(width, 1)), _row("  ", heads, widths, "$text-muted")]
    for choice, row in zip(among, cells, strict=True):
        mark, style = ("▸ ", "bold") if choice is best else ("  ", "")
        rows.append(_row(mark, row, widths, style))
    return Content("\n").join(rows)


def _words(report: CostReport) -> Content:
    """Return the conclusion, and what the class next to Standard saves and loses."""
    advice = Content.styled(report.storage_advice, "bold")
    return Content(tr(". ")).join([advice, *(Content(each.words) for each in report.classes[1:2])])


def _cells(choice: ClassChoice, *, now: bool, fine: bool) -> tuple[str, ...]:
    kind = choice.storage_class.title()
    return (
        tr("{kind} (now)", kind=kind) if now else kind,
        column(choice.keeping, fine=fine),
        column(choice.reading, fine=fine),
        column(choice.total, fine=fine),
        _lost_at(choice),
        tr("{days} d", days=choice.minimum_days) if choice.minimum_days else "",
    )


def _lost_at(choice: ClassChoice) -> str:
    """Return how many cold starts a month eat up what a class saves."""
    count = choice.starts_to_lose
    if count is None:
        return ""
    if count <= 0:
        return tr("no saving")
    whole = count == count.to_integral_value()
    if whole:
        return tr_many("{count:,} start", "{count:,} starts", int(count))
    return tr("{count:.2f} starts", count=count)


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
