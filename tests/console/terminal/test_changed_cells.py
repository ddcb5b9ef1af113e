"""What is written instead has a terminal show the same, in fewer bytes."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.terminal.changed_cells import ChangedCells, restyled

COLUMNS, LINES = 20, 5
STYLES = ("", "1", "31", "38;2;1;2;3", "38;2;1;2;3;48;2;9;9;9", "48;5;17", "1;4;93;104", "7")
TEXTS = st.text(st.sampled_from("abc  │─●é红🙂\u0301"), min_size=1, max_size=8)


def at(line: int, column: int) -> str:
    return f"\x1b[{line + 1};{column + 1}H"


def worn(style: str, text: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if style else text


RUNS = st.builds(
    lambda line, column, pieces: at(line, column) + "".join(worn(*each) for each in pieces),
    st.integers(0, LINES - 1),
    st.integers(0, 3),
    st.lists(st.tuples(st.sampled_from(STYLES), TEXTS), min_size=1, max_size=2),
)
FRAMES = st.builds(
    lambda runs, end, cursor: end.join(runs) + cursor,
    st.lists(RUNS, min_size=1, max_size=6),
    st.sampled_from(["", "\n"]),
    st.sampled_from([at(0, 0), at(2, 7)]),
)
OTHER = st.sampled_from(["\x1b[2J", "\x1b[?2026h", "\x1b[?1049h", "\x1b[31mred\x1b[0m", "\x1b[0m"])


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(COLUMNS, LINES)
    return screen, pyte.Stream(screen)


def shown(screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    return [[screen.buffer[line][each] for each in range(COLUMNS)] for line in range(LINES)]


def cells() -> ChangedCells:
    known = ChangedCells()
    known.resize(COLUMNS, LINES)
    return known


@given(st.lists(st.one_of(FRAMES, OTHER), max_size=8))
def test_a_terminal_shows_the_same_whatever_is_painted(frames: list[str]) -> None:
    (whole, all_of_it), (screen, changes) = terminal(), terminal()
    known = cells()
    for frame in frames:
        all_of_it.feed(frame)
        changes.feed(known.written(frame))
        assert shown(screen) == shown(whole)
    assert (screen.cursor.y, screen.cursor.x) == (whole.cursor.y, whole.cursor.x)


def test_what_is_painted_again_is_not_written_again() -> None:
    known = cells()
    frame = at(1, 2) + worn("31", "as it was") + at(0, 0)
    assert known.written(frame)
    assert known.written(frame) == ""


def test_cells_that_something_was_drawn_over_are_written_again_and_no_others() -> None:
    known = cells()
    frame = at(1, 0) + "left blank right" + at(0, 0)
    known.written(frame)
    known.lose(5, 1, 5, 40)
    assert known.written(frame) == at(1, 5) + "blank" + at(0, 0)
    assert known.written(frame) == ""
    known.lose(0, 0, 400, 400)
    assert "left blank right" in known.written(frame)


def test_of_a_row_only_the_cells_that_changed_are_written() -> None:
    known = cells()
    known.written(at(1, 0) + worn("31", "12:00:01  ready") + at(0, 0))
    written = known.written(at(1, 0) + worn("31", "12:00:02  ready") + at(0, 0))
    assert written == at(1, 7) + worn("31", "2") + at(0, 0)


def test_a_frame_of_the_whole_screen_mends_what_others_wrote_on_it() -> None:
    known = cells()
    whole = "\n".join(at(line, 0) + "x" * COLUMNS for line in range(LINES)) + at(0, 0)
    known.written(whole)
    assert known.written(whole) == whole


@pytest.mark.parametrize("text", ["红", "🙂", "e\u0301", "\U0010eeee"])
def test_a_row_with_a_character_of_doubtful_width_is_written_whole(text: str) -> None:
    known = cells()
    frame = at(1, 0) + f"before {text} after" + at(0, 0)
    known.written(frame)
    assert known.written(frame) == frame


def test_another_size_means_that_nothing_is_known() -> None:
    known = cells()
    frame = at(1, 0) + "as it was" + at(0, 0)
    known.written(frame)
    known.resize(COLUMNS + 1, LINES)
    assert known.written(frame) == frame


def test_before_the_size_is_known_everything_is_written() -> None:
    known = ChangedCells()
    frame = at(1, 0) + "as it was" + at(0, 0)
    assert [known.written(frame), known.written(frame)] == [frame, frame]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("38;2;1;2;3;48;2;9;9;9", "38;2;4;5;6;48;2;9;9;9", "\x1b[38;2;4;5;6m"),
        ("38;2;1;2;3", "38;2;1;2;3;48;5;4", "\x1b[48;5;4m"),
        ("1;31", "31", "\x1b[0;31m"),
        ("31;44", "31", "\x1b[0;31m"),
        ("31", "", "\x1b[0m"),
        ("", "1;31", "\x1b[0;1;31m"),
        ("31", "31", ""),
    ],
)
def test_of_a_style_only_what_differs_is_said(before: str, after: str, said: str) -> None:
    assert restyled(before, after) == said
