"""What goes on while a verb runs: one line on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len

from console.verbs.status_line import StatusLine, can_move_cursor


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_one_line_that_is_gone_in_the_end() -> None:
    stream = Terminal()
    line = StatusLine(stream, live=True)

    line.show("50 %")
    line.show("50 %")
    line.tell("waiting")
    line.clear()

    assert stream.getvalue() == "\r\x1b[K50 %\r\x1b[Kwaiting\r\x1b[K"


@pytest.mark.parametrize("text", ["a" * 100, "模型" * 100, "e\u0301" * 100])
def test_a_line_is_never_wider_than_the_terminal(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()

    StatusLine(stream, live=True).show(text)

    assert 38 <= cell_len(stream.getvalue().removeprefix("\r\x1b[K")) <= 39


def test_elsewhere_there_is_a_plain_line_every_half_minute_and_at_once_what_is_told() -> None:
    stream, now = io.StringIO(), [0.0]
    line = StatusLine(stream, live=False, clock=lambda: now[0])

    line.show("comparing")
    for seconds in range(95):
        now[0] = float(seconds)
        line.show(f"{seconds} s")
    line.tell("not reached; again in 2 s")
    line.clear()

    assert stream.getvalue().splitlines() == ["30 s", "60 s", "90 s", "not reached; again in 2 s"]


def test_what_is_for_terminals_only_is_nowhere_else() -> None:
    stream = io.StringIO()
    line = StatusLine(stream, live=False, seldom=None)

    line.show("starting")
    line.tell("starting")
    line.clear()

    assert stream.getvalue() == ""


def test_a_cursor_moves_on_a_terminal_that_is_not_dumb() -> None:
    assert can_move_cursor(Terminal(), {"TERM": "xterm"})
    assert not can_move_cursor(Terminal(), {"TERM": "dumb"})
    assert not can_move_cursor(io.StringIO(), {"TERM": "xterm"})
