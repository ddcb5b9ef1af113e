"""Changes of a deployment beside each other: what a month and the waiting would be with each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.cells import cell_len
from textual.content import Content

from console.language import tr, tr_later
from console.model.cost.estimate import Line
from console.model.cost.money import CENT, UNKNOWN_TEXT, Amount, dollars
from console.model.cost.what_if import Dimension, WhatIf
from console.widgets.costs.amounts import column, left, right, signs

_GAP = 2
_PICTURES_FROM = 60
_INFINITE = Decimal("Infinity")
_SAVES, _COSTS = "$success", "$warning"
_HEADS = (tr_later("a month"), tr_later("first start"), tr_later("pictures"))
_SHORT = {
    Dimension.STORAGE_CLASS: tr_later("class"),
    Dimension.REGION: tr_later("region"),
    Dimension.MIN_INSTANCES: tr_later("min"),
    Dimension.PROCESSOR: tr_later("GPU/CPU"),
    Dimension.CONCURRENCY: tr_later("concurrency"),
    Dimension.QUANTISATION: tr_later("quantisation"),
}


def by_saving(what_ifs: Sequence[WhatIf], dimension: Dimension | None) -> tuple[WhatIf, ...]:
    """Return the changes of one dimension, or of all, those that save most first.

    What cannot be said comes last.
    """
    asked = [each for each in what_ifs if dimension is None or each.dimension is dimension]
    return tuple(sorted(asked, key=_likely))


def dimensions(what_ifs: Sequence[WhatIf]) -> tuple[Dimension, ...]:
    """Return the dimensions in which there is a change, in their usual order."""
    present = {each.dimension for each in what_ifs}
    return tuple(each for each in Dimension if each in present)


def dimension_row(present: Sequence[Dimension | None], place: int) -> Content:
    """Return the names of the dimensions in one row, the one at `place` marked; None is all."""
    names = [tr("all") if each is None else tr(_SHORT[each]) for each in present]
    return Content("").join(
        Content.styled(f" {name} ", "bold $primary on $panel" if here == place else "$text-muted")
        for here, name in enumerate(names)
    )


def what_if_rows(what_ifs: Sequence[WhatIf], width: int) -> tuple[Content, list[Content]]:
    """Return the row of heads, and one row for each change; pictures only where there is room."""
    count = 3 if width >= _PICTURES_FROM else 2
    heads = tuple(map(tr, _HEADS[:count]))
    figures = [(_difference(each.difference), *_waits(each))[:count] for each in what_ifs]
    widths = [
        max(cell_len(row[place]) for row in (heads, *figures)) + _GAP for place in range(count)
    ]
    name = max(width - sum(widths), 12)
    head = Content.assemble(" " * name, _cells(heads, widths, "$text-muted"))
    rows = [
        Content.assemble(
            left(each.change, name),
            right(row[0], widths[0], _style(each.difference)),
            _cells(row[1:], widths[1:], ""),
        )
        for each, row in zip(what_ifs, figures, strict=True)
    ]
    return head, rows


def what_if_detail(chosen: WhatIf, width: int) -> Content:
    """Return a change in words, and each line of the month before and after it."""
    before = {line.what: line for line in chosen.before.lines}
    after = {line.what: line for line in chosen.after.lines}
    rows = [_month_row(name, before.get(name), after.get(name), width) for name in _paired(chosen)]
    total = _months(
        tr("in all"), column(chosen.before.total), column(chosen.after.total), width
    ).stylize("bold")
    return Content("\n").join([Content.styled(chosen.words, "bold"), *rows, total])


def _paired(chosen: WhatIf) -> list[str]:
    """Return the names of lines of both months that cost anything in one of them."""
    lines = (*chosen.before.lines, *chosen.after.lines)
    return list(dict.fromkeys(line.what for line in lines if column(line.amount) != "$0.00"))


def _month_row(name: str, before: Line | None, after: Line | None, width: int) -> Content:
    return _months(
        name,
        "" if before is None else column(before.amount),
        "" if after is None else column(after.amount),
        width,
    )


def _months(name: str, before: str, after: str, width: int) -> Content:
    each = 20 if width >= _PICTURES_FROM else 16
    return Content.assemble(
        left(f"  {name}", max(width - 2 * each - 3, 0)),
        right(before, each),
        (" → ", "$text-muted"),
        left(after, each),
    )


def _difference(more: Amount) -> str:
    """Return a likely difference with its sign: `−$0.15`, `+$759.42`, `the same`, `–`."""
    return UNKNOWN_TEXT if more.known is None else f"{_signed(more.known.likely)}{signs(more)}"


def _signed(value: Decimal) -> str:
    if abs(value) < CENT / 2:
        return tr("the same")
    size = dollars(max(abs(value), CENT))
    return f"+{size}" if value > 0 else f"−{size}"


def _waits(change: WhatIf) -> tuple[str, str]:
    burst = _seconds(change.burst_seconds)
    if burst and change.at_once != 1:
        burst = tr("{seconds} for {count}", seconds=burst, count=change.at_once)
    return _seconds(change.start_seconds), burst


def _seconds(more: Decimal) -> str:
    """Return how much longer something takes, nothing for less than a second."""
    if abs(more) < 1:
        return ""
    return f"{'+' if more > 0 else '−'}{abs(more):,.0f} s"


def _cells(figures: Sequence[str], widths: Sequence[int], style: str) -> Content:
    return Content("").join(
        right(figure, width, style) for figure, width in zip(figures, widths, strict=True)
    )


def _style(more: Amount) -> str:
    if more.known is None:
        return "$text-muted"
    likely = more.known.likely
    return "" if abs(likely) < CENT / 2 else _SAVES if likely < 0 else _COSTS


def _likely(change: WhatIf) -> Decimal:
    known = change.difference.known
    return _INFINITE if known is None else known.likely
