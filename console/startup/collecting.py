"""What keeps Python from looking for garbage while a key waits.

Garbage is what refers to itself; all else goes at once. Looking for it means looking at every
object there is, and the log alone is hundreds of thousands.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from typing import Final

from textual.strip import Strip

_SELDOM: Final = (2_000, 10, 500)
_divide = Strip.divide


def collect_seldom() -> None:
    """Have Python look for garbage seldom, and Textual make next to none; for the whole process.

    A strip of Textual 8 remembers how it was divided, and one that was not cut at all remembers
    itself: each line that is painted became garbage of a dozen objects, which memory grew by for
    hours, and which took half a second to find in a full log.
    """
    gc.set_threshold(*_SELDOM)
    Strip.divide = _divided  # type: ignore[assignment, method-assign]


def _divided(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    within = [cut for cut in cuts if cut <= strip.cell_length]
    return [strip] if within == [strip.cell_length] else _divide(strip, within)
