from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from start_scenes import NOW, cold_start, going_on
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from console.model.starts.spans import phase_spans
from console.model.starts.start import ColdStart, Moment
from console.model.text import SafeText
from console.widgets.starts.start_row import Mark
from console.widgets.starts.start_table import StartTable


def starts(count: int, first: int = 0) -> list[ColdStart]:
    """So many starts, newest first, ten minutes apart."""
    return [
        cold_start(NOW - timedelta(minutes=10 * number), f"instance-{number:06}", waited=False)
        for number in range(first, first + count)
    ]


class Page(App[None]):
    CSS = "StartTable { height: 6; scrollbar-size: 0 1; }"

    def __init__(self, shown: list[ColdStart]) -> None:
        super().__init__()
        self.shown = shown
        self.heard: list[object] = []
        self.painted = 0

    def compose(self) -> ComposeResult:
        def spans(start: ColdStart) -> object:
            self.painted += 1
            return phase_spans(start)

        yield StartTable(spans, lambda start: Mark.NOTHING)  # type: ignore[arg-type]

    def on_mount(self) -> None:
        self.table.show(self.shown, NOW)
        self.table.focus()

    def on_start_table_chosen(self, event: StartTable.Chosen) -> None:
        self.heard.append(event.start)

    def on_start_table_reached_end(self) -> None:
        self.heard.append("end")

    @property
    def table(self) -> StartTable:
        return self.query_one(StartTable)

    @property
    def rows(self) -> list[str]:
        """The ends of the instances in sight, without the names of the columns."""
        lines = [self.table.render_line(y).text.rstrip() for y in range(1, 6)]
        return [line[12:18] for line in lines if line]


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_the_newest_is_chosen_until_somebody_chooses() -> None:
    page = Page(starts(3, first=1))
    async with page.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        assert page.table.chosen == page.shown[0]
        page.table.show(starts(4), NOW)
        assert page.table.chosen == starts(1)[0]


async def test_the_chosen_one_stays_where_it_is_while_others_arrive() -> None:
    page = Page(starts(30, first=5))
    async with page.run_test(size=(80, 10)) as pilot:
        await press(pilot, *["down"] * 7)
        chosen, in_sight = page.table.chosen, page.rows
        page.table.show(starts(35), NOW)
        await pilot.pause()
        assert page.table.chosen == chosen
        assert page.rows == in_sight


async def test_the_first_one_stays_chosen_too_once_it_was_chosen() -> None:
    page = Page(starts(3, first=1))
    async with page.run_test(size=(80, 10)) as pilot:
        await press(pilot, "down", "up")
        page.table.show(starts(4), NOW)
        assert page.table.chosen == page.shown[0]
        await press(pilot, "home")
        page.table.show([*starts(1, first=-1), *starts(4)], NOW)
        assert page.table.chosen == starts(1, first=-1)[0]


async def test_what_is_gone_gives_way_to_what_was_next_to_it() -> None:
    page = Page(starts(9))
    async with page.run_test(size=(80, 10)) as pilot:
        await press(pilot, *["down"] * 4)
        page.table.show([each for each in page.shown if each != page.shown[4]], NOW)
        assert page.table.chosen == page.shown[5]


async def test_a_start_that_goes_on_stays_chosen_when_it_ends() -> None:
    ended = cold_start(NOW, "instance-x")
    page = Page([going_on(ended, Moment.PORT_OPEN), *starts(3, first=1)])
    async with page.run_test(size=(80, 10)) as pilot:
        await press(pilot, "down", "up")
        page.table.show([ended, *starts(3, first=1)], NOW)
        assert page.table.chosen == ended


async def test_keys_move_and_the_end_asks_for_more() -> None:
    page = Page(starts(12))
    async with page.run_test(size=(80, 10)) as pilot:
        await press(pilot, "j", "pagedown", "k")
        assert page.table.chosen == page.shown[4]
        assert page.shown[4].instance[-6:] in page.rows
        await press(pilot, "end")
        assert page.table.chosen == page.shown[-1]
        assert page.heard[-2:] == ["end", page.shown[-1]]
        await press(pilot, "down")
        assert page.heard[-1] == "end"


async def test_a_click_chooses() -> None:
    page = Page(starts(12))
    async with page.run_test(size=(80, 10)) as pilot:
        await pilot.click(StartTable, offset=(5, 3))
        assert page.table.chosen == page.shown[2]


async def test_more_is_said_after_the_last_row() -> None:
    page = Page(starts(12))
    async with page.run_test(size=(80, 10)) as pilot:
        page.table.more = "9,988 older"
        await press(pilot, "end")
        assert page.table.render_line(5).text.rstrip() == "9,988 older"
        assert page.shown[-1].instance[-6:] in page.rows


async def test_nothing_is_said_in_place_of_rows() -> None:
    page = Page([])
    async with page.run_test(size=(80, 10)) as pilot:
        page.table.empty = "– no start was seen yet"
        await press(pilot, "down", "end", "pageup")
        assert page.table.render_line(0).text.rstrip() == "– no start was seen yet"
        assert page.table.chosen is None


async def test_only_rows_in_sight_are_painted() -> None:
    page = Page(starts(10_000))
    async with page.run_test(size=(80, 10)) as pilot:
        await press(pilot, "end")
        assert page.painted < 40


async def test_nothing_is_painted_again_for_the_same_rows() -> None:
    page = Page(starts(12))
    async with page.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        painted = page.painted
        page.table.show(list(page.shown), NOW)
        await press(pilot, "up")
        assert page.painted == painted


async def test_a_name_from_outside_is_text() -> None:
    hostile = replace(
        starts(1)[0], instance=SafeText("[/b]"), revision=SafeText("[@click=app.quit]")
    )
    page = Page([hostile])
    async with page.run_test(size=(120, 10)) as pilot:
        await pilot.pause()
        row = page.table.render_line(1).text
        assert "[/b]" in row
        assert "[@click=app.quit]" in row
