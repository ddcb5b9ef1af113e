from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from cloud_scenes import NOW
from console_scenes import opened, settled, text_of, write
from log_scenes import ERROR, FIRST, line, log_scene
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.model.log.lines import LogQuery, LogRecord
from console.screens.logs import LogsScreen
from console.screens.modals.log_line import LogLineScreen
from console.store import Store
from console.widgets.logs.log_view import LogView


@asynccontextmanager
async def looked_at(
    store: Store | None = None, size: tuple[int, int] = (120, 24)
) -> AsyncIterator[tuple[LogsScreen, ConsoleApp, Pilot[int]]]:
    """The screen of the log of a service on Google Cloud."""
    store = log_scene("following") if store is None else store
    async with opened(store, size, restarts=False, clock=lambda: NOW, on="logs") as (app, pilot):
        screen = app.screen
        assert isinstance(screen, LogsScreen)
        yield screen, app, pilot


async def filtered(screen: LogsScreen, app: ConsoleApp, pilot: Pilot[int], text: str) -> None:
    await pilot.press("ampersand")
    write(app, text, "find-text")
    await pilot.press("enter")
    await settled(app, pilot)


def shown(screen: LogsScreen) -> list[str]:
    return [entry.message for entry in screen.lines.entries()]


async def test_a_filter_is_always_in_sight_and_escape_takes_it_away_part_by_part() -> None:
    async with looked_at() as (screen, app, pilot):
        await filtered(screen, app, pilot, "severity>=WARNING ~(queue|memory)")
        assert shown(screen) == ["queue full (1/1)", "out of memory: tried to allocate 1.5 GiB"]
        assert "2 of 13 lines    ≥WARNING   ~(queue|memory)" in text_of(app)
        await pilot.press("escape")
        assert "4 of 13 lines    ≥WARNING" in text_of(app)
        await pilot.press("escape")
        assert screen.lines.rows == 13
        assert not screen.filter_bar.display


async def test_a_filter_can_be_written_on() -> None:
    async with looked_at() as (_, app, pilot):
        await pilot.press("v", "v", "ampersand")
        assert app.screen.query_one("#find-text", Input).value == "severity>=WARNING "


async def test_while_a_filter_is_written_what_can_be_read_of_it_counts() -> None:
    async with looked_at() as (screen, app, pilot):
        await pilot.press("ampersand")
        write(app, "queue", "find-text")
        await settled(app, pilot)
        assert screen.lines.rows == 2
        write(app, "queue ~(", "find-text")
        await settled(app, pilot)
        assert screen.lines.rows == 2
        assert "is no regular expression" in text_of(app)
        await pilot.press("enter")
        assert screen.find_bar.display


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status>=400", 1),
        ("latency>1s", 1),
        ("bytes>1e9", 1),
        ("origin=platform", 3),
        (f"instance={FIRST[-4:]}", 9),
        ("trace=6c1e9f -queued", 2),
        ("from=12:02:30 to=12:02:50", 3),
    ],
)
async def test_lines_are_found_by_their_parts(query: str, count: int) -> None:
    async with looked_at() as (screen, app, pilot):
        await filtered(screen, app, pilot, query)
        assert screen.lines.rows == count


async def test_only_the_instance_under_the_cursor_and_all_again() -> None:
    async with looked_at() as (screen, _, pilot):
        await pilot.press("i")
        assert {entry.provenance.instance for entry in screen.lines.entries()} == {FIRST}
        await pilot.press("i")
        assert screen.lines.rows == 13


async def test_only_the_request_under_the_cursor() -> None:
    async with looked_at() as (screen, _, pilot):
        await pilot.press("home", *["down"] * 5, "T")
        assert [text.split()[0] for text in shown(screen)] == ["POST", "queued", "made"]


async def test_a_line_of_no_request_says_so() -> None:
    async with looked_at() as (screen, app, pilot):
        await pilot.press("T")
        await settled(app, pilot)
        assert "does not say which request" in text_of(app)
        assert screen.lines.rows == 13


