"""How alike two encoded pictures are.

Peak signal-to-noise ratio: 10 · log10(255² / mean squared error) over all samples of the three
colours, ITU-T Rec. J.340.
"""

from __future__ import annotations

from math import inf, log10
from typing import Final

from console.model.images import Likeness
from console.terminal.pictures import decoded

_PEAK: Final = 255.0


def likeness(one: bytes, other: bytes) -> Likeness:
    """Compare two encoded pictures; raises `UnreadablePicture` when one cannot be decoded."""
    from PIL import ImageChops, ImageStat

    first, second = decoded(one), decoded(other)
    if first.size != second.size:
        return Likeness(None)
    differences = ImageChops.difference(first, second)
    squares = sum(ImageStat.Stat(differences).sum2)
    if squares == 0:
        return Likeness(inf)
    mean = squares / (3 * differences.width * differences.height)
    return Likeness(10 * log10(_PEAK**2 / mean))
