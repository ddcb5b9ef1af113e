"""What is measured from outside, on the pseudo-terminal that the console writes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from speed.figure import Figure
from speed.terminal import Terminal, running

STAND: Final = (sys.executable, str(Path(__file__).parent.parent / "console_stand.py"))
EMPTY: Final = (
    sys.executable,
    "-c",
    "from textual.app import App\n"
    "from textual.widgets import Static\n"
    "class Empty(App):\n"
    "    def compose(self):\n"
    "        yield Static('nothing here')\n"
    "Empty().run()\n",
)
CONSOLE: Final = (sys.executable, "-m", "console", "--context", "local", "--models", "/nowhere")
KEPT: Final = 200_000
FLOOD: Final = 2_000
"""How many lines a second a flood has."""

SCREENS: Final = {
    "Overview": "\x1bOP",
    "Cold starts": "\x1bOQ",
    "Logs": "\x1bOR",
    "Cost": "\x1bOS",
    "Generate": "\x1b[15~",
    "Models": "\x1b[17~",
    "Deploy": "\x1b[18~",
}
_MARK: Final = "¤"
_ERASE: Final = "\x7f"


def first_frame(times: int) -> Figure:
    """How long until the console is on screen, against an empty application; the best of each."""
    ours, empty = [], []
    for _ in range(times):
        empty.append(_seconds_until("nothing here", EMPTY))
        ours.append(_seconds_until("Overview", CONSOLE))
    return Figure("first frame", min(ours) / min(empty), "× an empty application", 2, noisy=True)


def idle(seconds: float) -> list[Figure]:
    """What each screen writes while nothing happens."""
    found = []
    with running([*STAND, "--kept", "1000"]) as terminal:
        terminal.until("READY")
        for name, key in SCREENS.items():
            _open(terminal, key)
            rate = terminal.listen(seconds) / seconds
            found.append(Figure(f"idle, {name}", rate, "B/s", 0))
    return found


def refreshing(seconds: float) -> list[Figure]:
    """What each screen writes while the service changes once a second."""
    found = []
    with running([*STAND, "--kept", "1000", "--changes-a-second", "1"]) as terminal:
        terminal.until("READY")
        for name, key in SCREENS.items():
            terminal.type(key)
            terminal.listen(3.0)
            rate = terminal.listen(seconds) / seconds / 1000
            found.append(Figure(f"a change a second, {name}", rate, "kB/s", 2))
    return found


def flooded(name: str, lines: float, seconds: float, limit: float | None) -> list[Figure]:
    """What the screens with a log write while so many lines a second come."""
    found = []
    with running([*STAND, "--kept", "1000", "--lines-a-second", str(lines)]) as terminal:
        terminal.until("READY")
        for screen in ("Overview", "Logs"):
            terminal.type(SCREENS[screen])
            terminal.listen(3.0)
            rate = terminal.listen(seconds) / seconds / 1000
            found.append(Figure(f"{name}, {screen}", rate, "kB/s", limit))
        terminal.type("\x1b[A")  # Up: pauses, so that no line in sight moves any more.
        terminal.listen(3.0)
        rate = terminal.listen(seconds) / seconds / 1000
        found.append(Figure(f"{name}, Logs paused", rate, "kB/s", limit))
    return found


def keys(seconds: float) -> list[Figure]:
    """How long a key waits to be painted: at rest, under a flood, and while a filter looks."""
    with running([*STAND, "--kept", str(KEPT)]) as terminal:
        terminal.until("READY")
        _open(terminal, SCREENS["Logs"])
        rest = _typed(terminal, "/", seconds)
        filtering = _typed(terminal, "&", seconds)
    with running([*STAND, "--kept", str(KEPT), "--lines-a-second", str(FLOOD)]) as terminal:
        terminal.until("READY")
        terminal.type(SCREENS["Logs"])
        terminal.listen(5.0)
        flood = _typed(terminal, "/", seconds)
    said = (
        ("at rest", rest, None),
        ("while a filter looks at all lines", filtering, None),
        (f"under {FLOOD:,} lines a second", flood, 50),
    )
    return [
        Figure(f"key to paint, p95, {name}", _p95(waits) * 1e3, "ms", limit, noisy=True)
        for name, waits, limit in said
    ]


def soak(seconds: float, lines: float) -> Figure:
    """By how much memory grows while lines come for long and as many have to leave."""
    with running([*STAND, "--kept", str(KEPT), "--lines-a-second", str(lines)]) as terminal:
        terminal.until("READY")
        terminal.type(SCREENS["Logs"])
        terminal.listen(20.0)
        before = terminal.megabytes()
        terminal.listen(seconds)
        grown = terminal.megabytes() - before
    name = f"memory grown by {lines * seconds:,.0f} lines in {seconds:.0f} s"
    return Figure(name, max(0.0, grown), "MB", 5)


def _seconds_until(text: str, command: Sequence[str]) -> float:
    began = time.monotonic()
    with running(command) as terminal:
        terminal.until(text)
        return time.monotonic() - began


def _open(terminal: Terminal, key: str) -> None:
    terminal.settle()
    terminal.type(key)
    terminal.settle()


def _typed(terminal: Terminal, key: str, seconds: float) -> list[float]:
    """Write a character into the row that `key` opens and erase it, again and again."""
    terminal.type(key)
    terminal.listen(1.0)
    waits: list[float] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        waits.append(terminal.echoed(_MARK))
        terminal.type(_ERASE)
        terminal.listen(0.1)
    terminal.type("\x1b")
    terminal.listen(1.0)
    return waits


def _p95(seconds: Sequence[float]) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
