"""The storage classes beside each other: keeping a model is cheaper where reading it is dearer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.cells import cell_len
from textual.content import Content

from console.model.cost.storage_choice import ClassChoice, cheapest, conclusion
from console.widgets.amounts import column, left, right

_GAP = 2
_DAYS_FROM = 56
_MONTHS_STARTS = "a month of it"


def class_table(among: Sequence[ClassChoice], starts: float | None, width: int) -> Content:
    """Return which class to take and why, then a row for each class.

    `starts` is how many cold starts a month reads the model; where it is None, the total of a
    month is not known. Where there are no classes, nothing is known of the model.
    """
    if not among:
        return Content.styled("– what the service reads is not known", "$text-muted")
    best = cheapest(among)
    rows = [_words(among, starts), Content("")]
    heads = ["class", "keep, month", "read, start", _total_head(starts), "lost at", "at least"]
    cells = [_cells(each, known=starts is not None) for each in among]
    shown = len(heads) if width >= _DAYS_FROM else len(heads) - 1
    widths = [max(cell_len(row[place]) for row in (heads, *cells)) for place in range(shown)]
    rows.append(_row("  ", heads[:shown], widths, "$text-muted"))
    for choice, row in zip(among, cells, strict=True):
        mark, style = ("▸ ", "bold") if choice is best else ("  ", "")
        rows.append(_row(mark, row[:shown], widths, style))
    return Content("\n").join(rows)


def _words(among: Sequence[ClassChoice], starts: float | None) -> Content:
    """Return the conclusion, and for each colder class when what it saves is lost."""
    said = [each.words for each in among[1:2]]
    if starts is None:
        return Content.styled(f"{said[0] if said else ''}", "bold")
    return Content.assemble(
        (conclusion(among, _whole(starts)), "bold"), *[f". {each}" for each in said]
    )


def _cells(choice: ClassChoice, *, known: bool) -> list[str]:
    return [
        choice.storage_class.title(),
        column(choice.keeping),
        column(choice.reading),
        column(choice.total if known else None),
        _lost_at(choice),
        f"{choice.minimum_days} d" if choice.minimum_days else "",
    ]


def _lost_at(choice: ClassChoice) -> str:
    """Return how many cold starts a month eat up what a class saves."""
    if choice.starts_to_lose is None:
        return ""
    if choice.starts_to_lose <= 0:
        return "no saving"
    count = choice.starts_to_lose
    shown = f"{count:.0f}" if count == count.to_integral_value() else f"{count:.2f}"
    return f"{shown} start{'' if count == 1 else 's'}"


def _total_head(starts: float | None) -> str:
    return _MONTHS_STARTS if starts is None else f"{_whole(starts):,} starts"


def _whole(starts: float) -> Decimal:
    """Return a number of starts without digits that say nothing."""
    rounded = Decimal(f"{starts:.1f}")
    return rounded.to_integral_value() if rounded == rounded.to_integral_value() else rounded


def _row(mark: str, cells: Sequence[str], widths: Sequence[int], style: str) -> Content:
    first = left(cells[0], widths[0])
    others = [right(cell, width + _GAP) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return Content.assemble(mark, first, *others).stylize(style)
