"""The files here beside those in the bucket, one of them under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.getters import query_one
from textual.message import Message

from console.language import tr, tr_later
from console.model.cost.prices import PriceList
from console.model.models.file_rows import FileRow, Match
from console.model.models.rate_text import rough_span_text
from console.model.models.stored_price import price_a_month, price_of_parts
from console.model.storage import size_text
from console.widgets.costs.amounts import column, is_small, left, right
from console.widgets.laid_text import Fitted
from console.widgets.models.rows import ABSENT, part_words

_CURSOR: Final = 2
_PART: Final = 13
_SIZE: Final = 10
_MATCH: Final = 14
_CLASS: Final = 10
_AGE: Final = 11
_MONTH: Final = 10
_HEADS: Final = (
    tr_later("part"),
    tr_later("file"),
    tr_later("here"),
    tr_later("there"),
    tr_later("class"),
    tr_later("age"),
    tr_later("a month"),
)
_LOOKS: Final = {
    Match.SAME: ("✓", "$success"),
    Match.DIFFERENT: ("✗", "$error"),
    Match.ALIKE: ("≈", "$text-muted"),
    Match.ONLY_HERE: ("▲", "$warning"),
    Match.ONLY_THERE: ("○", "$text-muted"),
    Match.LEFT_OUT: ("✗", "$warning"),
    Match.REPLACED: ("▫", "$text-muted"),
    Match.DELETED: ("▫", "$text-muted"),
    Match.UNFINISHED: ("▲", "$warning"),
    Match.UNKNOWN: ("", "$text-muted"),
}


def match_text(row: FileRow) -> tuple[str, str]:
    """Return how a file stands to its object in a word or two, and in which style."""
    mark, style = _LOOKS[row.match]
    return f"{mark} {row.match.words}".strip(), style


def month_text(row: FileRow, region: str, prices: PriceList | None) -> str:
    """Return what a month of an object costs, `–` where that is not known."""
    if prices is None or (row.there is None and row.upload is None):
        return ABSENT
    cost = (
        price_of_parts(row.upload, region, prices)
        if row.upload is not None
        else price_a_month(row.there, region, prices)
        if row.there is not None
        else None
    )
    return column(cost, fine=cost is not None and is_small(cost))


def size_here(row: FileRow) -> str:
    """Return the size of the file here."""
    return ABSENT if row.here is None else size_text(row.here.size)


def size_there(row: FileRow) -> str:
    """Return the size of the object, or of the parts of an upload."""
    if row.there is not None:
        return size_text(row.there.size)
    size = None if row.upload is None else row.upload.bytes
    return ABSENT if size is None else size_text(size)


def since(row: FileRow, now: datetime) -> str:
    """Return how old it is: of the object, else of the file here."""
    at = row.here.modified if row.here is not None else None
    if row.there is not None:
        at = row.there.since or row.there.created
    elif row.upload is not None:
        at = row.upload.started
    return ABSENT if at is None else rough_span_text((now - at).total_seconds())


class _Columns:
    """Which columns there is room for, and how wide the name is."""

    def __init__(self, width: int) -> None:
        self.part = width >= 72
        self.more = width >= 106
        # The longest words fill the column, and another one follows where there is room.
        self.match = _MATCH + 2 * self.more
        taken = _CURSOR + 2 * _SIZE + 2 + self.match
        taken += _PART if self.part else 0
        taken += _CLASS + _AGE + _MONTH if self.more else 0
        self.name = max(width - taken, 8)

    def row(self, cells: Sequence[str], style: str, match: tuple[str, str]) -> Content:
        """Return a row of part, name, here, there, class, age and month."""
        part, name, here, there, storage_class, age, month = cells
        return Content.assemble(
            left(part, _PART, style) if self.part else "",
            left(name, self.name, style),
            right(here, _SIZE, style),
            right(there, _SIZE, style),
            "  ",
            left(match[0], self.match, match[1]),
            left(storage_class, _CLASS, style) if self.more else "",
            right(age, _AGE, style) if self.more else "",
            right(month, _MONTH, style) if self.more else "",
        )


def table_rows(
    rows: Sequence[FileRow],
    cursor: int,
    region: str,
    prices: PriceList | None,
    now: datetime,
    width: int,
    *,
    colour: bool,
) -> list[Content]:
    """Return the head and a row for each file; `cursor` is the place of the chosen one."""
    columns = _Columns(width)
    heads = [tr(each) for each in _HEADS]
    bytes_head = (tr("bytes"), "$text-muted")
    shown = [Content.assemble("  ", columns.row(heads, "$text-muted", bytes_head))]
    for place, row in enumerate(rows):
        storage_class = row.there.storage_class.lower() if row.there is not None else ABSENT
        cells = (
            part_words(row.part),
            row.name,
            size_here(row),
            size_there(row),
            storage_class or ABSENT,
            since(row, now),
            month_text(row, region, prices),
        )
        mark = "▸ " if place == cursor else "  "
        painted = Content.assemble(mark, columns.row(cells, "", match_text(row)))
        if place == cursor:
            painted = painted.stylize("on $panel" if colour else "reverse")
        shown.append(painted)
    return shown


class FileTable(VerticalScroll):
    """The files, one of them chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("home", "move(-9999)", "first", show=False),
        Binding("end,G", "move(9999)", "last", show=False),
    ]

    text = query_one("#files", Fitted)

    class Chosen(Message):
        """Another file is under the cursor."""

    def __init__(self, *, colour: bool) -> None:
        super().__init__()
        self._colour = colour
        self._rows: tuple[FileRow, ...] = ()
        self._cursor = 0
        self._moved = False
        self._region = ""
        self._prices: PriceList | None = None
        self._now: datetime | None = None
        self._painted: Content | None = None

    @property
    def chosen(self) -> FileRow | None:
        """The file under the cursor."""
        return self._rows[self._cursor] if self._cursor < len(self._rows) else None

    def compose(self) -> ComposeResult:
        """Lay out the rows."""
        yield Fitted(id="files", markup=False)

    def show(
        self, rows: tuple[FileRow, ...], region: str, prices: PriceList | None, now: datetime
    ) -> None:
        """Show these; what is chosen stays chosen as long as it is there."""
        before = self.chosen
        self._rows, self._region, self._prices, self._now = rows, region, prices, now
        keys = [each.key for each in rows]
        # Before anybody chose, it is the first one, whichever side is known first.
        if self._moved and before is not None and before.key in keys:
            self._cursor = keys.index(before.key)
        self._cursor = min(self._cursor, max(len(rows) - 1, 0))
        self._paint()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the columns out anew."""
        self._paint()

    def action_move(self, by: int) -> None:
        """Go to another file."""
        wanted = max(0, min(self._cursor + by, len(self._rows) - 1))
        if wanted != self._cursor:
            self._cursor, self._moved = wanted, True
            self._paint()
            top = 0 if wanted == 0 else wanted + 1
            self.scroll_to_region(Region(0, top, 1, 1), animate=False)
            self.post_message(self.Chosen())

    def _paint(self) -> None:
        width = self.scrollable_content_region.width
        if self._now is None or width <= 0:
            return
        shown = Content("\n").join(
            table_rows(
                self._rows,
                self._cursor,
                self._region,
                self._prices,
                self._now,
                width,
                colour=self._colour,
            )
        )
        if shown != self._painted:
            self._painted = shown
            self.text.update(shown)
