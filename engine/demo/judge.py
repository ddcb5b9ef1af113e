"""Reading a picture back: which shape, in which colours, how large and where.

The judge sees pixels only. It shares nothing with the drawing code but the palette and the names,
so that an error there cannot hide behind the same error here.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.demo.pictures import PALETTE
from engine.demo.scenes import Scene

Mask = NDArray[np.bool_]
Pixels = NDArray[np.uint8]

LEAST_OVERLAP = 0.7
"""Intersection over union with the best template under which a blob counts as no shape."""

MOST_STRAY = 0.15
"""Area outside the largest blob, as a share of it, above which a picture counts as no shape."""

_GRID = 64
_LEAST_CONTRAST = 40.0
_LEAST_AREA = 0.01
_PLACE_THRESHOLD = 0.09
_SMALL_LIMIT, _LARGE_LIMIT = 0.2125, 0.2575
# Half of the longer side of a shape's box, for a shape of unit radius.
_HALF_EXTENT = {
    "circle": 0.92,
    "square": 0.82,
    "triangle": 0.935,
    "star": 1.0,
    "ring": 0.96,
    "cross": 0.95,
}


@dataclass(frozen=True)
class Reading:
    """What a picture shows; shape is None where it shows no recognisable single shape.

    `nearest` is the best of the six shapes even so, `overlap` its intersection over union (0..1).
    """

    background: str
    colour: str | None
    shape: str | None
    nearest: str | None
    overlap: float
    size: str | None
    place: str | None

    def shows(self, scene: Scene) -> bool:
        """Tell whether shape and shape colour are those of the scene."""
        return (self.shape, self.colour) == (scene.shape, scene.colour)


def read_picture(pixels: Pixels) -> Reading:
    """Read an RGB picture [height, width, 3], uint8."""
    values = pixels.astype(np.float64)
    ground = _border_colour(values)
    contrast = np.linalg.norm(values - ground, axis=-1)
    background = nearest_colour(ground)
    if (contrast > _LEAST_CONTRAST).mean() < _LEAST_AREA:
        return Reading(background, None, None, None, 0.0, None, None)
    paint = np.median(values[contrast > 0.75 * np.percentile(contrast, 99.5)], axis=0)
    cover = ((values - ground) @ (paint - ground)) / ((paint - ground) @ (paint - ground))
    blob, stray = _largest_blob(cover > 0.5)
    nearest, overlap = _nearest_shape(blob)
    whole = overlap >= LEAST_OVERLAP and stray <= MOST_STRAY
    size, place = _size_and_place(blob, nearest)
    shape = nearest if whole else None
    return Reading(background, nearest_colour(paint), shape, nearest, overlap, size, place)


def nearest_colour(rgb: NDArray[np.float64]) -> str:
    """Name the colour of the palette that is nearest to an RGB value in 0..255."""
    names = list(PALETTE)
    gaps = np.linalg.norm(np.array([PALETTE[name] for name in names]) - rgb, axis=-1)
    return names[int(gaps.argmin())]


def _border_colour(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median colour of the outermost two rows and columns."""
    border = [values[:2], values[-2:], values[:, :2], values[:, -2:]]
    median: NDArray[np.float64] = np.median(
        np.concatenate([part.reshape(-1, 3) for part in border]), axis=0
    )
    return median


def _largest_blob(mask: Mask) -> tuple[Mask, float]:
    """Return the largest connected part of a mask, and the rest's area as a share of it."""
    rest, largest = mask.copy(), np.zeros_like(mask)
    while rest.sum() > largest.sum():
        blob = _connected(rest, np.unravel_index(int(rest.argmax()), rest.shape))
        rest &= ~blob
        if blob.sum() > largest.sum():
            largest = blob
    area = float(largest.sum())
    return largest, (float(mask.sum()) - area) / area


def _connected(mask: Mask, seed: tuple[np.intp, ...]) -> Mask:
    """Return the 4-connected part of a mask around a seed."""
    blob = np.zeros_like(mask)
    blob[seed] = True
    while True:
        grown = blob.copy()
        grown[1:] |= blob[:-1]
        grown[:-1] |= blob[1:]
        grown[:, 1:] |= blob[:, :-1]
        grown[:, :-1] |= blob[:, 1:]
        grown &= mask
        if (grown == blob).all():
            return blob
        blob = grown


def _box(blob: Mask) -> tuple[int, int, int, int]:
    """Bounding box (top, bottom, left, right) of a blob, ends exclusive."""
    rows, columns = np.flatnonzero(blob.any(axis=1)), np.flatnonzero(blob.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def _nearest_shape(blob: Mask) -> tuple[str, float]:
    """Return the shape whose template overlaps best with the blob stretched to its box."""
    top, bottom, left, right = _box(blob)
    rows = top + (np.arange(_GRID) * (bottom - top)) // _GRID
    columns = left + (np.arange(_GRID) * (right - left)) // _GRID
    crop = blob[np.ix_(rows, columns)]
    overlaps = {
        name: float((crop & template).sum() / (crop | template).sum())
        for name, template in _templates().items()
    }
    best = max(overlaps, key=overlaps.__getitem__)
    return best, overlaps[best]


def _templates() -> dict[str, Mask]:
    """The six shapes, each stretched to fill a square grid."""
    ticks = (np.arange(_GRID) + 0.5) / _GRID * 2 - 1
    y, x = np.meshgrid(ticks, ticks, indexing="ij")
    distance = np.hypot(x, y)
    return {
        "circle": distance <= 1,
        "square": np.ones_like(distance, dtype=bool),
        "triangle": np.abs(x) <= (y + 1) / 2,
        "star": _star(x, y),
        "ring": (distance <= 1) & (distance >= 0.54),
        "cross": (np.abs(x) <= 0.35) | (np.abs(y) <= 0.35),
    }


def _star(x: NDArray[np.float64], y: NDArray[np.float64]) -> Mask:
    """A five-pointed star in a box of -1..1: five thin triangles from the middle outwards."""
    # Undo the stretching: the points of a regular star reach 0.951 aside and 0.809 down.
    across, up = x * 0.951, (1 - y) / 2 * 1.809 - 0.809
    angle = np.arctan2(across, up)
    fold = np.abs((angle + np.pi / 5) % (2 * np.pi / 5) - np.pi / 5)
    radius = np.hypot(across, up)
    tip, notch = np.array([1.0, 0.0]), 0.5 * np.array([np.cos(np.pi / 5), np.sin(np.pi / 5)])
    edge = notch - tip
    along, aside = radius * np.cos(fold), radius * np.sin(fold)
    inside: Mask = (along - tip[0]) * edge[1] - aside * edge[0] <= 0
    return inside


def _size_and_place(blob: Mask, shape: str) -> tuple[str, str]:
    """Name the size and the place of a blob from its bounding box."""
    top, bottom, left, right = _box(blob)
    height, width = blob.shape
    radius = max((bottom - top) / height, (right - left) / width) / 2 / _HALF_EXTENT[shape]
    size = "small" if radius < _SMALL_LIMIT else "large" if radius > _LARGE_LIMIT else "medium"
    dx, dy = (left + right) / 2 / width - 0.5, (top + bottom) / 2 / height - 0.5
    vertical = "top" if dy < -_PLACE_THRESHOLD else "bottom" if dy > _PLACE_THRESHOLD else ""
    aside = "left" if dx < -_PLACE_THRESHOLD else "right" if dx > _PLACE_THRESHOLD else ""
    return size, f"{vertical} {aside}".strip() or "centre"
