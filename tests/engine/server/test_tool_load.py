"""The load test itself: a small load, end to end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from running_engine import PATIENCE, clean_environment

TOOL = Path(__file__).parents[3] / "tools/load_test.py"


def test_a_crowd_is_served_or_told_when_to_come_back(tiny_model: Path) -> None:
    flags = ["--requests", "40", "--rounds", "2", "--seconds", "0.2", "--size", "64x64"]
    done = subprocess.run(
        [sys.executable, TOOL, "--models", tiny_model, *flags],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=PATIENCE,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "every request ended as it should" in done.stdout
    assert "429 with Retry-After" in done.stdout
    assert done.stderr == ""
