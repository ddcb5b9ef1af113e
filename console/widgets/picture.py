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

from console.language import tr
from console.terminal.capabilities import Pictures
from console.terminal.kitty import Placement, place
from console.terminal.pictures import UnreadablePicture, picture_strips


class PictureView(Widget, can_focus=True):
    """Draws encoded pictures as large as the widget allows, centred.

    Decoding and scaling happen in a thread, because a large picture takes longer than a frame.
    `drawn` is the picture that is on screen; it is replaced only when the next one is ready, so
    that nothing flickers. `how` is one of the ways of drawing; anything else than Kitty's or none
    is half-blocks.
    """

    png: var[bytes | None] = var(None)

    def __init__(self, *, colour: bool = True, how: Pictures = Pictures.HALF) -> None:
        super().__init__()
        self._colour = colour
        self._how = how
        self._placement: Placement | None = None
        self._strips: list[Strip] = []
        self.drawn: bytes | None = None
        self.problem = ""

    def watch_png(self, png: bytes | None) -> None:
        """Draw the new picture, or clear the old one."""
        if png is None:
            self._put(None, [], "")
        elif self._how is Pictures.NONE:
            self._put(png, [], tr("pictures are not drawn here"))
        else:
            self._draw(png)

    def on_resize(self, event: events.Resize) -> None:
        """Draw again for the new size."""
        if self.png is not None and self._how is not Pictures.NONE and event.size.area:
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
        problem, placement = "", None
        try:
            if self._how is Pictures.KITTY and self._colour:
                placement = place(png, columns, rows)
                strips = placement.strips()
            else:
                strips = picture_strips(png, columns, rows, colour=self._colour)
        except UnreadablePicture as error:
            problem = str(error)
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._put, png, strips, problem, placement)

    def _put(
        self,
        png: bytes | None,
        strips: list[Strip],
        problem: str,
        placement: Placement | None = None,
    ) -> None:
        self._hand_over(png, placement)
        self.drawn, self._strips, self.problem = png, strips, problem
        self.refresh()

    def _hand_over(self, png: bytes | None, placement: Placement | None) -> None:
        """Send the terminal what the next cells point at, and let it forget what went before."""
        before, self._placement = self._placement, placement
        if placement == before:
            return
        if placement is not None and png is not None:
            self._tell(placement.transmission(png))
        if before is not None:
            self._tell(before.removal())

    def _tell(self, command: str) -> None:
        # Through the driver, so that nothing of a frame comes in between.
        driver = self.app._driver
        if driver is not None:
            driver.write(command)

    def on_unmount(self) -> None:
        """Leave nothing behind in the terminal."""
        self._hand_over(None, None)

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
