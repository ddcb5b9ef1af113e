"""The starts as a table that paints only the rows in sight, however many there are.

Until somebody chooses a start the newest one is chosen; afterwards the chosen one stays, by its
instance and process, while others arrive above it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.model.starts.start import ColdStart, PhaseSpan
from console.model.text import SafeText
from console.widgets.starts.phase_look import START_CLASSES, StartStyles, read_start_styles
from console.widgets.starts.start_row import Columns, Mark, header, start_row

Key = tuple[SafeText, datetime]
Spans = Callable[[ColdStart], Sequence[PhaseSpan]]
Marked = Callable[[ColdStart], Mark]
Why = Callable[[ColdStart], str]
_Looks = tuple[ColdStart, Mark, date, str]

_REMEMBERED: Final = 500
_LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)


def key_of(start: ColdStart) -> Key:
    """Return what tells a start from all others."""
    return start.instance, start.process


class StartTable(ScrollView, can_focus=True, inherit_bindings=False):
    """The table of starts, newest first.

    `spans` tells the phases of a start, `marked` what is to be noticed of it, and `why` what its
    diagnosis says in brief.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False),
        Binding("pagedown,ctrl+f,space", "page(1)", "page down", show=False),
        Binding("home", "newest", "newest", show=False),
        Binding("end,G", "oldest", "oldest", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = START_CLASSES

    empty: reactive[str] = reactive("")
    """What is said in place of starts when there are none."""
    more: reactive[str] = reactive("")
    """What is said after the last start."""

    @dataclass
    class Chosen(Message):
        """Another start is the chosen one, or none is."""

        start: ColdStart | None

    @dataclass
    class ReachedEnd(Message):
        """The cursor was moved down from the last row: older ones may be wanted."""

    def __init__(
        self, spans: Spans, marked: Marked, why: Why = lambda start: "", *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._spans = spans
        self._marked = marked
        self._why = why
        self._starts: tuple[ColdStart, ...] = ()
        self._chosen: Key | None = None
        self._row = 0
        self._now = _LONG_AGO
        self._styles: StartStyles | None = None
        self._painted_in: StartStyles | None = None
        self._painted: dict[tuple[Key, int], tuple[_Looks, Strip]] = {}

    @property
    def chosen(self) -> ColdStart | None:
        """The start under the cursor."""
        return self._starts[self._row] if self._row < len(self._starts) else None

    @property
    def starts(self) -> tuple[ColdStart, ...]:
        """The starts that are shown."""
        return self._starts

    def show(self, starts: Sequence[ColdStart], now: datetime) -> None:
        """Show these, newest first, at the time of day `now`; the chosen one stays chosen.

        What is no longer there gives way to the one that was nearest to it in time.
        """
        before = self.chosen
        same_place = self._row - self.scroll_offset.y
        self._starts, self._now = tuple(starts), now
        self._row = self._row_of(self._chosen)
        self.virtual_size = Size(self.virtual_size.width, self._height_of_all)
        self._keep_in_sight(self._row - same_place)
        self.refresh()
        if self.chosen != before:
            self.post_message(self.Chosen(self.chosen))

    def grow(self, now: datetime) -> None:
        """Paint the first row again, because what it tells of goes on."""
        self._now = now
        y = 1 - self.scroll_offset.y
        if y >= 1:
            self.refresh(Region(0, y, self.size.width, 1))

    def choose(self, start: ColdStart) -> None:
        """Choose this start, if it is shown."""
        if start in self._starts:
            self._go(self._starts.index(start))

    def action_move(self, rows: int) -> None:
        """Move the cursor; going on at the last row may bring older ones."""
        if rows > 0 and self._row >= len(self._starts) - 1:
            self.post_message(self.ReachedEnd())
        self._go(self._row + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a page."""
        self.action_move(pages * max(1, self._room - 1))

    def action_newest(self) -> None:
        """Go to the newest start, and choose the newest from now on."""
        self._go(0)
        self._chosen = None

    def action_oldest(self) -> None:
        """Go to the oldest start shown, and ask for older ones."""
        self.post_message(self.ReachedEnd())
        self._go(len(self._starts) - 1)

    @property
    def _room(self) -> int:
        """How many rows of starts are in sight."""
        return max(1, self.scrollable_content_region.height - 1)

    @property
    def _height_of_all(self) -> int:
        return 1 + len(self._starts) + bool(self.more)

    def _row_of(self, key: Key | None) -> int:
        if key is None or not self._starts:
            return 0
        for row, start in enumerate(self._starts):
            if key_of(start) == key:
                return row
        # Newest first means that times fall.
        later = bisect_left(self._starts, -key[1].timestamp(), key=lambda s: -s.began.timestamp())
        return min(later, len(self._starts) - 1)

    def _go(self, row: int) -> None:
        if not self._starts:
            return
        before, self._row = self.chosen, max(0, min(row, len(self._starts) - 1))
        self._chosen = key_of(self._starts[self._row])
        self._keep_in_sight(self.scroll_offset.y)
        self.refresh()
        if self.chosen is not before:
            self.post_message(self.Chosen(self.chosen))

    def _keep_in_sight(self, top: int) -> None:
        """Scroll so that `top` is the first row, or as far from it as the cursor needs."""
        last = len(self._starts) - 1
        beyond = 1 if self.more and self._row == last else 0
        top = min(top, self._row)
        top = max(top, self._row + beyond - self._room + 1, 0)
        self.scroll_to(y=top, animate=False, immediate=True)

    def watch_more(self) -> None:
        """Make room for what is said after the last row."""
        self.virtual_size = Size(self.virtual_size.width, self._height_of_all)

    def on_resize(self, event: events.Resize) -> None:
        """Keep the cursor in sight."""
        self._keep_in_sight(self.scroll_offset.y)

    def on_click(self, event: events.Click) -> None:
        """Choose the start that was clicked."""
        clicked = event.get_content_offset(self)
        row = None if clicked is None else self.scroll_offset.y + clicked.y - 1
        if row is not None and 0 <= row < len(self._starts):
            self._go(row)

    def notify_style_update(self) -> None:
        """Read the styles again, which may be others now."""
        super().notify_style_update()
        self._styles = None

    def render_line(self, y: int) -> Strip:
        """Paint the names of the columns, or a row in sight."""
        width = self.scrollable_content_region.width
        styles = self._styles or self._read_styles()
        row = self.scroll_offset.y + y - 1
        strip = Strip([])
        if y == 0:
            strip = header(Columns.within(width), styles) if self._starts else strip
        elif row < len(self._starts):
            strip = self._strip(row, width, styles)
        elif row == len(self._starts):
            said = self.more if self._starts else ""
            strip = Strip([Segment(said, styles.muted)])
        if not self._starts and y == 0:
            strip = Strip([Segment(self.empty, styles.muted)])
        return strip.apply_style(styles.base).crop_extend(0, width, styles.base)

    def _strip(self, row: int, width: int, styles: StartStyles) -> Strip:
        start = self._starts[row]
        columns = Columns.within(width)
        why = self._why(start) if columns.why else ""
        looks = start, self._marked(start), self._now.date(), why
        known = self._painted.get((key_of(start), width))
        if known is None or known[0] != looks or looks[1] is Mark.GOING_ON:
            spans = self._spans(start)
            strip = start_row(start, spans, looks[1], self._now, columns, styles, why)
            if len(self._painted) >= _REMEMBERED:
                self._painted.clear()
            known = self._painted[key_of(start), width] = looks, strip
        strip = known[1].crop_extend(0, width, styles.base)
        return strip.apply_style(styles.cursor) if row == self._row else strip

    def _read_styles(self) -> StartStyles:
        styles = self._styles = read_start_styles(self)
        if styles != self._painted_in:
            self._painted.clear()
            self._painted_in = styles
        return styles
