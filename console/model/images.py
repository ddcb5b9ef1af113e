"""Pictures: the one being made, and those made before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from console.model.text import SafeText
from engine.schema import GenerationRequest, Size

PREVIEWS: Final = 3
"""How often a picture is shown while it is being made."""


class RunState(StrEnum):
    """Where a run stands."""

    WAITING = "waiting"
    """The service is not ready yet; the prompt is kept and runs when it is."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a picture will look like, as a PNG of any size, while it is being made."""

    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Run:
    """One request on its way to a picture.

    `number` counts runs of this session from 1. `step` of `total` is the last finished
    denoising step. `preview` is there while the run is being made, if previews were asked for.
    `problem` is one line, set when the run failed.
    """

    number: int
    request: GenerationRequest
    state: RunState = RunState.WAITING
    position: int = 0
    tokens: int | None = None
    step: int = 0
    total: int = 0
    seconds: float | None = None
    result: MadePicture | None = None
    problem: SafeText | None = None
    preview: Preview | None = None


def being_made(runs: Iterable[Run]) -> Run | None:
    """Return the run that the engine works on."""
    return next((run for run in runs if run.state is RunState.RUNNING), None)


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A finished picture as PNG, with everything needed to make it again.

    `path` is where it was saved, or None while it exists only in memory.
    """

    prompt: str
    size: Size
    steps: int
    seed: int
    seconds: float
    made_at: datetime
    png: bytes = field(repr=False)
    path: Path | None = None
