"""Texts that are as high as what they say: changed at any time, by rows, or laid out by hand."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static


class Fitted(Static):
    """A text that is measured anew whenever it says something else.

    A plain `Static` is not where a layout is outstanding already, as after its styles were applied:
    Textual then takes the height that it had when the screen was last laid out for other reasons.
    """

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Say something else; without `layout` in as many rows as before."""
        if layout:
            self._box_model_cache.clear()
        super().update(content, layout=layout)


class Quiet(Fitted):
    """A text that is painted only when it changes; without rows it takes no room."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self._rows: list[Content] = []
        self.display = False

    def say(self, rows: list[Content]) -> None:
        """Show these rows; the layout changes only with their number."""
        if rows != self._rows:
            counted, self._rows = len(self._rows), rows
            self.display = bool(rows)
            self.update(Content("\n").join(rows), layout=len(rows) != counted)


class Laid(Quiet):
    """Shows what a function returns for the width that there is."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.display = True
        self._lay: Callable[[int], Content] | None = None

    def show(self, lay: Callable[[int], Content]) -> None:
        """Show what `lay` returns for a width in cells."""
        self._lay = lay
        self._update()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the text out for the new width."""
        self._update()

    def _update(self) -> None:
        width = self.content_size.width
        if self._lay is not None and width > 0:
            self.say(self._lay(width).split("\n", allow_blank=True))