async def test_brackets_go_from_error_to_error_and_braces_from_start_to_start() -> None:
    async with looked_at() as (screen, app, pilot):
        seen = []
        for key in ("left_square_bracket", "left_square_bracket", "right_square_bracket"):
            await pilot.press(key)
            assert screen.lines.entry is not None
            seen.append(screen.lines.entry.message.split()[0])
        assert seen == ["Container", "out", "Container"]
        await pilot.press("left_curly_bracket")
        assert screen.lines.entry is not None
        assert screen.lines.entry.message.startswith("Starting new instance")
        await pilot.press("left_curly_bracket", "left_curly_bracket")
        await settled(app, pilot)
        assert "no earlier start of an instance" in text_of(app)


async def test_an_expression_is_searched_for_and_the_next_is_found() -> None:
    async with looked_at() as (screen, app, pilot):
        await pilot.press("slash")
        write(app, "~post.*429", "find-text")
        await pilot.press("enter")
        assert screen.lines.entry is not None
        assert " 429 " in screen.lines.entry.message
        await pilot.press("n")
        await settled(app, pilot)
        assert "no later line with ~post.*429" in text_of(app)


async def test_a_line_of_a_request_shows_the_others_and_copies_them() -> None:
    async with looked_at() as (_, app, pilot):
        await pilot.press("home", *["down"] * 5, "enter")
        await settled(app, pilot)
        assert isinstance(app.screen, LogLineScreen)
        said = text_of(app)
        assert "POST  /v1/images/generations  200  2.41 s  1.2 MB" in said
        assert "› 12:02:09.300 I   queued" in said
        await pilot.press("y")
        assert [row.split()[3] for row in app.clipboard.splitlines()] == ["POST", "queued", "made"]
        await pilot.press("T")
        screen = app.screen
        assert isinstance(screen, LogsScreen)
        assert screen.lines.rows == 3


async def test_a_line_is_copied_as_text_and_as_json() -> None:
    async with looked_at() as (_, app, pilot):
        await pilot.press("y")
        assert app.clipboard.endswith("idle: 一个蓝色的三角形")
        await pilot.press("Y")
        assert '"severity": "INFO"' in app.clipboard


async def test_what_is_shown_is_saved_where_one_says(tmp_path: Path) -> None:
    async with looked_at() as (screen, app, pilot):
        await filtered(screen, app, pilot, "severity>=ERROR")
        await pilot.press("ctrl+s")
        asked = app.screen.query_one(Input)
        assert asked.value.endswith("zimage/zimage-20261123T120500Z.log")
        asked.value = str(tmp_path / "errors.jsonl")
        await pilot.press("enter")
        await settled(app, pilot)
        assert len((tmp_path / "errors.jsonl").read_text().splitlines()) == 2
        assert "saved 2 lines" in text_of(app)


async def test_what_cannot_be_saved_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with looked_at() as (_, app, pilot):
        await pilot.press("ctrl+s")
        app.screen.query_one(Input).value = str(tmp_path / "file" / "x.log")
        await pilot.press("enter")
        await settled(app, pilot)
        assert "✗ not saved" in text_of(app)


async def test_times_of_lines_can_be_told_from_the_cursor() -> None:
    async with looked_at() as (_, app, pilot):
        await pilot.press("t", "t", "up")
        await settled(app, pilot)
        assert "from the cursor" in text_of(app)
        assert "+14.100 I 6071   idle" in text_of(app)


class Archived:
    """A session that has one line from before."""

    log_begins: datetime | None = None

    def __init__(self, store: Store) -> None:
        self.store = store

    async def search_log(
        self, query: LogQuery, since: datetime, limit: int
    ) -> tuple[LogRecord, ...]:
        found = line(-600, "from long before", ERROR)
        self.store.add_record(found)
        return (found,)


async def test_at_the_first_line_older_ones_are_read_and_nothing_moves() -> None:
    async with looked_at() as (screen, app, pilot):
        screen.surroundings.operator = Archived(screen.store)  # type: ignore[assignment]
        await pilot.press("home")
        await settled(app, pilot)
        assert shown(screen)[0] == "from long before"
        assert screen.lines.entry is not None
        assert screen.lines.entry.message.startswith("Starting new instance")
        assert "nothing older since" in text_of(app)


