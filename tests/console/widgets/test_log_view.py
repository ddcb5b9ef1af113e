from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from rich.style import Style
from textual.app import App, ComposeResult

from console.model.log.lines import LogRecord, Severity
from console.model.log.query import Query, marked_by
from console.model.log.store import LogStore
from console.model.log.times import Times
from console.model.text import SafeText
from console.widgets.logs.log_detail import line_detail
from console.widgets.logs.log_painter import LogStyles, log_body, log_strip
from console.widgets.logs.log_view import LogView

NOON = datetime(2026, 11, 23, 12, 0, 0, 301_000, tzinfo=UTC)
ERROR = LogRecord(NOON, Severity.ERROR, SafeText("out of memory"), "oom", {"bytes": 12})


def filled(count: int, store: LogStore | None = None) -> LogStore:
    store = LogStore(capacity=1000, chunk=10) if store is None else store
    for _ in range(count):
        number = store.next_seq
        severity = Severity.WARNING if number % 10 == 0 else Severity.INFO
        store.append(NOON + timedelta(seconds=number), severity, SafeText(f"line {number}"))
    return store


def show(view: LogView, text: str) -> None:
    query = Query.parse(text)
    view.show(query, query.compiled(NOON))


class Page(App[None]):
    CSS = "LogView { height: 1fr; }"

    def __init__(self, store: LogStore) -> None:
        super().__init__()
        self.store = store

    def compose(self) -> ComposeResult:
        yield LogView(self.store, zone=timezone(timedelta(hours=8)))

    @property
    def view(self) -> LogView:
        return self.query_one(LogView)

    @property
    def rows(self) -> list[str]:
        height = self.view.scrollable_content_region.height
        return [self.view.render_line(y).text.rstrip()[15:] for y in range(height)]


def test_a_row_is_time_severity_and_message() -> None:
    assert log_strip(ERROR, LogStyles()).text == "12:00:00.301 E out of memory"
    assert log_strip(ERROR, LogStyles(), milliseconds=False).text == "12:00:00 E out of memory"


def test_what_is_looked_for_is_marked_in_whatever_case() -> None:
    styles = LogStyles(match=Style(reverse=True))
    marks = marked_by(Query.parse("MEM"))
    body = log_body(ERROR, styles, marks=marks)
    marked = [segment.text for segment in body if segment.style and segment.style.reverse]
    assert marked == ["mem"]


def test_the_detail_has_every_field() -> None:
    text = line_detail(LogStore().add(ERROR)).plain
    assert "2026-11-23T12:00:00.301+00:00" in text
    assert '"bytes": 12' in text


async def test_the_row_under_the_cursor_is_told_by_its_background() -> None:
    class Coloured(Page):
        CSS = "LogView { height: 1fr; & > .log--cursor { background: #2a3a4d; } }"

    app = Coloured(filled(3))
    async with app.run_test() as pilot:
        app.view.focus()
        await pilot.press("up")

        grounds = [
            {segment.style.bgcolor.get_truecolor().hex for segment in app.view.render_line(y)}
            for y in range(3)
        ]
        assert grounds[1] == {"#2a3a4d"}
        assert "#2a3a4d" not in grounds[0] | grounds[2]


