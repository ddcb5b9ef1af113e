"""What is selected in a log, by dragging and by keys with shift."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from test_log_view import NOON, Page, filled, show
from textual.pilot import Pilot

from console.model.log.lines import Severity
from console.model.text import SafeText
from console.widgets.logs.log_selection import LogSelection, Spot
from console.widgets.logs.log_view import LogView

ONE, TWO, THREE = ((datetime(2026, 11, 30, 12, tzinfo=UTC), number) for number in (1, 2, 3))
MESSAGE = 15
"""The column at which messages begin."""


async def drag(
    pilot: Pilot[None], start: tuple[int, int], *to: tuple[int, int], shift: bool = False
) -> None:
    await pilot.mouse_down(LogView, offset=start, shift=shift)
    for offset in to:
        await pilot.hover(LogView, offset=offset)
    await pilot.mouse_up(LogView, offset=(to or (start,))[-1])
    await pilot.pause()


def said(view: LogView) -> list[str]:
    return [entry.message for entry in view.selected()]


def grounds(view: LogView, y: int) -> list[bool]:
    """Which cells of a row are painted as selected."""
    return [
        segment.style is not None and bool(segment.style.reverse)
        for segment in view.render_line(y)
        for _ in range(segment.cell_length)
    ]


class Selecting(Page):
    CSS = "LogView { height: 1fr; & > .log--selection { text-style: reverse; } }"


def test_an_anchor_alone_selects_nothing() -> None:
    selection = LogSelection()
    selection.begin(Spot(ONE, 4))
    selection.reach(Spot(ONE, 4))
    assert not selection
    assert selection.within(ONE) is None


def test_characters_of_one_row_are_selected_in_whichever_direction() -> None:
    for first, last in ((4, 9), (9, 4)):
        selection = LogSelection()
        selection.begin(Spot(TWO, first))
        selection.reach(Spot(TWO, last))
        assert selection.within(TWO) == slice(4, 10)
        assert selection.within(ONE) is None
        assert selection.lines is None


def test_more_than_one_row_is_selected_whole() -> None:
    selection = LogSelection()
    selection.begin(Spot(THREE, 4))
    selection.reach(Spot(ONE, 9))
    assert selection.lines == (ONE, THREE)
    assert [selection.within(each) for each in (ONE, TWO, THREE)] == [slice(0, None)] * 3


async def test_dragging_within_a_row_selects_its_characters() -> None:
    app = Selecting(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        await drag(pilot, (MESSAGE, 1), (MESSAGE + 2, 1), (MESSAGE + 3, 1))
        assert app.view.selected_text == "line"
        assert said(app.view) == []
        assert [x for x, on in enumerate(grounds(app.view, 1)) if on] == [15, 16, 17, 18]


async def test_dragging_over_rows_selects_lines_and_pauses() -> None:
    app = Selecting(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        await drag(pilot, (20, 4), (20, 3), (3, 2))
        assert said(app.view) == ["line 47", "line 48", "line 49"]
        assert app.view.selected_lines == 3
        assert not app.view.following
        assert [all(grounds(app.view, y)) for y in range(5)] == [False, False, True, True, True]


async def test_what_is_selected_stays_while_lines_arrive_and_others_come_late() -> None:
    app = Selecting(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        await drag(pilot, (20, 3), (20, 2))
        filled(30, app.store)
        app.store.append(NOON + timedelta(seconds=2.5), Severity.INFO, SafeText("late"))
        app.view.update()
        assert said(app.view) == ["line 47", "line 48"]


async def test_a_click_ends_a_selection_and_with_shift_reaches_there() -> None:
    app = Selecting(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        await drag(pilot, (20, 1))
        await drag(pilot, (20, 3), shift=True)
        assert said(app.view) == ["line 46", "line 47", "line 48"]
        await drag(pilot, (20, 0), shift=True)
        assert said(app.view) == ["line 45", "line 46"]
        await drag(pilot, (20, 2))
        assert not app.view.selection


async def test_holding_the_pointer_beyond_an_edge_brings_more_into_sight() -> None:
    app = Selecting(filled(50))
    async with app.run_test(size=(40, 9)) as pilot:
        app.view.styles.height = 5
        await pilot.pause()
        await drag(pilot, (20, 4))
        app.view.follow(False)
        app.view.go_to_start()
        await pilot.mouse_down(LogView, offset=(20, 1))
        await pilot.hover(None, offset=(20, 8))
        for _ in range(40):
            await pilot.pause(0.05)
            if len(said(app.view)) > 12:
                break
        await pilot.mouse_up(None, offset=(20, 8))
        assert said(app.view)[0] == "line 1"
        assert len(said(app.view)) > 12
        before = said(app.view)
        await pilot.pause(0.2)
        assert said(app.view) == before


async def test_keys_with_shift_select_lines_from_the_cursor_on() -> None:
    app = Selecting(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        app.view.focus()
        await pilot.press("up", "shift+up", "shift+up")
        assert said(app.view) == ["line 46", "line 47", "line 48"]
        await pilot.press("shift+down")
        assert said(app.view) == ["line 47", "line 48"]
        await pilot.press("shift+pagedown")
        assert said(app.view) == ["line 48", "line 49"]
        app.view.select_nothing()
        assert not app.view.selection


async def test_only_lines_that_pass_the_filter_are_taken() -> None:
    app = Selecting(filled(50))
    async with app.run_test(size=(40, 30)) as pilot:
        app.view.focus()
        await pilot.press(*["shift+up"] * 25)
        show(app.view, "severity>=WARNING")
        await app.workers.wait_for_complete()
        assert said(app.view) == ["line 30", "line 40"]
        assert app.view.selected_lines == 2
