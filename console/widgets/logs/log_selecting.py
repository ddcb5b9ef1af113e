"""A log in which lines, or characters of one, are selected by mouse and keys."""

from __future__ import annotations

from datetime import tzinfo
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.timer import Timer

from console.model.log.lines import LogEntry
from console.model.log.store import LogStore
from console.widgets.logs.log_list import LogList
from console.widgets.logs.log_selection import Spot

_SCROLL_EVERY: Final = 0.05
"""How many seconds lie between two rows while the pointer is held beyond an edge."""


class SelectableLog(LogList, inherit_bindings=True):
    """A `LogList` in which a pointer that is dragged selects, and keys with shift do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("shift+up", "select(-1)", "select up", show=False),
        Binding("shift+down", "select(1)", "select down", show=False),
        Binding("shift+pageup", "select_page(-1)", "select a page up", show=False),
        Binding("shift+pagedown", "select_page(1)", "select a page down", show=False),
    ]

    def __init__(
        self, store: LogStore, *, zone: tzinfo | None = None, id: str | None = None
    ) -> None:
        super().__init__(store, zone=zone, id=id)
        self._pressed = False
        self._beyond = 0
        self._scrolling: Timer | None = None

    def selected(self) -> list[LogEntry]:
        """Return the lines selected whole that pass the filter, oldest first."""
        lines = self.selection.lines
        return [] if lines is None else self._index.between(*lines)

    @property
    def selected_lines(self) -> int:
        """How many lines are selected whole."""
        lines = self.selection.lines
        return 0 if lines is None else len(self._index.rows_between(*lines))

    @property
    def selected_text(self) -> str:
        """The characters selected within one row, as they are painted; empty for none."""
        part = self.selection.cells
        if part is None:
            return ""
        place, cells = part
        entry = self._index.entry_at(self._index.row_of(place))
        if entry is None or entry.place != place:
            return ""
        room = self.scrollable_content_region.width
        return self._rows.text(entry, self._looks, room, self.cursor, cells).strip()

    def select_nothing(self) -> None:
        """Take the selection away."""
        self.selection.clear()
        self.refresh()
        self._told()

    def action_select(self, rows: int) -> None:
        """Select whole lines, from the one under the cursor on, by moving it."""
        here = self.cursor
        if here is None:
            return
        self.follow(False)
        self._go(self._row + rows)
        if self.cursor is not None:
            self.selection.reach_line(here, self.cursor)
        self._told()

    def action_select_page(self, pages: int) -> None:
        """Select by a page."""
        self.action_select(pages * max(1, self._height - 1))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cursor on the line pressed, and let a selection begin or reach there."""
        pressed = event.get_content_offset(self)
        spot = None if pressed is None else self._spot(pressed.x, pressed.y)
        if event.button != 1 or pressed is None or spot is None:
            return
        if event.shift and self.cursor is not None:
            self.selection.reach_line(self.cursor, spot.place)
            self.follow(False)
            self._go(self.scroll_offset.y + pressed.y)
            self._told()
            return
        self.selection.begin(spot)
        self._pressed = True
        self.capture_mouse()
        self._move_to(self.scroll_offset.y + pressed.y)
        self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Select as far as the pointer is dragged; beyond an edge rows come into sight."""
        if not self._pressed:
            return
        held = event.get_content_offset_capture(self)
        self._beyond = min(0, held.y) + max(0, held.y - self._height + 1)
        self._scroll_while_beyond()
        self._reach(held.x, held.y)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """End the dragging; what is selected stays."""
        self._released()

    def on_blur(self) -> None:
        """Whoever goes elsewhere drags no more."""
        self._released()

    def _released(self) -> None:
        self._beyond = 0
        self._scroll_while_beyond()
        if self._pressed:
            self._pressed = False
            self.release_mouse()

    def _scroll_while_beyond(self) -> None:
        if self._beyond and self._scrolling is None:
            self._scrolling = self.set_interval(_SCROLL_EVERY, self._scroll_on)
        elif not self._beyond and self._scrolling is not None:
            self._scrolling.stop()
            self._scrolling = None

    def _scroll_on(self) -> None:
        edge = self._height - 1 if self._beyond > 0 else 0
        self._go(self.scroll_offset.y + edge + (1 if self._beyond > 0 else -1))
        self._reach(0, edge)

    def _reach(self, x: int, y: int) -> None:
        """Select to a cell in sight, or to the nearest one that is."""
        y = max(0, min(y, self._height - 1, self.rows - 1 - self.scroll_offset.y))
        spot = self._spot(max(0, x), y)
        if spot is None:
            return
        self.selection.reach(spot)
        if self.selection:
            self.follow(False)
            self._go(self.scroll_offset.y + y)
            self._told()

    def _spot(self, x: int, y: int) -> Spot | None:
        entry = self._index.entry_at(self.scroll_offset.y + y)
        return None if entry is None else Spot(entry.place, self.scroll_offset.x + x)
