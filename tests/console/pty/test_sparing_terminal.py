"""What is on the terminal after only what changed was written is what a whole repaint shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pty_terminal import CONSOLE, Terminal, terminal

SIZE = (100, 30)
SCREENS = {
    "Cold starts": "\x1bOQ",
    "Logs": "\x1bOR",
    "Cost": "\x1bOS",
    "Generate": "\x1b[15~",
    "Models": "\x1b[17~",
    "Overview": "\x1bOP",
}
REPAINT = "\x0c"


@pytest.fixture
def nothing_changes(environment: dict[str, str], tmp_path: Path) -> Iterator[Terminal]:
    """Yield a console on a recording that is at its end, so that no cost rises between looks."""
    path = tmp_path / "failed.jsonl"
    command = [*CONSOLE, "--models", str(tmp_path / "nowhere"), "--record", str(path)]
    with terminal(command, environment, SIZE) as opened:
        opened.until("FAILED")
        opened.type("q")
        assert opened.ended() == 0
    command = [*CONSOLE, "--replay", str(path), "--speed", "100"]
    with terminal(command, environment, SIZE) as opened:
        opened.until("the recording ends here")
        yield opened


def settled(opened: Terminal) -> str:
    """Return what is to be seen when nothing more comes."""
    opened.settle()
    return opened.shown


def test_every_screen_is_on_the_terminal_as_a_repaint_paints_it(nothing_changes: Terminal) -> None:
    for name, key in SCREENS.items():
        nothing_changes.type(key)
        shown = settled(nothing_changes)
        before = len(nothing_changes.written)
        nothing_changes.type(REPAINT)
        assert settled(nothing_changes) == shown, name
        assert len(nothing_changes.written) - before > SIZE[0] * SIZE[1], name


def test_moving_through_the_log_and_back_leaves_no_debris(nothing_changes: Terminal) -> None:
    for keys in (SCREENS["Logs"], "\x1b[A\x1b[A", "/红 é🙂", "\x1b", "?", "\x1b", "ll", "tt"):
        nothing_changes.type(keys)
        shown = settled(nothing_changes)
        nothing_changes.type(REPAINT)
        assert settled(nothing_changes) == shown, keys
