"""`python -m console.sandbox fault`, against a sandbox that runs as a program of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_session import PATIENCE

from console.sandbox.__main__ import main
from console.sandbox.fault_command import ADDRESS_FILE, NotRunning, active, announced
from console.sandbox.faults import Fault

COMMAND = [sys.executable, "-m", "console.sandbox"]


def fault(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "fault", *words, "--state", str(state)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """The state directory of a sandbox that runs."""
    process = subprocess.Popen(
        [*COMMAND, "--state", str(tmp_path), "--exit-on-stdin-eof"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "sandbox_open"
    yield tmp_path
    process.communicate(timeout=PATIENCE)
    assert not (tmp_path / ADDRESS_FILE).exists()


def test_a_fault_is_switched_on_and_off_by_name(state: Path) -> None:
    assert fault(state, "logs-denied", "on").stdout == "logs-denied on\n"
    assert "logs-denied on\n" in fault(state, "list").stdout
    assert active(state) == {Fault.LOGS_DENIED: None}
    assert fault(state, "logs-denied", "off").stdout == "logs-denied off\n"
    assert active(state) == {}


def test_without_a_sandbox_one_line_says_so(tmp_path: Path) -> None:
    done = fault(tmp_path, "logs-denied", "on")
    assert (done.returncode, done.stdout) == (1, "")
    said = f"sandbox: no sandbox answers in {tmp_path}; start one, or name its directory by --state"
    assert done.stderr.splitlines() == [said]


@pytest.mark.parametrize("words", [["mood", "on"], ["logs-denied", "maybe"], ["list", "on"]])
def test_what_cannot_be_switched_is_a_matter_of_usage(tmp_path: Path, words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["fault", *words, "--state", str(tmp_path)])
    assert left.value.code == 2


@pytest.mark.parametrize(
    "text", ["", "[]", '{"http": 7}', '{"http": "example.com:80"}', '{"http": "127.0.0.1:x"}']
)
def test_an_address_that_makes_no_sense_is_no_sandbox(tmp_path: Path, text: str) -> None:
    (tmp_path / ADDRESS_FILE).write_text(text)
    with pytest.raises(NotRunning):
        active(tmp_path)


def test_a_sandbox_that_was_killed_leaves_an_address_at_which_nobody_answers(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with announced(tmp_path, {"http": f"127.0.0.1:{port}"}), pytest.raises(NotRunning):
        active(tmp_path)
