"""Training stages that survive a crash: checkpoints, clocks and lines of progress."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import torch

_CHECKPOINT_SECONDS = 90.0


class Stage(Protocol):
    """A training that advances by steps and can be saved and continued."""

    steps: int

    def advance(self, step: int) -> dict[str, float]:
        """Do step number `step` and return what to report of it."""

    def report(self) -> dict[str, float]:
        """Return slower measurements, made at every checkpoint."""

    def state(self) -> dict[str, object]:
        """Return what `restore` needs."""

    def restore(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""


@dataclass
class Clock:
    """Wall and processor seconds that a stage has taken over all its runs, and its curve."""

    wall: float = 0.0
    cpu: float = 0.0
    curve: list[dict[str, float]] = field(default_factory=list)


def run_stage(name: str, work: Path, build: Callable[[], Stage]) -> Stage:
    """Run a stage to its end, from its last checkpoint in `work` if there is one."""
    path = work / f"{name}.pt"
    stage, clock, first = build(), Clock(), 0
    if path.exists():
        saved = torch.load(path, weights_only=False)
        stage.restore(saved["state"])
        clock, first = saved["clock"], saved["step"]
    wall, cpu = time.monotonic() - clock.wall, time.process_time() - clock.cpu
    saved_at = time.monotonic()
    for step in range(first, stage.steps):
        numbers = stage.advance(step)
        last = step + 1 == stage.steps
        due = last or time.monotonic() - saved_at > _CHECKPOINT_SECONDS
        if not due and (step + 1) % 50:
            continue
        clock.wall, clock.cpu = time.monotonic() - wall, time.process_time() - cpu
        numbers |= stage.report() if due else {}
        clock.curve.append({"step": step + 1.0, "wall": clock.wall, **numbers})
        print(_line(name, stage.steps, clock), flush=True)
        if due:
            _save(path, stage, clock, step + 1)
            saved_at = time.monotonic()
    (work / f"{name}.json").write_text(json.dumps(vars(clock), indent=1))
    return stage


def _save(path: Path, stage: Stage, clock: Clock, step: int) -> None:
    partial = path.with_suffix(".partial")
    torch.save({"state": stage.state(), "clock": clock, "step": step}, partial)
    partial.replace(path)


def _line(name: str, steps: int, clock: Clock) -> str:
    numbers = {key: value for key, value in clock.curve[-1].items() if key not in ("step", "wall")}
    shown = "  ".join(f"{key} {value:.4g}" for key, value in numbers.items())
    step = int(clock.curve[-1]["step"])
    return f"{name} {step}/{steps}  {clock.wall:.0f} s (cpu {clock.cpu:.0f} s)  {shown}"
