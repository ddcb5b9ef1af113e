"""Threads wait briefly, unless somebody says how they are to wait."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from engine.sharing import wait_briefly


def test_threads_go_to_sleep_soon() -> None:
    environ = {"PATH": "/bin"}
    wait_briefly(environ)
    assert environ == {"PATH": "/bin", "GOMP_SPINCOUNT": "1000"}


@pytest.mark.parametrize("name", ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"])
def test_what_somebody_chose_stays(name: str) -> None:
    environ = {name: "active"}
    wait_briefly(environ)
    assert environ == {name: "active"}


def test_the_command_line_says_so_before_torch_is_there() -> None:
    program = """
import json, os, sys
import engine.cli as cli
def run(command, flags, environ):
    print(json.dumps([os.environ.get("GOMP_SPINCOUNT"), "torch" in sys.modules]))
    return 0
cli._run = run
cli.main(["bench"])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == ["1000", False]
