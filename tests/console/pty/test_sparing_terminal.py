"""What is on the terminal after only what changed was written is what a whole repaint shows."""

from __future__ import annotations

import re
from pathlib import Path

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
ELSEWHERE = SCREENS["Models"]
"""A screen on which nothing costs more every second."""
AWAKE = re.compile(r"awake \d+ s.*")
"""What costs more every second."""


def settled(opened: Terminal) -> str:
    """Return what is to be seen when nothing more comes, however long it has been awake."""
    while opened.read(1.0):
        pass
    return AWAKE.sub("awake", opened.shown)


def visited_and_repainted(opened: Terminal, key: str) -> tuple[str, str]:
    """Return a screen as `key` brought it, and as it is after all of it was written again.

    What a running service costs may rise between the two: a visit whose two sides differ is
    made once more, from another screen, where what is left over is left over again.
    """
    opened.type(key)
    shown = settled(opened)
    before = len(opened.written)
    opened.type(REPAINT)
    repainted = settled(opened)
    assert len(opened.written) - before > SIZE[0] * SIZE[1], "nothing was painted anew"
    return shown, repainted


def test_every_screen_is_on_the_terminal_as_a_repaint_paints_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    command = [*CONSOLE, "--models", str(tmp_path / "nowhere"), "--pictures", str(tmp_path)]
    with terminal(command, environment, SIZE) as opened:
        opened.until("FAILED")
        for name, key in SCREENS.items():
            visits = [visited_and_repainted(opened, key)]
            while visits[-1][0] != visits[-1][1] and len(visits) < 3:
                opened.type(ELSEWHERE)
                settled(opened)
                visits.append(visited_and_repainted(opened, key))
            shown, repainted = visits[-1]
            assert shown == repainted, name


def test_moving_through_the_log_and_back_leaves_no_debris(
    environment: dict[str, str], tmp_path: Path
) -> None:
    command = [*CONSOLE, "--models", str(tmp_path / "nowhere"), "--pictures", str(tmp_path)]
    with terminal(command, environment, SIZE) as opened:
        opened.until("FAILED")
        for keys in (SCREENS["Logs"], "\x1b[A\x1b[A", "/红 é🙂", "\x1b", "?", "\x1b", "ll", "tt"):
            opened.type(keys)
            shown = settled(opened)
            opened.type(REPAINT)
            assert settled(opened) == shown, keys