async def test_a_span_that_reaches_further_back_reads_on_by_itself() -> None:
    async with looked_at() as (screen, app, pilot):
        screen.surroundings.operator = Archived(screen.store)  # type: ignore[assignment]
        await filtered(screen, app, pilot, "since=1h severity>=ERROR")
        assert shown(screen)[0] == "from long before"
        await filtered(screen, app, pilot, "")
        assert "from long before" not in shown(screen), "other lines of its time are not known"


async def test_marked_lines_are_copied_and_saved_whatever_the_filter_shows(tmp_path: Path) -> None:
    async with looked_at() as (screen, app, pilot):
        await pilot.press("m", "up", "up", "up", "m")
        assert "2 marked" in text_of(app)
        await filtered(screen, app, pilot, "queue")
        await pilot.press("y")
        assert [row.split()[1] for row in app.clipboard.splitlines()] == ["WARNING", "INFO"]
        await pilot.press("Y")
        assert [json.loads(row)["severity"] for row in app.clipboard.splitlines()] == [
            "WARNING",
            "INFO",
        ]
        await pilot.press("ctrl+s")
        assert "Save 2 marked lines" in text_of(app)
        app.screen.query_one(Input).value = str(tmp_path / "marked.log")
        await pilot.press("enter")
        await settled(app, pilot)
        assert len((tmp_path / "marked.log").read_text().splitlines()) == 2


async def test_what_is_selected_by_mouse_is_copied_and_saved_before_what_is_marked(
    tmp_path: Path,
) -> None:
    async with looked_at() as (screen, app, pilot):
        await pilot.press("m")
        await pilot.mouse_down(LogView, offset=(30, 2))
        await pilot.hover(LogView, offset=(30, 4))
        await pilot.mouse_up(LogView, offset=(30, 4))
        await settled(app, pilot)
        assert "paused   13 lines   3 selected   1 marked" in text_of(app)
        await pilot.press("y")
        assert app.clipboard.splitlines()[0].endswith(shown(screen)[1])
        assert len(app.clipboard.splitlines()) == 3
        await pilot.press("Y")
        assert [json.loads(row)["message"] for row in app.clipboard.splitlines()] == shown(screen)[
            1:4
        ]
        await pilot.press("ctrl+s")
        assert "Save 3 selected lines" in text_of(app)
        app.screen.query_one(Input).value = str(tmp_path / "selected.log")
        await pilot.press("enter")
        await settled(app, pilot)
        assert len((tmp_path / "selected.log").read_text().splitlines()) == 3


async def test_characters_of_a_row_are_copied_as_they_are_and_escape_selects_nothing() -> None:
    async with looked_at() as (screen, app, pilot):
        row, message = 2, 24  # Within the frame and the blank beside it.
        assert screen.lines.render_line(row - 1).text[message - 2 :].startswith("port 7860 is")
        await pilot.mouse_down(LogView, offset=(message + 5, row))
        await pilot.hover(LogView, offset=(message + 8, row))
        await pilot.mouse_up(LogView, offset=(message + 8, row))
        await pilot.press("y")
        assert app.clipboard == "7860"
        await pilot.press("escape", "y")
        assert app.clipboard.endswith(" " + shown(screen)[1])


async def test_one_key_marks_all_from_the_line_marked_last() -> None:
    async with looked_at() as (screen, app, pilot):
        await pilot.press("m", "up", "up", "up", "M")
        assert len(screen.lines.marks) == 4
        assert text_of(app).count("●I") + text_of(app).count("●W") + text_of(app).count("●E") == 4


async def test_parentheses_go_from_mark_to_mark_and_escape_takes_all_away() -> None:
    async with looked_at() as (screen, app, pilot):
        await pilot.press("m", *["up"] * 4, "m", *["up"] * 4)
        await pilot.press("right_parenthesis")
        assert screen.lines.entry == screen.lines.marks.entries()[0]
        await pilot.press("right_parenthesis")
        assert screen.lines.entry == screen.lines.marks.entries()[1]
        await pilot.press("left_parenthesis")
        assert screen.lines.entry == screen.lines.marks.entries()[0]
        await pilot.press("escape")
        assert "marked" not in text_of(app)
        await pilot.press("left_parenthesis")
        await settled(app, pilot)
        assert "no earlier marked line" in text_of(app)
