"""The picture widget on a terminal that shows pictures in full."""

from __future__ import annotations

import threading
from io import BytesIO

import pytest
from PIL import Image
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from console.terminal.capabilities import Pictures
from console.terminal.kitty import PLACEHOLDER, place
from console.terminal.multiplexers import passed_on
from console.terminal.pictures import HALF_BLOCK
from console.widgets.picture import Drawing, PictureView


def encoded(colour: str) -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "PNG")
    return file.getvalue()


class _Page(App[None]):
    def __init__(self, how: Pictures = Pictures.KITTY, multiplexer: str = "") -> None:
        super().__init__()
        self.sent: list[str] = []
        self._view = PictureView(how=how, multiplexer=multiplexer)

    def compose(self) -> ComposeResult:
        yield self._view

    def on_mount(self) -> None:
        driver = self._driver
        assert driver is not None
        write = driver.write

        def kept(data: str) -> None:
            if data.startswith(("\x1b_G", "\x1bP")):
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
        assert page.sent == [
            "".join(first.commands(red)),
            "".join(second.commands(blue)),
            first.removal(),
        ]
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


async def test_through_tmux_every_command_is_wrapped_by_itself() -> None:
    red = encoded("red")
    page = _Page(multiplexer="tmux")
    async with page.run_test(size=(40, 20)) as pilot:
        await show(pilot, red)
        placement = place(red, 40, 20)
        assert page.sent == ["".join(passed_on(each, "tmux") for each in placement.commands(red))]
        await show(pilot, None)
        assert page.sent[1:] == [passed_on(placement.removal(), "tmux")]


async def test_without_a_terminal_of_its_own_sixel_is_half_blocks() -> None:
    page = _Page(Pictures.SIXEL)
    async with page.run_test(size=(40, 20)) as pilot:
        await show(pilot, encoded("red"))
        assert page.sent == []
        assert HALF_BLOCK * 40 in page.query_one(PictureView).render_line(5).text


async def test_a_picture_that_was_taken_away_while_it_was_drawn_is_not_put_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = _Page(Pictures.HALF)
    async with page.run_test(size=(40, 20)) as pilot:
        view = page.query_one(PictureView)
        taken_away = threading.Event()
        drawn = view._drawn

        def late(png: bytes, columns: int, rows: int) -> Drawing:
            taken_away.wait()
            return drawn(png, columns, rows)

        monkeypatch.setattr(view, "_drawn", late)
        view.png = encoded("red")
        view.png = None
        taken_away.set()
        await show(pilot, None)
        assert view.drawn is None
        assert HALF_BLOCK not in view.render_line(5).text
