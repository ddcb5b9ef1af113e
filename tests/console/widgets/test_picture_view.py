"""The picture widget on a terminal that shows pictures in full."""

from __future__ import annotations

from io import BytesIO

from PIL import Image
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from console.terminal.capabilities import Pictures
from console.terminal.kitty import PLACEHOLDER, place
from console.widgets.picture import PictureView


def encoded(colour: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "PNG")
    return file.getvalue()


class _Page(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str] = []

    def compose(self) -> ComposeResult:
        yield PictureView(how=Pictures.KITTY)

    def on_mount(self) -> None:
        driver = self._driver
        assert driver is not None
        write = driver.write

        def kept(data: str) -> None:
            if data.startswith("\x1b_G"):
                self.sent.append(data)
            write(data)

        driver.write = kept  # type: ignore[method-assign]


async def show(pilot: Pilot[None], png: bytes | None) -> None:
    view = pilot.app.query_one(PictureView)
    view.png = png
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_the_picture_is_sent_once_and_the_one_before_forgotten() -> None:
    red, blue = encoded("red"), encoded("blue")
    page = _Page()
    async with page.run_test(size=(40, 20)) as pilot:
        first, second = place(red, 40, 20), place(blue, 40, 20)
        await show(pilot, red)
        await show(pilot, blue)
        assert page.sent == [*first.commands(red), *second.commands(blue), first.removal()]
        view = page.query_one(PictureView)
        assert view.render_line(0).text.count(PLACEHOLDER) == second.columns

        await show(pilot, None)
        assert page.sent[3:] == [second.removal()]


async def test_nothing_is_left_in_the_terminal_at_the_end() -> None:
    red = encoded("red")
    page = _Page()
    async with page.run_test(size=(40, 20)) as pilot:
        await show(pilot, red)
    assert page.sent[-1] == place(red, 40, 20).removal()
