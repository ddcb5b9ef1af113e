"""The last lines of the log, as many as there is room for."""

from __future__ import annotations

from typing import ClassVar

from textual.strip import Strip
from textual.widget import Widget

from console.model.log.store import LogStore
from console.widgets.logs.log_painter import LOG_CLASSES, LogStyles, log_strip, read_styles

_MILLISECONDS_FROM = 90


class LogTail(Widget):
    """Paints the end of a `LogStore`; call `refresh` when the store grew."""

    COMPONENT_CLASSES: ClassVar[set[str]] = LOG_CLASSES

    def __init__(self, store: LogStore, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._store = store
        self._styles: LogStyles | None = None

    def notify_style_update(self) -> None:
        """Forget the styles of before."""
        super().notify_style_update()
        self._styles = None

    def render_line(self, y: int) -> Strip:
        """Paint one row: the oldest line in sight is at the top."""
        width, height = self.content_size
        if self._styles is None:
            self._styles = read_styles(self)
        base = self._styles.base
        entries = self._store.tail(height)
        if y >= len(entries):
            return Strip.blank(width, base)
        strip = log_strip(entries[y], self._styles, milliseconds=width >= _MILLISECONDS_FROM)
        return strip.apply_style(base).crop_extend(0, width, base)
