"""A picture as well as the terminal can draw it, or a word about why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.errors import NoWidget
from textual.geometry import Offset, Region
from textual.reactive import var
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import get_current_worker

from console.language import tr
from console.terminal.capabilities import Pictures
from console.terminal.driver import SparingDriver
from console.terminal.kitty import Placement, place
from console.terminal.multiplexers import passed_on
from console.terminal.pictures import UnreadablePicture, picture_strips
from console.terminal.sixel import SMALL_CELL, SixelPicture, cell_pixels, sixel_picture


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is painted of a picture: cells, and with them what Kitty or Sixel want to be told."""

    strips: list[Strip] = field(default_factory=list)
    problem: str = ""
    placement: Placement | None = None
    sixel: SixelPicture | None = None


class PictureView(Widget, can_focus=True):
    """Draws encoded pictures as large as the widget allows, centred.

    Decoding and scaling happen in a thread, because a large picture takes longer than a frame.
    `drawn` is the picture that is on screen; it is replaced only when the next one is ready, so
    that nothing flickers. `how` is one of the ways of drawing; without colour, and where the
    console does not write to a terminal itself, there are characters instead. `multiplexer` is
    what lies between: `tmux`, or nothing.
    """

    png: var[bytes | None] = var(None)

    def __init__(
        self, *, colour: bool = True, how: Pictures = Pictures.HALF, multiplexer: str = ""
    ) -> None:
        super().__init__()
        self._colour = colour
        self._how = how
        self._multiplexer = multiplexer
        self._drawing = Drawing()
        self._laid_over_soon = False
        self.drawn: bytes | None = None

    @property
    def problem(self) -> str:
        """Why there is no picture; nothing if there is one, or none was given."""
        return self._drawing.problem

    def watch_png(self, png: bytes | None) -> None:
        """Draw the new picture, or clear the old one."""
        if png is None:
            self._put(None, Drawing())
        elif self._how is Pictures.NONE:
            self._put(png, Drawing(problem=tr("pictures are not drawn here")))
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
        try:
            drawing = self._drawn(png, columns, rows)
        except UnreadablePicture as error:
            drawing = Drawing(problem=str(error))
        if not get_current_worker().is_cancelled:
            self.app.call_from_thread(self._put_wanted, png, drawing)

    def _drawn(self, png: bytes, columns: int, rows: int) -> Drawing:
        """Draw a picture; raises `UnreadablePicture`."""
        if self._how is Pictures.KITTY and self._colour:
            placement = place(png, columns, rows)
            return Drawing(placement.strips(), placement=placement)
        if self._how is Pictures.SIXEL and self._colour and self._sparing is not None:
            sixel = sixel_picture(png, columns, rows, cell_pixels() or SMALL_CELL)
            return Drawing(sixel.strips(self.rich_style), sixel=sixel)
        return Drawing(picture_strips(png, columns, rows, colour=self._colour))

    def _put_wanted(self, png: bytes, drawing: Drawing) -> None:
        # While it was drawn, the picture may have been replaced or taken away.
        if png is self.png:
            self._put(png, drawing)

    def _put(self, png: bytes | None, drawing: Drawing) -> None:
        self._hand_over(png, drawing.placement)
        self.drawn, self._drawing = png, drawing
        self.refresh()

    def _hand_over(self, png: bytes | None, placement: Placement | None) -> None:
        """Send the terminal what the next cells point at, and let it forget what went before."""
        before = self._drawing.placement
        if placement == before:
            return
        if placement is not None and png is not None:
            self._tell(*placement.commands(png))
        if before is not None:
            self._tell(before.removal())

    def _tell(self, *commands: str) -> None:
        # Through the driver, so that nothing of a frame comes in between.
        driver = self.app._driver
        if driver is not None:
            driver.write("".join(passed_on(each, self._multiplexer) for each in commands))

    def on_unmount(self) -> None:
        """Leave nothing behind in the terminal."""
        self._hand_over(None, None)
        self._drawing = Drawing()

    def render(self) -> Content:
        """Paint what stands in place of a picture; pictures are painted line by line."""
        return Content(self.problem)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint rows, and over them the picture, once they have been written."""
        if self._drawing.sixel is not None and not self._laid_over_soon:
            self._laid_over_soon = True
            # A frame is painted and written in one go, so this comes after it.
            self.call_later(self._lay_over)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Paint one row of the picture, centred, or the problem on the middle row."""
        columns, rows = self.content_size
        base = self.rich_style
        strips = self._drawing.strips
        if not strips:
            if self.problem and y == rows // 2:
                return Strip([Segment(self.problem, base)]).adjust_cell_length(columns, base)
            return Strip.blank(columns, base)
        row = y - (rows - len(strips)) // 2
        if not 0 <= row < len(strips):
            return Strip.blank(columns, base)
        strip = strips[row]
        left = (columns - strip.cell_length) // 2
        joined = Strip.join([Strip.blank(left, base), strip])
        return joined.adjust_cell_length(columns, base)

    @property
    def _sparing(self) -> SparingDriver | None:
        driver = self.app._driver
        return driver if isinstance(driver, SparingDriver) else None

    def _lay_over(self) -> None:
        """Draw the picture over its blank cells, if nothing else is in front of them."""
        self._laid_over_soon = False
        sixel, driver = self._drawing.sixel, self._sparing
        if sixel is None or driver is None or not self.is_mounted:
            return
        region = self._picture_region(sixel)
        if _in_sight(self.app.screen, self, region):
            driver.overlay(region.x, region.y, region.width, region.height, sixel.data)

    def _picture_region(self, sixel: SixelPicture) -> Region:
        room = self.content_region
        left = (room.width - sixel.columns) // 2
        top = (room.height - sixel.rows) // 2
        return Region(room.x + left, room.y + top, sixel.columns, sixel.rows)


def _in_sight(screen: Screen[object], view: PictureView, region: Region) -> bool:
    """Say whether the cells of `region` are those of `view`, on the screen that is shown.

    What may be in front of it is as wide as a column of text, and wholly or not at all.
    """
    if view.screen is not screen or not screen.region.contains_region(region):
        return False
    places = [
        Offset(x, y)
        for y in (*range(region.y, region.bottom, 3), region.bottom - 1)
        for x in (*range(region.x, region.right, 8), region.right - 1)
    ]
    return all(_shown_at(screen, place) is view for place in places)


def _shown_at(screen: Screen[object], place: Offset) -> Widget | None:
    try:
        return screen.get_widget_at(*place)[0]
    except NoWidget:
        return None
