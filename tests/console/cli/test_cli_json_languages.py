"""What programs read is the same in every language, and what people read is not."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE = 300.0
ROOT = Path(__file__).parents[3]
HAN = re.compile("[\u4e00-\u9fff]")
NUMBER = re.compile(rb"[0-9]+(?:[.:,T-][0-9]+)*|null")
"""What is another at each run: times, sizes of memory, ages. What is not known yet is as good."""

ALONE = {
    "status": ("status",),
    "generate": (
        *("generate", "a red circle", "--size", "64x64", "--steps", "1"),
        *("--seed", "1", "-o", "a.png"),
    ),
    "doctor": ("doctor",),
    "coldstarts": ("coldstarts",),
    "cost": ("cost",),
    "logs": ("logs", "--severity", "error"),
    "models bucket": ("models", "bucket"),
    "deploy": ("deploy", "--plan"),
    "scale": ("scale", "0", "--plan"),
    "rollback": ("rollback", "--plan"),
    "traffic": ("traffic", "LATEST=100", "--plan"),
    "destroy": ("destroy", "--plan"),
    "a refusal": ("generate", "x", "--steps", "0"),
    "no such flag": ("status", "--nowhere"),
}
"""Verbs that need no cloud, or say without one what they need."""

ENGINES = ("status", "generate", "logs")
"""Verbs that start an engine; what they print in Chinese is looked at elsewhere."""

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def run(tmp_path: Path, environment: dict[str, str]) -> Run:
    """Run the console in a home of its own, where nobody is logged in to anything."""
    own = {f"XDG_{name}_HOME": str(tmp_path) for name in ("CONFIG", "STATE", "DATA", "CACHE")}
    here = {"CLOUDSDK_CONFIG": str(tmp_path), "PATH": "/usr/bin:/bin", "COLUMNS": "120"}
    pictures = {"ZIMAGE_PICTURES": str(tmp_path / "pictures"), "PYTHONPATH": str(ROOT)}

    def run(*arguments: str, language: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "console", *arguments],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            cwd=tmp_path,
            env={**environment, **own, **here, **pictures, "ZIMAGE_LANG": language, **variables},
        )

    return run


def said(done: subprocess.CompletedProcess[bytes]) -> tuple[int, bytes, bytes]:
    """What a verb said but for its numbers, and how it ended."""
    return done.returncode, NUMBER.sub(b"0", done.stdout), NUMBER.sub(b"0", done.stderr)


@pytest.mark.thorough
@pytest.mark.parametrize("verb", ALONE)
def test_json_is_the_same_in_every_language(verb: str, run: Run) -> None:
    in_english = run(*ALONE[verb], "--json", language="en")
    in_chinese = run(*ALONE[verb], "--json", language="zh")
    assert said(in_chinese) == said(in_english)
    assert in_english.stdout or in_english.stderr


@pytest.mark.thorough
@pytest.mark.parametrize("verb", [each for each in ALONE if each not in ENGINES])
def test_a_person_is_told_in_chinese_what_the_output_can_hold(verb: str, run: Run) -> None:
    in_chinese = run(*ALONE[verb], language="zh")
    assert HAN.search((in_chinese.stdout + in_chinese.stderr).decode("utf-8"))
    # Where there are no such signs it is English, and not a row of question marks.
    plain = {"PYTHONIOENCODING": "ascii"}
    assert said(run(*ALONE[verb], language="zh", **plain)) == said(
        run(*ALONE[verb], language="en", **plain)
    )
