"""A copy by way of real multiplexers to a terminal, which is a pseudo-terminal here."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pty_terminal import Terminal, terminal

from console.terminal.multiplexers import tmux_passes_on

TEXT = "红 line\nand another"
BY_OSC = re.compile(rb"\x1b\]52;c?;([A-Za-z0-9+/=]+)(?:\a|\x1b\\)")
COPY = """
import sys, time
from console.terminal.clipboard import clipboard_sequence
from console.terminal.desktop import Desktop
import os
how, text = sys.argv[1], sys.argv[2]
if how == "program":
    assert Desktop(os.environ, patience=20).to_tmux(text, onward=True)
else:
    sys.stdout.write(clipboard_sequence(text) + clipboard_sequence(text, how))
    sys.stdout.flush()
print("written")
time.sleep(600)
"""

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
needs_screen = pytest.mark.skipif(
    shutil.which("screen") is None, reason="GNU screen is not installed"
)


@contextmanager
def in_tmux(folder: Path, settings: str, *command: str) -> Iterator[tuple[Terminal, Path]]:
    """A terminal on which tmux runs `command`, by a server of its own; and its socket."""
    socket, configuration = folder / "socket", folder / "tmux.conf"
    configuration.write_text(settings)
    tmux = shutil.which("tmux")
    assert tmux is not None
    environment = {name: value for name, value in os.environ.items() if name != "TMUX"}
    whole = [tmux, "-S", str(socket), "-f", str(configuration), "new-session", *command]
    try:
        with terminal(whole, environment) as opened:
            yield opened, socket
    finally:
        subprocess.run([tmux, "-S", str(socket), "kill-server"], capture_output=True, check=False)


def received(opened: Terminal) -> str:
    """What the terminal was asked to put into its clipboard."""
    return base64.b64decode(opened.until(BY_OSC)[1]).decode()


def copying(how: str) -> tuple[str, ...]:
    return (sys.executable, "-c", COPY, how, TEXT)


@needs_tmux
def test_tmux_itself_copies_and_asks_the_terminal(tmp_path: Path) -> None:
    with in_tmux(tmp_path, "set -g set-clipboard external\n", *copying("program")) as opened:
        there, socket = opened
        assert received(there) == TEXT
        shown = subprocess.run(
            ["tmux", "-S", str(socket), "show-buffer"], capture_output=True, text=True, check=True
        )
        assert shown.stdout == TEXT


@needs_tmux
@pytest.mark.parametrize(
    "settings",
    [
        "set -g set-clipboard on\nset -g allow-passthrough off\n",
        "set -g set-clipboard external\nset -g allow-passthrough on\n",
    ],
)
def test_either_way_through_tmux_reaches_the_terminal(settings: str, tmp_path: Path) -> None:
    with in_tmux(tmp_path, settings, *copying("tmux")) as (there, _):
        assert received(there) == TEXT


@needs_tmux
def test_where_tmux_lets_nothing_through_nothing_is_left_on_the_screen(tmp_path: Path) -> None:
    settings = "set -g set-clipboard external\nset -g allow-passthrough off\n"
    with in_tmux(tmp_path, settings, *copying("tmux")) as (there, _):
        there.until("written")
        there.settle()
        assert not BY_OSC.search(there.written)
        first = there.shown.splitlines()[0].strip()
        assert first == "written"


@needs_tmux
@pytest.mark.parametrize(("setting", "passes"), [("on", True), ("off", False)])
def test_tmux_is_asked_whether_it_passes_on(setting: str, passes: bool, tmp_path: Path) -> None:
    settings = f"set -g allow-passthrough {setting}\n"
    with in_tmux(tmp_path, settings, "sleep", "600") as (there, socket):
        deadline = time.monotonic() + 30
        while not socket.exists() and time.monotonic() < deadline:
            there.read(0.1)
        environment = {"PATH": os.environ["PATH"], "TMUX": f"{socket},1,0", "TMUX_PANE": "%0"}
        while tmux_passes_on(environment) is not passes and time.monotonic() < deadline:
            there.read(0.2)
        assert tmux_passes_on(environment) is passes


def test_where_no_tmux_answers_nothing_passes(tmp_path: Path) -> None:
    assert not tmux_passes_on({"PATH": str(tmp_path), "TMUX": "/nowhere,1,0"})


@needs_screen
def test_a_copy_goes_through_screen_in_pieces(tmp_path: Path) -> None:
    screen = shutil.which("screen")
    assert screen is not None
    environment = {name: value for name, value in os.environ.items() if name != "STY"}
    command = [screen, "-c", "/dev/null", *copying("screen")]
    with terminal(command, {**environment, "SCREENDIR": str(tmp_path)}) as opened:
        assert received(opened) == TEXT
