"""A panel that paints facts about starts, and paints them again only when it has to."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from console.widgets.starts.phase_look import START_CLASSES, StartStyles, read_start_styles

_Facts = TypeVar("_Facts")


class StartPanel(Widget, Generic[_Facts]):
    """Shows facts of a kind; a subclass paints them into the size and with the styles given."""

    COMPONENT_CLASSES: ClassVar[set[str]] = START_CLASSES

    def __init__(self, facts: _Facts, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts = facts
        self._styles: StartStyles | None = None
        self._painted: tuple[_Facts, Size, StartStyles] | None = None
        self._strips: list[Strip] = []

    def paint(self, facts: _Facts, size: Size, styles: StartStyles) -> list[Strip]:
        """Return the rows, from the first on."""
        raise NotImplementedError

    def show(self, facts: _Facts) -> None:
        """Show these; the same again paint nothing."""
        if facts != self._facts:
            self._facts = facts
            self.refresh()

    def notify_style_update(self) -> None:
        """Read the styles again, which may be others now."""
        super().notify_style_update()
        self._styles = None

    def render_line(self, y: int) -> Strip:
        """Paint one row."""
        size = self.content_size
        if self._styles is None:
            self._styles = read_start_styles(self)
        wanted = self._facts, size, self._styles
        if self._painted != wanted:
            self._strips = self.paint(*wanted)
            self._painted = wanted
        base = self._styles.base
        if y >= len(self._strips):
            return Strip.blank(size.width, base)
        return self._strips[y].apply_style(base).crop_extend(0, size.width, base)
