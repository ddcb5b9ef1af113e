"""Several programs turn about, and their times as ratios to ours."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.bench.peers.turn import Turn, TurnFailed
from engine.errors import EngineError

OURS = "engine"


class DifferentPictures(EngineError):
    """Two programs made pictures of different sizes."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All turns by program, ours among them; `agreement` is the PSNR in dB with our picture."""

    turns: Mapping[str, Sequence[Turn]]
    agreement: Mapping[str, float]

    def seconds(self, program: str, phase: str) -> float | None:
        """Return the median of a phase, None if the program has no such phase."""
        found = [turn.seconds[phase] for turn in self.turns[program] if phase in turn.seconds]
        return statistics.median(found) if found else None

    def ratio(self, program: str, phase: str) -> float | None:
        """Return our seconds divided by theirs: below 1 we are faster."""
        ours, theirs = self.seconds(OURS, phase), self.seconds(program, phase)
        return ours / theirs if ours is not None and theirs else None

    def peak_bytes(self, program: str) -> int:
        """Return the largest memory that the program ever had."""
        return max(turn.peak_bytes for turn in self.turns[program])

    @property
    def phases(self) -> list[str]:
        """The names of all phases of all programs, ours first."""
        runs = [turns[0].seconds for turns in self.turns.values()]
        return list(dict.fromkeys(phase for seconds in runs for phase in seconds))


def turn_about(
    programs: Mapping[str, Callable[[], Turn]],
    turns: int,
    on_turn: Callable[[str], None],
    on_failure: Callable[[TurnFailed], None],
) -> dict[str, list[Turn]]:
    """Let each program have its turn, so many times round; `on_turn` hears whose turn begins.

    A program that fails has no further turn and costs the others none, for theirs may have taken
    an hour; one that finished no turn is left out. Raises `TurnFailed` if ours fails.
    """
    found: dict[str, list[Turn]] = {name: [] for name in programs}
    failed: set[str] = set()
    for _ in range(turns):
        for name in [name for name in programs if name not in failed]:
            on_turn(name)
            try:
                found[name].append(programs[name]())
            except TurnFailed as failure:
                if name == OURS:
                    raise
                failed.add(name)
                on_failure(failure)
    return {name: turns for name, turns in found.items() if turns}


def psnr(first: Path, second: Path) -> float:
    """Return the peak signal-to-noise ratio of two pictures' files in dB, infinite if equal.

    Raises `DifferentPictures` if they are not of the same size.
    """
    a, b = _pixels(first), _pixels(second)
    if a.shape != b.shape:
        raise DifferentPictures(f"{first.name} and {second.name} are of different sizes")
    error = float(np.square(a - b).mean())
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def _pixels(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    from PIL import Image

    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), np.float64)
