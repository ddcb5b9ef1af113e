"""The second row: the screens by their digits, the present one marked, and how old things are."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from console.widgets.key_bar import KeyHint

_SHORTEST_NOTE = 8
_DIVIDER = " · "


def tab_texts(tabs: Sequence[KeyHint], present: int, width: int = 0, note: str = "") -> list[str]:
    """Return what stands on each tab; where `width` has no room, the present one alone is named.

    The others give their names up for what the `note` says, but not for its last part, which is
    when it is asked again.
    """
    named = [f" {tab.key} {tab.label} " for tab in tabs]
    short = [
        text if place == present else f" {tab.key} "
        for place, (tab, text) in enumerate(zip(tabs, named, strict=True))
    ]
    if not width:
        return named
    head, _, _ = note.rpartition(_DIVIDER)
    said = head or note
    needed = sum(map(cell_len, named)) + (cell_len(said) + 2 if said else 0)
    return named if needed <= width else short


def tabs_row(tabs: Sequence[KeyHint], present: int, note: str = "", width: int = 0) -> Content:
    """Return the row; `present` is the place of the screen that is shown.

    `note` stands at the right end of `width` cells; of its parts, divided by ` · `, the last ones
    give way where there is no room.
    """
    parts = [
        (text, "bold $primary on $panel" if place == present else "$text-muted")
        for place, text in enumerate(tab_texts(tabs, present, width, note))
    ]
    row = Content.assemble(*parts)
    room = width - row.cell_length - 2
    while _DIVIDER in note and cell_len(note) > room:
        note = note.rpartition(_DIVIDER)[0]
    if not note or room < _SHORTEST_NOTE:
        return row
    said = Content.styled(note, "$warning").truncate(room, ellipsis=True)
    return Content.assemble(row, " " * (width - row.cell_length - said.cell_length - 1), said)


class ScreenTabs(Widget):
    """One row naming the screens; a click goes to one."""

    class Chosen(Message):
        """A tab was clicked; `place` counts from 0."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    note: reactive[str] = reactive("")

    def __init__(self, tabs: Sequence[KeyHint], present: int) -> None:
        super().__init__()
        self._tabs = tuple(tabs)
        self._present = present

    def render(self) -> Content:
        """Paint the tabs."""
        return tabs_row(self._tabs, self._present, self.note, self.size.width)

    def on_click(self, event: events.Click) -> None:
        """Find the tab under the pointer."""
        end = 0
        texts = tab_texts(self._tabs, self._present, self.size.width, self.note)
        for place, text in enumerate(texts):
            end += cell_len(text)
            if event.x < end:
                self.post_message(self.Chosen(place))
                return
