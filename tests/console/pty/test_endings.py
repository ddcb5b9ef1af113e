"""However the console ends, the shell gets its terminal back, and nothing started stays."""

from __future__ import annotations

import os
import re
import signal
import socket
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pty_terminal import CONSOLE, PATIENCE, Terminal, terminal
from terminal_state import ALTERNATE_SCREEN, BRACKETED_PASTE, CURSOR, WRAPS, TerminalState

BASH = ["/bin/bash", "--norc", "--noprofile", "-i"]


def children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in listed for child in each.read_text().split()]


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for what the machine is yet to do; there is nothing that would tell."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never was so")


def given_back(opened: Terminal) -> bool:
    """Whether a shell has its terminal, which it may let mark what is pasted."""
    state = TerminalState.after(opened.written)
    return state.modes - {BRACKETED_PASTE} == {WRAPS, CURSOR} and state.keyboard == 0


@contextmanager
def at_work(
    model: Path, environment: dict[str, str], pictures: Path
) -> Iterator[tuple[Terminal, list[int]]]:
    """A console whose engine is ready, and the processes that it started."""
    command = [*CONSOLE, "--models", str(model), "--pictures", str(pictures)]
    with terminal(command, environment) as opened:
        opened.until("READY")
        started = children(opened.pid)
        assert started
        yield opened, started


def handed_back(opened: Terminal, before: list[object]) -> None:
    """Check that the terminal is as it was before."""
    assert termios.tcgetattr(opened.descriptor) == before
    state = TerminalState.after(opened.written)
    assert state.is_as_before, state
    assert b"Traceback" not in opened.written


@pytest.mark.parametrize(
    "signals",
    [
        (signal.SIGTERM,),
        (signal.SIGHUP,),
        (signal.SIGQUIT,),
        (signal.SIGINT, signal.SIGINT),
        (signal.SIGTERM, signal.SIGTERM, signal.SIGHUP, signal.SIGINT),
    ],
    ids=lambda signals: "+".join(each.name for each in signals),
)
def test_a_signal_ends_it_and_its_engine_and_gives_the_terminal_back(
    signals: tuple[signal.Signals, ...],
    tiny_model_directory: Path,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    with at_work(tiny_model_directory, environment, tmp_path) as (opened, started):
        before = opened.before
        for number in signals:
            os.kill(opened.pid, number)
        # Of those that wait at the same time, the kernel chooses which comes first.
        assert opened.ended() in {128 + each for each in signals}
        handed_back(opened, before)
        assert [pid for pid in started if not gone(pid)] == []


def test_a_terminal_that_is_lost_ends_it_and_its_engine(
    tiny_model_directory: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    with at_work(tiny_model_directory, environment, tmp_path) as (opened, started):
        opened.hang_up()
        assert opened.exit_code() == 128 + signal.SIGHUP
        assert [pid for pid in started if not gone(pid)] == []


def test_a_console_that_is_killed_outright_leaves_no_engine(
    tiny_model_directory: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    with at_work(tiny_model_directory, environment, tmp_path) as (opened, started):
        os.kill(opened.pid, signal.SIGKILL)
        assert opened.ended() == -signal.SIGKILL
        wait_until(lambda: all(map(gone, started)))


def test_suspended_it_gives_the_terminal_back_and_takes_it_again_in_the_foreground(
    environment: dict[str, str], tmp_path: Path
) -> None:
    command = " ".join([*CONSOLE, "--models", "/nowhere", "--pictures", str(tmp_path)])
    with terminal(BASH, {**environment, "PS1": "shell> ", "HISTFILE": ""}) as opened:
        opened.until("shell> ")
        opened.type(f"{command}\r")
        opened.until("FAILED")
        opened.type("\x1a")
        opened.until("Stopped")
        assert given_back(opened)
        opened.type("stty -a | grep -c -e ' icanon .* echo '\r")
        opened.until(re.compile(rb"\r1\r\n"))
        suspended = len(opened.written)
        opened.type("fg\r")
        # All is painted again, since the shell wrote over it.
        opened.until(re.compile(rb"(?s).{%d}.*\x1b\[\?1049h.*FAILED.*Help" % suspended))
        assert ALTERNATE_SCREEN in TerminalState.after(opened.written).modes
        opened.type("\x11")
        opened.until(re.compile(rb"(?s).{%d}.*\x1b\[\?1049l.*shell> " % suspended))
        opened.type("echo code $?\r")
        opened.until(re.compile(rb"code 0\r\n"))
        assert given_back(opened)
        opened.type("exit\r")
        assert opened.ended() == 0


def test_a_storm_of_sizes_leaves_a_console_that_answers(
    environment: dict[str, str], tmp_path: Path
) -> None:
    command = [*CONSOLE, "--models", "/nowhere", "--pictures", str(tmp_path)]
    with terminal(command, environment) as opened:
        before = opened.before
        opened.until("FAILED")
        for number in range(200):
            opened.resize((number * 37) % 300 + 1, (number * 13) % 90 + 1)
            opened.read(0)
        for size in ((1, 1), (0, 0), (500, 200), (100, 30)):
            opened.resize(*size)
        opened.type("?")
        opened.until("Why starts took as long")
        opened.type("\x1b\x11")
        assert opened.ended() == 0
        handed_back(opened, before)


def test_it_leaves_while_a_request_hangs(environment: dict[str, str], tmp_path: Path) -> None:
    """The proxy takes every connection and never answers, so that all that is asked hangs."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
        asking = {**environment, "HTTPS_PROXY": proxy, "https_proxy": proxy, "GRPC_PROXY": proxy}
        command = [*CONSOLE, "--context", "my-project/us-central1/z-image"]
        key = {"GOOGLE_APPLICATION_CREDENTIALS": str(a_login(tmp_path))}
        with terminal(command, {**asking, **key}) as opened:
            before = opened.before
            hanging, _ = silent.accept()
            with hanging:
                assert hanging.recv(1)
                opened.type("\x11")
                assert opened.ended() == 0
            handed_back(opened, before)


def a_login(directory: Path) -> Path:
    """A login whose token has to be asked for."""
    file = directory / "login.json"
    file.write_text(
        '{"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c"}'
    )
    return file


@pytest.mark.parametrize("kept", ["stdout", "stdin", "stderr"])
def test_without_a_terminal_on_a_stream_it_draws_or_says_why_not(
    kept: str, environment: dict[str, str], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    redirected = {"stdin": "</dev/null", "stdout": f">{elsewhere}", "stderr": f"2>{elsewhere}"}
    console = " ".join([*CONSOLE, "--models", "/nowhere", "--pictures", str(tmp_path)])
    command = ["/bin/sh", "-c", f"{console} {redirected[kept]}"]
    with terminal(command, environment) as opened:
        if kept == "stdout":
            opened.until("FAILED")
            opened.type("\x11")
            assert opened.ended() == 0
            assert elsewhere.read_bytes() == b""
        else:
            assert opened.ended() == 2
            said = elsewhere.read_bytes() if kept == "stderr" else opened.written
            assert b"zimage-console status" in said
            assert said.count(b"\n") == 1
        assert TerminalState.after(opened.written).is_as_before


@pytest.mark.parametrize("term", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_is_told_what_to_use(
    term: str, environment: dict[str, str]
) -> None:
    with terminal(["/usr/bin/env", f"TERM={term}", *CONSOLE], environment) as opened:
        assert opened.ended() == 2
        assert b"zimage-console status" in opened.written
        assert TerminalState.after(opened.written).functions.keys() <= {"C 0d", "C 0a"}
