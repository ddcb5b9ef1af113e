"""What a month is paid for: every part with its share, and the lines of one on demand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.getters import query_one

from console.language import tr, tr_later
from console.model.cost.report import CostPart, CostReport
from console.widgets.costs.amounts import column, is_small, left, percent, right, shares
from console.widgets.costs.stackbar import stack_bar, stack_key
from console.widgets.laid_text import Fitted

_GAP = 2
_KEY = 4
_INDENT = 6
_NAME_AT_LEAST = 16
_HEADS = (tr_later("today"), tr_later("so far"), tr_later("month's end"))
_TODAY, _SO_FAR, _END, _SHARE = range(4)


@dataclass(frozen=True, slots=True)
class Layout:
    """How wide the columns are: that of the names, and the others that there is room for."""

    name: int
    shown: tuple[int, ...]
    widths: tuple[int, ...]

    def cells(self, figures: Sequence[str], style: str = "") -> Content:
        """Return the columns of one row after its name."""
        return Content("").join(
            right(figures[place], width, style)
            for place, width in zip(self.shown, self.widths, strict=True)
        )


def breakdown_rows(
    report: CostReport, width: int, cursor: int, opened: frozenset[str], *, colour: bool
) -> tuple[list[Content], list[range]]:
    """Return the rows of a breakdown, and for each part which of them are about it.

    Parts whose names are in `opened` have their lines below them; `cursor` is the place of the
    part that stands out, -1 for none.
    """
    parts = report.parts
    shared = shares(None if each.spending is None else each.spending.so_far.total for each in parts)
    fine = is_small(report.spending.month_end.total)
    figures = [
        (*_figures(part, fine=fine), percent(share))
        for part, share in zip(parts, shared, strict=True)
    ]
    heads = (*map(tr, _HEADS), tr("share") if _all_known(parts) else tr("of known"))
    layout = _layout((heads, *figures), width)
    rows = [
        stack_bar(shared, width, colour=colour),
        Content.assemble(" " * (_KEY + layout.name), layout.cells(heads, "$text-muted")),
    ]
    taken: list[range] = []
    for place, part in enumerate(parts):
        first, here = len(rows), place == cursor
        key = stack_key(place, colour=colour)
        row = _part_row(part, figures[place], key, layout, width, opened=part.name in opened)
        rows.append(row.stylize("reverse" if not colour else "on $panel") if here else row)
        if part.name in opened:
            rows += _lines(part, layout, width, fine=fine)
        taken.append(range(first, len(rows)))
    return rows, taken


def _all_known(parts: Sequence[CostPart]) -> bool:
    return all(each.spending is not None and each.spending.so_far.total.complete for each in parts)


def _figures(part: CostPart, *, fine: bool) -> tuple[str, str, str]:
    spending = part.spending
    if spending is None:
        return ("–", "–", "–")
    return (
        column(spending.today, fine=fine),
        column(spending.so_far.total, fine=fine),
        column(spending.month_end.total, fine=fine),
    )


def _layout(figures: Sequence[Sequence[str]], width: int) -> Layout:
    """Give each column the room that it needs; where there is too little, drop the least."""
    needed = [max(cell_len(row[place]) for row in figures) + _GAP for place in range(4)]
    shown: tuple[int, ...] = (_TODAY, _SO_FAR, _END, _SHARE)
    for dropped in (_TODAY, _SHARE, _END):
        if width - _KEY - sum(needed[place] for place in shown) >= _NAME_AT_LEAST:
            break
        shown = tuple(place for place in shown if place != dropped)
    widths = tuple(needed[place] for place in shown)
    return Layout(max(width - _KEY - sum(widths), 0), shown, widths)


def _part_row(
    part: CostPart,
    figures: Sequence[str],
    key: Content,
    layout: Layout,
    width: int,
    *,
    opened: bool,
) -> Content:
    mark = "▾ " if opened else "▸ "
    if part.spending is None:
        begun = Content.assemble(mark, key, " ", left(tr(part.name), layout.name))
        why = f"  –  {part.note}" if part.note else "  –"
        return Content.assemble(begun, left(why, width - _KEY - layout.name, "$text-muted"))
    name = tr(part.name)
    noted = Content.assemble(name, (f"   {part.note}", "$text-muted"))
    named = noted if part.note and noted.cell_length <= layout.name else Content(name)
    return Content.assemble(mark, key, " ", left(named, layout.name), layout.cells(figures))


def _lines(part: CostPart, layout: Layout, width: int, *, fine: bool) -> list[Content]:
    """Return the lines of a part: what, how it was reckoned, and what it costs."""
    rows: list[Content] = []
    if part.spending is None:
        return _said(part.note or tr("nothing is known of it"), width)
    so_far, end = part.spending.so_far, part.spending.month_end
    names = dict.fromkeys(line.what for line in (*so_far.lines, *end.lines))
    for name in names:
        now, later = so_far.line(name), end.line(name)
        figures = (
            "",
            column(None if now is None else now.amount, fine=fine),
            column(None if later is None else later.amount, fine=fine),
            "",
        )
        known = now or later
        rows += _line_rows(name, known.how if known else "", figures, layout)
    return [*(rows or _said(tr("nothing was used"), width)), *_said(part.note, width)]


def _said(text: str, width: int) -> list[Content]:
    """Return words about a part, in as many rows as they take."""
    shown = Content.styled(text, "$text-muted")
    lines = shown.wrap(max(width - _INDENT, 1)) if text else []
    return [Content.assemble(" " * _INDENT, line) for line in lines]


def _line_rows(name: str, how: str, figures: Sequence[str], layout: Layout) -> list[Content]:
    """Return one row, or two where the way it was reckoned has no room beside the name.

    The name may take the place of today's column, which is empty.
    """
    empty = layout.widths[0] if layout.shown[:1] == (_TODAY,) else 0
    room = _KEY + layout.name + empty
    rest = Layout(0, layout.shown[1:], layout.widths[1:]) if empty else layout
    beside = Content.assemble(f"{' ' * _INDENT}{name}", (f"   {how}" if how else "", "$text-muted"))
    if beside.cell_length <= room:
        return [Content.assemble(left(beside, room), rest.cells(figures))]
    first = Content.assemble(left(f"{' ' * _INDENT}{name}", room), rest.cells(figures))
    return [first, Content.styled(f"        {how}", "$text-muted")] if how else [first]


class CostBreakdown(VerticalScroll):
    """The parts of a month, one of them under the cursor; enter shows or hides its lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
    ]

    text = query_one("#parts", Fitted)

    def __init__(self, *, colour: bool) -> None:
        super().__init__()
        self._colour = colour
        self._report: CostReport | None = None
        self._cursor = 0
        self._opened: frozenset[str] = frozenset()
        self._painted: Content | None = None

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        yield Fitted(id="parts", markup=False)

    def show(self, report: CostReport | None) -> None:
        """Show another report; the cursor and what is open stay."""
        self._report = report
        last = 0 if report is None else max(len(report.parts) - 1, 0)
        self._cursor = min(self._cursor, last)
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the columns out anew."""
        self._paint()

    def action_move(self, by: int) -> None:
        """Go to the part before or after; beyond the last one the page moves."""
        count = 0 if self._report is None else len(self._report.parts)
        wanted = self._cursor + by
        if 0 <= wanted < count:
            self._cursor = wanted
            self._paint()
            self._keep_in_sight()
        else:
            self.scroll_relative(y=by, animate=False)

    def _keep_in_sight(self) -> None:
        """Move the page so that the part under the cursor is seen, with its lines if they fit."""
        report, room = self._report, self.scrollable_content_region.height
        if report is None or not report.parts or room <= 0:
            return
        rows = self._rows()[1][self._cursor]
        top = 0 if self._cursor == 0 else rows.start
        seen = Region(0, top, 1, min(rows.stop - top, room))
        self.scroll_to_region(seen, animate=False)

    def toggle(self) -> None:
        """Show or hide the lines of the part under the cursor."""
        if self._report is not None and self._report.parts:
            self._opened ^= {self._report.parts[self._cursor].name}
            self._paint()
            self.call_after_refresh(self._keep_in_sight)

    def _rows(self) -> tuple[list[Content], list[range]]:
        if self._report is None:
            return [], []
        return breakdown_rows(
            self._report,
            self.scrollable_content_region.width,
            self._cursor,
            self._opened,
            colour=self._colour,
        )

    def _paint(self) -> None:
        shown = Content("\n").join(self._rows()[0])
        if shown != self._painted:
            self._painted = shown
            self.text.update(shown)
