"""Lines of a log as a list that follows its end, paints only the rows in sight, and never jumps.

What is being read is remembered by its place in time, so neither new lines nor late ones, nor
those read from further back, nor those that had to leave move it. Following means that the
cursor is on the last row; going up pauses, and the lines that arrive meanwhile are counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.model.log.index import LogIndex
from console.model.log.lines import LogEntry, Place
from console.model.log.marks import LogMarks
from console.model.log.store import LogStore
from console.model.log.times import Times
from console.widgets.logs.log_painter import LOG_CLASSES, LogStyles, read_styles
from console.widgets.logs.log_rows import LogRows
from console.widgets.logs.log_selection import LogSelection


class LogList(ScrollView, can_focus=True, inherit_bindings=False):
    """The rows of a `LogStore`, one of them under a cursor, some of them selected or marked.

    `zone` is what local time means, None that of this machine.
    """

    ALLOW_SELECT = False  # What is selected is ours to say: the rows move while lines arrive.

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("down,j", "move(1)", "down", show=False),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False),
        Binding("pagedown,ctrl+f,space", "page(1)", "page down", show=False),
        Binding("left,h", "shift(-8)", "left", show=False),
        Binding("right,l", "shift(8)", "right", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = LOG_CLASSES

    following: reactive[bool] = reactive(True)
    cursor: reactive[Place | None] = reactive[Place | None](None)
    times: reactive[Times] = reactive(Times.UTC)
    empty: reactive[str] = reactive("")
    """What is said in place of lines when there are none."""

    @dataclass
    class Opened(Message, namespace="log_view"):
        """A line was chosen to be seen in full."""

        entry: LogEntry

    @dataclass
    class Moved(Message, namespace="log_view"):
        """Rows, filter, cursor or following changed: whoever describes the view looks again."""

    @dataclass
    class ReachedTop(Message, namespace="log_view"):
        """The cursor was moved up from the first row: what is before that may be wanted."""

    def __init__(
        self, store: LogStore, *, zone: tzinfo | None = None, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self.marks = LogMarks(store)
        self.selection = LogSelection()
        self._index = LogIndex(store)
        self._rows = LogRows(zone)
        self._styles: LogStyles | None = None
        self._paused_at: Place | None = None
        self._top: Place | None = None
        self._arranging = False

    @property
    def rows(self) -> int:
        """How many lines pass the filter."""
        return len(self._index)

    @property
    def total(self) -> int:
        """How many lines there are to choose from."""
        return self._index.total

    @property
    def arrived_since_pause(self) -> int:
        """How many lines are shown that are newer than the newest one when following paused."""
        if self.following or self._paused_at is None:
            return 0
        moment, number = self._paused_at
        return self.rows - self._index.row_of((moment, number + 1))

    @property
    def entry(self) -> LogEntry | None:
        """The line under the cursor."""
        return None if self.cursor is None else self._index.entry_at(self._row)

    def entries(self) -> list[LogEntry]:
        """Return every line that passes the filter, oldest first."""
        return self._index.entries()

    def follow(self, following: bool) -> None:
        """Follow the end from now on, or stop."""
        if self.following and not following:
            newest = self._index.entry_at(self.rows - 1)
            self._paused_at = newest.place if newest is not None else None
            self._remember_top()
        self.following = following
        if following:
            self._to_end()
        self._told()

    def go_to_start(self) -> None:
        """Stop following and go to the oldest line."""
        if self.rows:
            self.follow(False)
            self._go(0)
        self.post_message(self.ReachedTop())

    def action_move(self, rows: int) -> None:
        """Move the cursor; reaching the last row follows again."""
        if rows < 0 and self._row == 0:
            self.post_message(self.ReachedTop())
        self._move_to(self._row + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a page."""
        self.action_move(pages * max(1, self._height - 1))

    def action_shift(self, cells: int) -> None:
        """Look further to the left or right; the offset stays while lines arrive."""
        self.scroll_relative(x=cells, animate=False)

    def open_line(self) -> None:
        """Show the line under the cursor in full."""
        entry = self.entry
        if entry is not None:
            self.post_message(self.Opened(entry))

    @property
    def _row(self) -> int:
        return 0 if self.cursor is None else self._index.row_of(self.cursor)

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    def _move_to(self, row: int) -> None:
        last = self.rows - 1
        if last < 0:
            return
        row = max(0, min(last, row))
        self.follow(row == last)
        self._go(row)
        self._told()

    def _go(self, row: int) -> None:
        row = max(0, min(row, self.rows - 1))
        entry = self._index.entry_at(row)
        if entry is None:
            return
        self.cursor = entry.place
        top = self.scroll_offset.y
        if row < top:
            top = row
        elif row >= top + self._height:
            top = row - max(1, self._height) + 1
        self._look_from(top)
        self._remember_top()

    def _to_end(self) -> None:
        newest = self._index.entry_at(self.rows - 1)
        if newest is not None:
            self.cursor = newest.place
        self._look_from(self.rows - self._height)

    def _rearranged(self) -> None:
        """Rows came or went: what was the first row in sight stays it, or while following the end.

        It does so too while it is filtered out, until the person goes elsewhere.
        """
        if self.following:
            self._to_end()
        elif self._top is not None:
            self._look_from(self._index.row_of(self._top))
        self._told()

    def _look_from(self, top: int) -> None:
        top = max(0, min(top, self.rows - self._height))
        in_sight = (self._index.entry_at(row) for row in range(top, top + self._height))
        widest = self._rows.widest(in_sight, self.scrollable_content_region.width)
        self._arranging = True
        self._extend_to(Size(max(widest, self.virtual_size.width), self.rows))
        self.scroll_to(y=top, animate=False, immediate=True, force=True)
        self._arranging = False
        self.refresh()

    def _extend_to(self, size: Size) -> None:
        """Take note of how much there is; the layout of the screen depends on bars alone."""
        if self.show_vertical_scrollbar and size.height > self._height:
            self.set_reactive(ScrollView.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    def _remember_top(self) -> None:
        entry = self._index.entry_at(self.scroll_offset.y)
        self._top = entry.place if entry is not None else None

    def _told(self) -> None:
        self.post_message(self.Moved())

    def watch_times(self, times: Times) -> None:
        """Paint other times."""
        self._rows.times = times
        self._told()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling by the bar at the side pauses, and at its end follows again."""
        super().watch_scroll_y(old_value, new_value)
        if self._arranging or not self.is_mounted:
            return
        top = round(new_value)
        if top + self._height >= self.rows:
            self.follow(True)
        else:
            self.follow(False)
            self._go(max(top, min(self._row, top + self._height - 1)))

    def on_resize(self, event: events.Resize) -> None:
        """Keep the end in sight while following."""
        if self.following:
            self._to_end()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Looking up pauses."""
        event.stop()
        event.prevent_default()
        self.action_move(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Looking down to the last row follows again."""
        event.stop()
        event.prevent_default()
        self.action_move(3)

    def notify_style_update(self) -> None:
        """Forget what was painted in the styles of before."""
        super().notify_style_update()
        self._styles = None
        self._rows.forget()

    @property
    def _looks(self) -> LogStyles:
        if self._styles is None:
            self._styles = read_styles(self)
        return self._styles

    def render_line(self, y: int) -> Strip:
        """Paint one row in sight."""
        styles = self._looks
        left, top = self.scroll_offset
        sight = slice(left, left + self.scrollable_content_region.width)
        entry = self._index.entry_at(top + y)
        if entry is None:
            return self._rows.blank(self.empty if y == 0 and not self.rows else "", styles, sight)
        styles = styles.chosen if entry.place == self.cursor and self.has_focus else styles
        return self._rows.row(
            entry,
            styles,
            sight,
            self.cursor,
            marked=entry in self.marks,
            selected=self.selection.within(entry.place),
        )
