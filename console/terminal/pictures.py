"""Pictures as rows of characters: two pixels per cell in colour, one grey character without.

A cell is about twice as high as it is wide, so the upper half block `▀` with one colour for its
upper and one for its lower half shows two square pixels. Nothing is asked of the terminal, which
is why this works everywhere, over any connection.

Pillow is imported where it is used: reading it takes longer than drawing the first frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.language import tr

if TYPE_CHECKING:
    from PIL.Image import Image

HALF_BLOCK = "▀"
GREY_RAMP = " .:-=+*#%@"
"""Characters by the share of the cell that they fill, from none to nearly all."""

Pixel = tuple[int, int, int]


class UnreadablePicture(ValueError):
    """The bytes are not a picture that can be shown; the message is one line."""


def fitted(width: int, height: int, columns: int, rows: int) -> tuple[int, int]:
    """Return the pixels, wide and high, at which a picture fits into `columns` × `rows` cells.

    The aspect is kept as far as whole pixels allow; the height is even because a cell holds
    two pixels.
    """
    scale = min(columns / width, 2 * rows / height)
    wide = max(1, min(columns, round(width * scale)))
    high = max(2, min(2 * rows, round(height * scale)))
    return wide, high + high % 2


def picture_strips(png: bytes, columns: int, rows: int, *, colour: bool) -> list[Strip]:
    """Draw an encoded picture into at most `columns` × `rows` cells, one strip per row.

    Raises `UnreadablePicture` when the bytes cannot be decoded.
    """
    if columns < 1 or rows < 1:
        return []
    lines = _lines(_scaled(decoded(png), columns, rows))
    if colour:
        return [_half_block_strip(upper, lower) for upper, lower in _pairs(lines)]
    return [_grey_strip(upper, lower) for upper, lower in _pairs(lines)]


def picture_size(png: bytes) -> tuple[int, int]:
    """Return the width and height in pixels of an encoded picture, all of it read.

    Raises `UnreadablePicture` when the bytes cannot be decoded.
    """
    return decoded(png).size


def decoded(png: bytes) -> Image:
    """Return an encoded picture in RGB; raises `UnreadablePicture` when it cannot be decoded."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(png)) as opened:
            return opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadablePicture(tr("the picture cannot be shown: {why}", why=error)) from error


def _scaled(image: Image, columns: int, rows: int) -> Image:
    from PIL import Image

    size = fitted(image.width, image.height, columns, rows)
    # Sharper filters overshoot, which at so few pixels shows as a pale halo around every edge.
    return image.resize(size, Image.Resampling.HAMMING)


def _lines(image: Image) -> list[list[Pixel]]:
    data = image.tobytes()
    stride = 3 * image.width
    return [
        [(data[i], data[i + 1], data[i + 2]) for i in range(start, start + stride, 3)]
        for start in range(0, len(data), stride)
    ]


def _pairs(lines: list[list[Pixel]]) -> Iterator[tuple[list[Pixel], list[Pixel]]]:
    return (pair for index, pair in enumerate(pairwise(lines)) if index % 2 == 0)


def _half_block_strip(upper: list[Pixel], lower: list[Pixel]) -> Strip:
    segments: list[Segment] = []
    run: tuple[Pixel, Pixel] | None = None
    length = 0
    for colours in zip(upper, lower, strict=True):
        if colours != run:
            if run is not None:
                segments.append(_half_blocks(run, length))
            run, length = colours, 0
        length += 1
    if run is not None:
        segments.append(_half_blocks(run, length))
    return Strip(segments, len(upper))


def _half_blocks(colours: tuple[Pixel, Pixel], length: int) -> Segment:
    upper, lower = colours
    style = Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower))
    return Segment(HALF_BLOCK * length, style)


def _grey_strip(upper: list[Pixel], lower: list[Pixel]) -> Strip:
    text = "".join(
        _grey_character((_luma(above) + _luma(below)) / 2)
        for above, below in zip(upper, lower, strict=True)
    )
    return Strip([Segment(text)], len(text))


def _luma(pixel: Pixel) -> float:
    red, green, blue = pixel
    return 0.299 * red + 0.587 * green + 0.114 * blue


def _grey_character(luma: float) -> str:
    return GREY_RAMP[min(len(GREY_RAMP) - 1, int(luma / 256 * len(GREY_RAMP)))]
