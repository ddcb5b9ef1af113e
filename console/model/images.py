"""Pictures: the one being made, and those made before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import isinf
from pathlib import Path
from typing import Final

from console.language import tr, tr_later
from console.model.contexts import LOCAL
from console.model.text import SafeText
from engine.schema import GenerationRequest, Size

_HARDLY_SEEN: Final = 40.0
PREVIEWS: Final = 3
"""How often a picture is shown while it is being made."""


class Target(StrEnum):
    """Who makes a picture: the service that is looked after, or the engine on this machine."""

    DEPLOYED = "deployed"
    LOCAL = "local"

    @property
    def word(self) -> str:
        """What it is called within a line."""
        return tr(_TARGETS[self][0])

    @property
    def heading(self) -> str:
        """What it is called at the beginning of a line."""
        return tr(_TARGETS[self][1])


_TARGETS: Final = {
    Target.DEPLOYED: (tr_later("deployed"), tr_later("Deployed")),
    Target.LOCAL: (tr_later("local"), tr_later("Local")),
}


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
    `problem` is one line, set when the run failed. `target` makes it; `sent_at` is when it was
    sent there, in seconds of a monotonic clock.
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
    target: Target = Target.LOCAL
    sent_at: float | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state not in (RunState.WAITING, RunState.RUNNING)


def being_made(runs: Iterable[Run]) -> Run | None:
    """Return the run that the engine works on."""
    return next((run for run in runs if run.state is RunState.RUNNING), None)


def latest_of(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return the latest run, or the latest two if they ask for the same picture here and there.

    Of two, the one of the service comes first.
    """
    pair = runs[-2:]
    if len(pair) < 2 or not _same(*pair):
        return tuple(runs[-1:])
    return tuple(sorted(pair, key=lambda run: run.target is Target.LOCAL))


def _same(one: Run, other: Run) -> bool:
    # Without a seed the two would not be the same picture.
    asked = one.request == other.request and one.request.seed is not None
    return asked and one.target is not other.target


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A finished picture as PNG, with everything needed to make it again.

    `path` is where it was saved, or None while it exists only in memory. `seconds` is what the
    engine needed, None where nobody knows, as of a picture of an earlier session; its `png` may
    still have to be read. `took` is the time from asking to having it. `maker` is the context whose
    engine made it, empty if that is not known, `target` what that was when it was made.
    """

    prompt: str
    size: Size
    steps: int
    seed: int
    seconds: float | None
    made_at: datetime
    png: bytes = field(repr=False)
    path: Path | None = None
    took: float | None = None
    maker: str = LOCAL
    target: Target = Target.LOCAL

    @property
    def earlier(self) -> bool:
        """Whether it is of an earlier session."""
        return self.seconds is None

    @property
    def asked(self) -> tuple[str, Size, int, int]:
        """What it was made from."""
        return self.prompt, self.size, self.steps, self.seed


def counterpart(pictures: Iterable[MadePicture], of: MadePicture) -> MadePicture | None:
    """Return the newest picture that another engine made from the same request."""
    return next((each for each in pictures if _answers_as(each, of)), None)


def _answers_as(one: MadePicture, other: MadePicture) -> bool:
    return one.maker != other.maker and one.asked == other.asked


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two pictures are: `psnr` in decibels, infinite if no pixel differs.

    `psnr` None means that they cannot be compared, as their sizes differ.
    """

    psnr: float | None

    def __str__(self) -> str:
        if self.psnr is None:
            return tr("of different sizes")
        if isinf(self.psnr):
            return tr("identical")
        if self.psnr >= _HARDLY_SEEN:
            return tr("nearly the same, PSNR {psnr:.1f} dB", psnr=self.psnr)
        return tr("different, PSNR {psnr:.1f} dB", psnr=self.psnr)
