"""The suite is run as a whole, and a few tests that failed once more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = Path(__file__).parents[2] / "tools" / "suite.py"

RACE = """
from pathlib import Path

def test_that_holds(): ...

def test_that_loses_a_race_once():
    before = Path("before")
    lost = not before.exists()
    before.touch()
    assert not lost
"""
FAULT = """
def test_that_is_wrong(): assert False
"""
FAULTS = """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_that_is_wrong(number): assert False
"""


def run(directory: Path, content: str) -> tuple[int, str]:
    (directory / "pytest.ini").write_text("[pytest]\naddopts = -p no:schemathesis -q\n")
    (directory / "test_some.py").write_text(content)
    environment = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    command = [sys.executable, str(SUITE)]
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_a_test_that_holds_alone_is_named(tmp_path: Path) -> None:
    code, output = run(tmp_path, RACE)
    assert code == 0, output
    name = "test_some.py::test_that_loses_a_race_once"
    assert output.endswith(f"held alone, and so lost a race: {name}\n")


@pytest.mark.parametrize(("content", "again"), [(FAULT, True), (FAULTS, False)])
def test_what_is_wrong_stays_wrong(tmp_path: Path, content: str, again: bool) -> None:
    code, output = run(tmp_path, content)
    assert code == 1
    assert ("once more alone" in output) is again
    assert "lost a race" not in output
