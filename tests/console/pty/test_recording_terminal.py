"""A console that records, however it is ended, and one that replays: on a real terminal."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pty_terminal import CONSOLE, PATIENCE, terminal

from console.recording.reader import read


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for what another process is yet to write."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never was so"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGKILL, -9)],
    ids=["terminated", "killed"],
)
def test_a_recording_is_there_however_the_console_ends_and_is_replayed_without_what_it_told_of(
    environment: dict[str, str], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    path = tmp_path / "a.jsonl"
    nowhere = str(tmp_path / "no-model")
    command = [*CONSOLE, "--models", nowhere, "--record", str(path)]
    with terminal(command, environment) as console:
        console.until("FAILED")
        wait_until(lambda: b"EngineFailed" in path.read_bytes())
        os.kill(console.pid, number)
        assert console.ended() == code
    recording = read(path)
    assert recording.damage is None
    assert (b'"over":true' in path.read_bytes()) is (number is signal.SIGTERM)

    with terminal([*CONSOLE, "--replay", str(path), "--speed", "100"], environment) as again:
        again.until("FAILED")
        again.until("the recording ends here")
        again.type("q")
        assert again.ended() == 0
