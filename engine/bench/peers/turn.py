"""One turn of one program: what it took, and how a program of ours is asked for it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError
from engine.schema import Size


class TurnFailed(EngineError):
    """A program that was to be measured did not finish its picture."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every program does: a picture of `size` in so many steps with a directory's files."""

    directory: Path
    quant: str
    size: Size
    steps: int
    threads: int | None
    linear: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """Seconds of the phases by name (`load`, `encode`, `step`, `decode`), and the peak memory.

    `step` is the mean of the steps. A phase that a program does not have is not there. `details`
    is what the program said of itself beyond that.
    """

    seconds: dict[str, float]
    peak_bytes: int
    details: dict[str, object]


def ours(task: Task, picture: Path) -> Turn:
    """Run our engine in a process of its own, and keep the picture as a PNG."""
    found = run_module(
        "engine",
        *("bench", "--json", "--directory", str(task.directory.parent), "--quant", task.quant),
        *("--size", str(task.size), "--steps", str(task.steps), "--linear", task.linear),
        *("--picture", str(picture), *threads_flag(task)),
        *(["--small"] if task.small else []),
    )
    phases = found["phases"]
    assert isinstance(phases, list)
    told = {phase["name"]: phase["seconds"] for phase in phases} | {
        "step": found["seconds_per_step"]
    }
    seconds = {name: float(told[name]) for name in ("load", "encode", "step", "decode")}
    return Turn(seconds, max(phase["peak_bytes"] for phase in phases), found)


def run_module(module: str, *arguments: str) -> dict[str, object]:
    """Run a module of ours in a fresh Python and return the JSON document that it prints."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise failed(module, done.returncode, done.stderr.splitlines())
    document: dict[str, object] = json.loads(done.stdout)
    return document


def failed(program: str, code: int, lines: Sequence[str]) -> TurnFailed:
    """Return the error for a program that ended with `code`, in the last words it had."""
    last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
    how = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
    return TurnFailed(f"{program} {how}: {last:.300}")


def threads_flag(task: Task) -> list[str]:
    """Return the flag for the number of threads, nothing where the program shall decide."""
    return [] if task.threads is None else ["--threads", str(task.threads)]
