"""A picture drawn with characters, or a word about why there is none."""

from __future__ import annotations

from functools import partial

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.reactive import var
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import get_current_worker

from console.terminal.pictures import UnreadablePicture, picture_strips


class PictureView(Widget, can_focus=True):
    """Draws encoded pictures as large as the widget allows, centred.

    Decoding and scaling happen in a thread, because a large picture takes longer than a frame.
    `drawn` is the picture that is on screen; it is replaced only when the next one is ready, so
    that nothing flickers. With `shown` false nothing is drawn, because somebody wished so.
    """

    png: var[bytes | None] = var(None)

    def __init__(self, *, colour: bool = True, shown: bool = True) -> None:
        super().__init__()
        self._colour = colour
        self._shown = shown
        self._strips: list[Strip] = []
        self.drawn: bytes | None = None
        self.problem = ""

    def watch_png(self, png: bytes | None) -> None:
        """Draw the new picture, or clear the old one."""
        if png is None:
            self._put(None, [], "")
        elif not self._shown:
            self._put(png, [], "pictures are not drawn here")
        else:
            self._draw(png)

    def on_resize(self, event: events.Resize) -> None:
        """Draw again for the new size."""
        if self.png is not None and self._shown and event.size.area:
            self._draw(self.png)

    def _draw(self, png: bytes) -> None:
        columns, rows = self.content_size
        if columns and rows:
            self.run_worker(
                partial(self._draw_in_thread, png, columns, rows),
                thread=True,
                exclusive=True,
                exit_on_error=False,
                group="draw",
            )

    def _draw_in_thread(self, png: bytes, columns: int, rows: int) -> None:
        strips: list[Strip] = []
        problem = ""
        try:
            strips = picture_strips(png, columns, rows, colour=self._colour)
        except UnreadablePicture as error:
            problem = str(error)
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._put, png, strips, problem)

    def _put(self, png: bytes | None, strips: list[Strip], problem: str) -> None:
        self.drawn, self._strips, self.problem = png, strips, problem
        self.refresh()

    def render(self) -> Content:
        """Paint what stands in place of a picture; pictures are painted line by line."""
        return Content(self.problem)

    def render_line(self, y: int) -> Strip:
        """Paint one row of the picture, centred, or the problem on the middle row."""
        columns, rows = self.content_size
        base = self.rich_style
        if not self._strips:
            if self.problem and y == rows // 2:
                return Strip([Segment(self.problem[:columns], base)]).extend_cell_length(columns)
            return Strip.blank(columns, base)
        row = y - (rows - len(self._strips)) // 2
        if not 0 <= row < len(self._strips):
            return Strip.blank(columns, base)
        strip = self._strips[row]
        left = (columns - strip.cell_length) // 2
        joined = Strip.join([Strip.blank(left, base), strip])
        return joined.adjust_cell_length(columns, base)
