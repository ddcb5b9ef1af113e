"""What each phase of a start takes when all is well, so that one start alone can be judged.

Measured figures with their sources are in Google's documentation of GPUs and start-up, and in
public reports of people who run models on Cloud Run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from console.model.starts.start import StartPhase

NORMAL: Final[Mapping[StartPhase, float]] = {
    # A real request arrived 0.02 s before its instance was asked for.
    StartPhase.WAITING: 0.0,
    StartPhase.CONTAINER: 2.0,
    # The engine opens its port before it imports anything heavy, within half a second.
    StartPhase.PORT: 0.5,
    # With libraries that are compiled to bytecode, on processors that are lent for the start.
    StartPhase.IMPORT: 1.5,
    StartPhase.DEVICE: 0.5,
    StartPhase.WARM_UP: 0.5,
    StartPhase.PROBE: 0.5,
    StartPhase.ANSWER: 2.0,
}
"""Seconds that a phase takes at its best; what is beyond them is what was lost."""

SLOW: Final[Mapping[StartPhase, float]] = {
    # Cloud Run decides within a second, unless no instance may be added.
    StartPhase.WAITING: 1.0,
    StartPhase.CONTAINER: 4.0,
    StartPhase.PORT: 2.0,
    StartPhase.IMPORT: 3.0,
    StartPhase.DEVICE: 3.0,
    StartPhase.WARM_UP: 3.0,
    # A probe that asks every second finds out within one.
    StartPhase.PROBE: 1.5,
    StartPhase.ANSWER: 4.0,
}
"""Seconds beyond which a phase is slow, whatever is usual; reading is judged by its rate."""

GPU_ATTACHED: Final = 3.0
"""How much longer bringing a container up may take with a GPU, which takes about 5 s in all."""

READING_WORTH: Final = 1.0
"""Reading that takes fewer seconds is no matter, whatever its rate."""

READING_NOTABLE_SHARE: Final = 0.05
"""Nor is slow reading that is less than this part of the start."""

READING_SHARE: Final = 0.3
"""Reading at full rate is worth a word if it takes this part of the start."""

RATE_ONE_STREAM: Final = 110e6
"""Bytes a second of one sequential stream through a mounted bucket (7.2 GB in 67 s)."""

RATE_RANDOM: Final = 50e6
"""Below this, files are read in pieces here and there, as mapped files are (2 to 40 MB/s), or
storage itself is slow."""

RATE_SLOW: Final = 250e6
"""Below this, one stream is read through the mount, or two."""

RATE_FULL: Final = 1e9
"""Bytes a second of large reads through Direct VPC (17.5 GiB in 16.6 s); more was not seen."""

RATE_NEAR_FULL: Final = 700e6
"""From here on the network is what it can be."""

EARLY: Final = 1.0
"""A probe that passes so many seconds before the engine is ready lets requests in too soon."""

UNTOLD_SHARE: Final = 0.5
UNTOLD_SECONDS: Final = 1.0
"""What is not told apart is worth a word if it is this part of a start and takes so long."""


def slow_from(phase: StartPhase, *, gpu: bool | None) -> float | None:
    """Return the seconds beyond which `phase` is slow; None for one judged otherwise."""
    limit = SLOW.get(phase)
    attached = GPU_ATTACHED if gpu and phase is StartPhase.CONTAINER else 0.0
    return None if limit is None else limit + attached


def normal_seconds(phase: StartPhase, read: int, *, gpu: bool | None) -> float:
    """Return what `phase` takes at its best; `read` is how many bytes of weights there are."""
    if phase is StartPhase.WEIGHTS:
        return read / RATE_FULL
    attached = GPU_ATTACHED if gpu and phase is StartPhase.CONTAINER else 0.0
    return NORMAL[phase] + attached