async def test_it_begins_at_the_end_and_follows() -> None:
    app = Page(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        assert app.rows == [f"line {number}" for number in range(45, 50)]
        filled(3, app.store)
        app.view.update()
        assert app.rows[-1] == "line 52"


async def test_going_up_pauses_and_counts_what_arrives() -> None:
    app = Page(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        app.view.focus()
        await pilot.press("up")
        before = app.rows
        filled(7, app.store)
        app.view.update()
        assert app.rows == before
        assert not app.view.following
        assert app.view.arrived_since_pause == 7


async def test_reaching_the_last_row_follows_again() -> None:
    app = Page(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        app.view.focus()
        await pilot.press("k", "k", "j")
        assert not app.view.following
        await pilot.press("j")
        assert app.view.following


async def test_eviction_does_not_move_what_is_being_read() -> None:
    app = Page(filled(1000))
    async with app.run_test(size=(40, 5)) as pilot:
        app.view.focus()
        await pilot.press("pageup", "pageup")
        before = app.rows
        filled(500, app.store)
        app.view.update()
        assert app.store.let_go > 0
        assert before[0] == "line 991"
        assert app.rows == before


async def test_dragging_the_bar_pauses_and_its_end_follows() -> None:
    app = Page(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        app.view.scroll_to(y=10, animate=False)
        await pilot.pause()
        assert not app.view.following
        assert app.rows[0] == "line 10"
        filled(5, app.store)
        app.view.update()
        assert app.rows[0] == "line 10"
        app.view.scroll_end(animate=False)
        await pilot.pause()
        assert app.view.following


async def test_a_late_line_moves_nothing_that_is_being_read() -> None:
    app = Page(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        app.view.focus()
        await pilot.press("pageup", "pageup")
        before = app.rows
        app.store.append(NOON + timedelta(seconds=3, milliseconds=1), Severity.INFO, SafeText("x"))
        app.view.update()
        assert app.rows == before
        assert app.view.arrived_since_pause == 0
        assert app.view.rows == 51


async def test_a_filter_on_a_long_log_is_applied_in_portions_and_keeps_the_place() -> None:
    app = Page(filled(9_000, LogStore()))
    async with app.run_test(size=(40, 5)):
        app.view.focus()
        app.view.seek(lambda entry: entry.message == "line 500", -1, "line 500")
        await app.workers.wait_for_complete()
        show(app.view, "severity>=WARNING")
        assert app.view.scanned is not None
        assert app.view.scanned < 1
        await app.workers.wait_for_complete()
        assert app.view.scanned is None
        assert app.view.rows == 900
        assert app.rows[0] == "line 500"


async def test_what_arrived_while_nobody_looked_is_filtered_in_portions_too() -> None:
    app = Page(filled(50, LogStore()))
    async with app.run_test(size=(40, 5)) as pilot:
        show(app.view, "severity>=WARNING")
        filled(8_950, app.store)
        app.view.update()
        assert app.view.scanned is not None
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert app.view.rows == 900
        assert app.rows[-1] == "line 8990"


async def test_more_lines_at_once_than_there_is_room_for_do_not_hide_the_newest() -> None:
    app = Page(filled(3))
    async with app.run_test(size=(40, 5)):
        filled(50, app.store)
        app.view.update()
        assert app.rows[-1] == "line 52"


async def test_another_filter_ends_the_one_before() -> None:
    app = Page(filled(9_000, LogStore()))
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        show(app.view, "severity>=WARNING")
        show(app.view, '"line 8"')
        while app.view.scanned is not None:
            await pilot.pause()
        assert app.view.rows == 1_111


async def test_times_of_the_day_elsewhere_and_from_the_cursor() -> None:
    app = Page(filled(3))
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        app.view.times = Times.RELATIVE
        assert app.view.render_line(0).text.startswith("      -2.000 W")
        app.view.times = Times.LOCAL
        assert app.view.render_line(0).text.startswith("20:00:00.301 W")


async def test_a_pause_without_going_anywhere_holds_the_place_too() -> None:
    app = Page(filled(1000))
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        app.view.follow(False)
        before = app.rows
        filled(500, app.store)
        app.view.update()
        assert app.store.let_go > 0
        assert app.rows == before


async def test_a_line_that_goes_on_beyond_the_edge_says_so() -> None:
    app = Page(LogStore())
    app.store.append(NOON, Severity.INFO, SafeText("0123456789" * 5))
    async with app.run_test(size=(40, 5)) as pilot:
        app.view.focus()
        await pilot.pause()
        assert app.view.render_line(0).text.endswith("23›")
        await pilot.press("l", "l", "l", "l")
        assert app.view.render_line(0).text.endswith("9")
        assert app.view.render_line(0).cell_length == 40


async def test_a_filter_shows_only_what_passes() -> None:
    app = Page(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        show(app.view, "severity>=WARNING")
        assert app.rows == [f"line {number}" for number in range(0, 50, 10)]
        show(app.view, '"LINE 4"')
        assert app.rows == ["line 45", "line 46", "line 47", "line 48", "line 49"]


async def test_a_search_goes_to_the_line() -> None:
    app = Page(filled(50))
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        app.view.seek(lambda entry: entry.message == "line 7", -1, "line 7")
        assert app.rows[0] == "line 7"
        app.view.seek(lambda entry: entry.message == "line 6", 1, "line 6")
        assert app.rows[0] == "line 7"


async def test_an_empty_log_can_be_moved_in() -> None:
    app = Page(LogStore())
    async with app.run_test(size=(40, 5)) as pilot:
        app.view.focus()
        await pilot.press("up", "pagedown", "down")
        app.view.go_to_start()
        assert app.rows == [""] * 5


async def test_only_the_lines_in_sight_are_painted() -> None:
    store = filled(5_000, LogStore())
    app = Page(store)
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        assert app.rows[-1] == "line 4999"
        assert len(app.view._rows._painted) <= 10


async def test_an_expression_that_goes_astray_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.widgets.logs.log_view._LONGEST", 0.05)
    app = Page(filled(5))
    app.store.append(NOON, Severity.INFO, SafeText("a" * 60 + "b"))
    async with app.run_test(size=(40, 5)) as pilot:
        show(app.view, "~(a+)+$")
        assert app.view.filter == Query()
        assert app.view.rows == 6
        await pilot.pause()
