"""How high texts are that say something else."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from console.widgets.laid_text import Fitted, Laid, Quiet

ONE, THREE = Content("one"), Content("one\ntwo\nthree")


class Texts(App[None]):
    """One text of each kind, one above the other."""

    def compose(self) -> ComposeResult:
        """Lay out the texts."""
        with VerticalScroll():
            yield Fitted(id="fitted")
            yield Quiet(id="quiet")
            yield Laid(id="laid")

    def say(self, content: Content) -> None:
        """Let each say this."""
        self.query_one("#fitted", Fitted).update(content)
        self.query_one("#quiet", Quiet).say(content.split("\n"))
        self.query_one("#laid", Laid).show(lambda width: content)

    @property
    def heights(self) -> list[int]:
        """How many rows each takes."""
        return [each.size.height for each in self.query(Fitted)]


async def test_a_text_is_as_high_as_what_it_says() -> None:
    app = Texts()
    async with app.run_test() as pilot:
        for content, height in ((ONE, 1), (THREE, 3), (ONE, 1)):
            app.say(content)
            await pilot.pause()
            assert app.heights == [height] * 3


async def test_it_is_so_too_where_its_styles_were_just_applied() -> None:
    app = Texts()
    async with app.run_test() as pilot:
        app.say(ONE)
        await pilot.pause()
        for each in app.query(Fitted):
            each.refresh(layout=True)
        app.query_one(VerticalScroll).styles.padding = 1
        app.refresh_css()  # The screen is laid out before the texts come to ask for it.
        app.say(THREE)
        await pilot.pause()
        assert app.heights == [3, 3, 3]


async def test_without_rows_a_quiet_text_takes_no_room() -> None:
    app = Texts()
    async with app.run_test() as pilot:
        app.say(ONE)
        app.query_one("#quiet", Quiet).say([])
        await pilot.pause()
        assert not app.query_one("#quiet", Quiet).display
