"""The rows of a log as they are painted now: which time they show, what is marked in them."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, tzinfo
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from console.model.log.lines import LogEntry, Place
from console.model.log.times import Times, clock_time, distance
from console.widgets.logs.log_painter import (
    NO_STYLE,
    SOURCE_WIDTH,
    LogStyles,
    has_source,
    log_body,
)
from console.widgets.time_limit import TookTooLong, time_limit

MARK: Final = "●"
"""What stands behind the time of a marked line."""

_REMEMBERED: Final = 2_000
_MILLISECONDS_FROM: Final = 100
_LONGEST: Final = 0.5
"""How many seconds may go into finding what is to be marked in one row."""


class LogRows:
    """Paints rows and remembers those painted last; `zone` is what local time means.

    Where lines come from is said from the first line on of which there is something to say.
    """

    def __init__(self, zone: tzinfo | None) -> None:
        self.times = Times.UTC
        self._zone = zone
        self._marks: tuple[re.Pattern[str], ...] = ()
        self._source = False
        self._painted: OrderedDict[int, list[Segment]] = OrderedDict()

    def forget(self) -> None:
        """Forget what was painted, because the styles are others now."""
        self._painted.clear()

    def mark(self, marks: Iterable[re.Pattern[str]]) -> None:
        """Make visible wherever one of `marks` matches."""
        self._marks = tuple(marks)
        self._painted.clear()

    def look_at(self, entries: Iterable[LogEntry]) -> None:
        """Take note of whether there is something to say of where these are from."""
        if not self._source and any(has_source(entry.provenance) for entry in entries):
            self._source = True
            self._painted.clear()

    def widest(self, entries: Iterable[LogEntry | None], room: int) -> int:
        """Return how many cells the longest of these rows takes, where `room` are to be seen."""
        beside = 2 + (SOURCE_WIDTH if self._source else 0)
        stamp = 13 if self._milliseconds(room) else 9
        messages = (cell_len(entry.message) for entry in entries if entry is not None)
        return stamp + beside + max(messages, default=0)

    def row(
        self,
        entry: LogEntry,
        styles: LogStyles,
        sight: slice,
        cursor: Place | None,
        *,
        marked: bool = False,
        selected: slice | None = None,
    ) -> Strip:
        """Paint the cells in `sight` of a row; `cursor` is the place of the line chosen.

        `selected` are the cells of the row that are selected, in sight or not.
        """
        room = sight.stop - sight.start
        row = self._whole(entry, styles, room, cursor, marked=marked).apply_style(styles.base)
        if selected is not None:
            row = _selected(row.extend_cell_length(sight.stop, styles.base), selected, styles)
        goes_on = row.cell_length > sight.stop
        row = row.crop_extend(sight.start, sight.stop, styles.base)
        if not goes_on or not room:
            return row
        return Strip.join([row.crop(0, room - 1), Strip([Segment("›", styles.base + styles.time)])])

    def text(
        self, entry: LogEntry, styles: LogStyles, room: int, cursor: Place | None, cells: slice
    ) -> str:
        """Return what stands in some cells of a row, of which `room` are to be seen at once."""
        row = self._whole(entry, styles, room, cursor, marked=False)
        return row.crop(cells.start, cells.stop).text

    def blank(self, said: str, styles: LogStyles, sight: slice) -> Strip:
        """Paint a row where there is no line, with what is to be said there."""
        row = Strip([Segment(said, styles.base + styles.time)])
        return row.crop_extend(0, sight.stop - sight.start, styles.base)

    def _whole(
        self, entry: LogEntry, styles: LogStyles, room: int, cursor: Place | None, *, marked: bool
    ) -> Strip:
        stamp = Segment(self._stamp(entry, cursor, self._milliseconds(room)), styles.time)
        sign = Segment(MARK, styles.mark) if marked else Segment(" ", styles.time)
        return Strip([stamp, sign, *self._body(entry, styles)])

    def _milliseconds(self, room: int) -> bool:
        return room >= _MILLISECONDS_FROM or not self._source

    def _stamp(self, entry: LogEntry, cursor: Place | None, milliseconds: bool) -> str:
        if self.times is Times.RELATIVE and cursor is not None:
            return distance(entry.time, cursor[0], milliseconds=milliseconds)
        zone = self._zone if self.times is Times.LOCAL else UTC
        return clock_time(entry.time, zone, milliseconds=milliseconds)

    def _body(self, entry: LogEntry, styles: LogStyles) -> list[Segment]:
        body = self._painted.get(entry.seq)
        if body is None:
            body = self._painted_anew(entry, styles)
            self._painted[entry.seq] = body
            if len(self._painted) > _REMEMBERED:
                self._painted.popitem(last=False)
        return body

    def _painted_anew(self, entry: LogEntry, styles: LogStyles) -> list[Segment]:
        try:
            with time_limit(_LONGEST):
                return log_body(entry, styles, marks=self._marks, source=self._source)
        except TookTooLong:
            self._marks = ()
            return log_body(entry, styles, source=self._source)


def _selected(row: Strip, cells: slice, styles: LogStyles) -> Strip:
    """Paint some cells of a row as selected, over whatever they are."""
    first = min(cells.start, row.cell_length)
    last = row.cell_length if cells.stop is None else min(cells.stop, row.cell_length)
    inside = Strip(
        [
            Segment(segment.text, (segment.style or NO_STYLE) + styles.selection)
            for segment in row.crop(first, last)
        ]
    )
    return Strip.join([row.crop(0, first), inside, row.crop(last)])
