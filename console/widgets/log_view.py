"""The log as a list that follows its end, paints only the rows in sight, and never jumps.

What is being read is remembered by sequence number, so neither new lines nor evicted ones move
it. Following means that the cursor is on the last row; going up pauses, and the lines that
arrive meanwhile are counted.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.model.log_index import LogFilter, LogIndex
from console.model.logs import LogEntry, LogStore
from console.widgets.log_painter import LOG_CLASSES, LogStyles, log_strip, read_styles

_PREFIX_WIDTH = 15
_CACHE_LINES = 2_000


class LogView(ScrollView, can_focus=True):
    """A following, filtered view of a `LogStore`; call `update` when the store grew."""

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
    cursor_seq: reactive[int] = reactive(-1)

    @dataclass
    class Opened(Message):
        """A line was chosen to be seen in full."""

        entry: LogEntry

    @dataclass
    class Moved(Message):
        """Rows, filter, cursor or following changed: whoever describes the view looks again."""

    def __init__(self, store: LogStore, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._index = LogIndex(store)
        self._paused_at = store.next_seq
        self._store = store
        self._cache: OrderedDict[int, Strip] = OrderedDict()
        self._styles: LogStyles | None = None
        self._widest = 0
        self._marked = ""

    @property
    def rows(self) -> int:
        """How many lines pass the filter."""
        return len(self._index)

    @property
    def filter(self) -> LogFilter:
        """The filter in force."""
        return self._index.filter

    @property
    def arrived_since_pause(self) -> int:
        """How many shown lines arrived since following was paused."""
        return 0 if self.following else self.rows - self._index.row_of(self._paused_at)

    def on_mount(self) -> None:
        """Start at the end."""
        self.update()

    def update(self) -> None:
        """Take in what the store holds now; when not following, nothing in sight moves."""
        top = self._index.seq_at(self.scroll_offset.y)
        looked_at = self._index.looked_at
        self._index.update()
        self._measure(self._index.row_of(looked_at))
        if self.following:
            self._to_end()
        elif top is not None:
            self.scroll_to(y=self._index.row_of(top), animate=False, immediate=True)
        self._told()

    def show(self, shown: LogFilter) -> None:
        """Change the filter; the cursor stays at its line or the nearest one shown."""
        self._index.refilter(shown)
        self._cache.clear()
        self._measure(0)
        if self.following:
            self._to_end()
        else:
            self._go(self._index.row_of(self.cursor_seq))
        self._told()

    def mark(self, text: str) -> None:
        """Mark `text` wherever it occurs in a line."""
        self._marked = text
        self._cache.clear()
        self.refresh()
        self._told()

    def follow(self, following: bool) -> None:
        """Follow the end from now on, or stop."""
        if self.following and not following:
            self._paused_at = self._store.next_seq
        self.following = following
        if following:
            self._to_end()
        self._told()

    def go_to_start(self) -> None:
        """Stop following and go to the oldest line."""
        self.follow(False)
        self._go(0)

    def find(self, text: str, direction: int) -> bool:
        """Go to the next line (or with -1 the one before) that contains `text`."""
        wanted = LogFilter(text=text)
        row = self._index.row_of(self.cursor_seq) + direction
        while 0 <= row < self.rows:
            entry = self._index.entry_at(row)
            if entry is not None and wanted.passes(entry):
                self.follow(False)
                self._go(row)
                return True
            row += direction
        return False

    def action_move(self, rows: int) -> None:
        """Move the cursor; reaching the last row follows again."""
        self._move_to(self._index.row_of(self.cursor_seq) + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by a page."""
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_shift(self, cells: int) -> None:
        """Look further to the left or right; the offset stays while lines arrive."""
        self.scroll_relative(x=cells, animate=False)

    def open_line(self) -> None:
        """Show the line under the cursor in full."""
        entry = self._index.entry_at(self._index.row_of(self.cursor_seq))
        if entry is not None:
            self.post_message(self.Opened(entry))

    def _move_to(self, row: int) -> None:
        last = self.rows - 1
        if last < 0:
            return
        row = max(0, min(last, row))
        self.follow(row == last)
        self._go(row)
        self._told()

    def _go(self, row: int) -> None:
        entry = self._index.entry_at(max(0, min(row, self.rows - 1)))
        if entry is None:
            return
        self.cursor_seq = entry.seq
        row = self._index.row_of(entry.seq)
        height = max(1, self.scrollable_content_region.height)
        top = self.scroll_offset.y
        if row < top:
            top = row
        elif row >= top + height:
            top = row - height + 1
        self.scroll_to(y=top, animate=False, immediate=True)
        self.refresh()

    def _to_end(self) -> None:
        if self.rows:
            self.cursor_seq = self._index.seqs[-1]
        height = self.scrollable_content_region.height
        self.scroll_to(y=max(0, self.rows - height), animate=False, immediate=True)
        self.refresh()

    def _measure(self, first_new: int) -> None:
        for row in range(first_new, self.rows):
            entry = self._index.entry_at(row)
            if entry is not None:
                self._widest = max(self._widest, cell_len(entry.message))
        self.virtual_size = Size(self._widest + _PREFIX_WIDTH, self.rows)

    def _told(self) -> None:
        self.post_message(self.Moved())

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

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the line clicked."""
        self._move_to(self.scroll_offset.y + event.y)

    def notify_style_update(self) -> None:
        """Forget what was painted in the styles of before."""
        super().notify_style_update()
        self._styles = None
        self._cache.clear()

    def render_line(self, y: int) -> Strip:
        """Paint one row in sight."""
        left, top = self.scroll_offset
        width = self.scrollable_content_region.width
        styles = self._styles or self._read_styles()
        entry = self._index.entry_at(top + y)
        if entry is None:
            return Strip.blank(width, styles.base)
        strip = self._strip(entry, styles)
        if entry.seq == self.cursor_seq and self.has_focus:
            strip = strip.crop_extend(left, left + width, styles.base)
            return strip.apply_style(styles.cursor)
        return strip.crop_extend(left, left + width, styles.base)

    def _strip(self, entry: LogEntry, styles: LogStyles) -> Strip:
        strip = self._cache.get(entry.seq)
        if strip is None:
            strip = log_strip(entry, styles, needle=self._marked or self.filter.text).apply_style(
                styles.base
            )
            self._cache[entry.seq] = strip
            if len(self._cache) > _CACHE_LINES:
                self._cache.popitem(last=False)
        return strip

    def _read_styles(self) -> LogStyles:
        self._styles = read_styles(self)
        return self._styles
