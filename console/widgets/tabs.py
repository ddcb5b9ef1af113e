"""The second row: the screens by their digits, with the present one marked."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from console.widgets.key_bar import KeyHint


def tabs_row(tabs: Sequence[KeyHint], present: int) -> Content:
    """Return the row; `present` is the place of the screen that is shown."""
    parts: list[tuple[str, str]] = []
    for place, tab in enumerate(tabs):
        text = f" {tab.key} {tab.label} "
        parts.append((text, "bold $primary on $panel" if place == present else "$text-muted"))
    return Content.assemble(*parts)


class ScreenTabs(Widget):
    """One row naming the screens; a click goes to one."""

    class Chosen(Message):
        """A tab was clicked; `place` counts from 0."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, tabs: Sequence[KeyHint], present: int) -> None:
        super().__init__()
        self._tabs = tuple(tabs)
        self._present = present

    def render(self) -> Content:
        """Paint the tabs."""
        return tabs_row(self._tabs, self._present)

    def on_click(self, event: events.Click) -> None:
        """Find the tab under the pointer."""
        end = 0
        for place, tab in enumerate(self._tabs):
            end += len(tab.key) + len(tab.label) + 3
            if event.x < end:
                self.post_message(self.Chosen(place))
                return
