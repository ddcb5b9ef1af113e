"""Pictures in full, for terminals that draw Sixel graphics.

DEC, "VT330/VT340 Programmer Reference Manual", volume 2, chapter 14. Six rows of pixels are one
band; in it each colour has a line of characters, one for each column, whose six bits say which
pixels have that colour.

Pillow chooses the colours; the bits of a whole row are gathered at once, as one long number, which
is a hundred times as fast as pixel by pixel. A library that draws Sixel would have to be either
compiled, or asks the terminal for its abilities when it is imported.
"""

from __future__ import annotations

import fcntl
import re
import struct
import sys
import termios
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from rich.style import Style
from textual.strip import Strip

from console.terminal.pictures import decoded

COLOURS: Final = 128
"""How many colours a picture is drawn in; a VT340 had 16, what is in use today has 256."""

BAND: Final = 6
SMALL_CELL: Final = (6, 12)
"""Pixels of a cell where the terminal does not tell: rather too few, so that nothing sticks out."""

_NOTHING: Final = ord("?")
_RUN: Final = re.compile(rb"(.)\1{3,}")


@dataclass(frozen=True, slots=True)
class SixelPicture:
    """A picture that is drawn over `columns` × `rows` cells, which stay blank under it."""

    columns: int
    rows: int
    data: str = field(repr=False)

    def strips(self, style: Style | None = None) -> list[Strip]:
        """Return the cells, one strip for each row."""
        return [Strip.blank(self.columns, style) for _ in range(self.rows)]


def cell_pixels() -> tuple[int, int] | None:
    """Return how wide and high a cell of the terminal is, if the system knows it."""
    for stream in (sys.__stderr__, sys.__stdout__):
        # Not there, closed, or no terminal.
        with suppress(OSError, ValueError, AttributeError):
            told = fcntl.ioctl(stream.fileno(), termios.TIOCGWINSZ, bytes(8))  # type: ignore[union-attr]
            rows, columns, wide, high = struct.unpack("HHHH", told)
            if rows and columns and wide >= columns and high >= rows:
                return wide // columns, high // rows
    return None


def sixel_picture(png: bytes, columns: int, rows: int, cell: tuple[int, int]) -> SixelPicture:
    """Fit an encoded picture into at most `columns` × `rows` cells of `cell` pixels.

    Raises `console.terminal.pictures.UnreadablePicture` when the bytes are no picture.
    """
    from PIL import Image

    image = decoded(png)
    room = columns * cell[0], rows * cell[1]
    scale = min(room[0] / image.width, room[1] / image.height)
    wide = max(1, min(room[0], round(image.width * scale)))
    high = max(1, min(room[1], round(image.height * scale)))
    # Whole bands, or the last one would reach into the row below.
    high = max(BAND, high - high % BAND)
    small = image.resize((wide, high), Image.Resampling.LANCZOS).quantize(COLOURS)
    data = sixel(small.tobytes(), wide, small.getpalette() or [])
    return SixelPicture(-(-wide // cell[0]), -(-high // cell[1]), data)


def sixel(pixels: bytes, wide: int, palette: list[int]) -> str:
    """Return what draws `pixels`, rows of `wide` places in `palette` (red, green, blue, …)."""
    high = len(pixels) // wide
    said = [f'\x1bP0;1;0q"1;1;{wide};{high}'.encode()]
    used = set(pixels)
    for number in sorted(used):
        red, green, blue = (round(part / 2.55) for part in palette[3 * number : 3 * number + 3])
        said.append(f"#{number};2;{red};{green};{blue}".encode())
    only = {number: bytes(int(each == number) for each in range(256)) for number in used}
    blank = int.from_bytes(bytes([_NOTHING]) * wide)
    for top in range(0, high, BAND):
        rows = [pixels[row * wide : (row + 1) * wide] for row in range(top, min(top + BAND, high))]
        said.append(b"$".join(_lines(rows, only, blank, wide)))
        said.append(b"-")
    return b"".join([*said[:-1], b"\x1b\\"]).decode("ascii")


def _lines(rows: list[bytes], only: dict[int, bytes], blank: int, wide: int) -> Iterator[bytes]:
    """Yield the line of each colour in a band."""
    for number in sorted(set(b"".join(rows))):
        bits = blank
        for place, row in enumerate(rows):
            # A byte for each pixel; no bit of one ever reaches the next: 63 + 63 < 256.
            bits += int.from_bytes(row.translate(only[number])) << place
        line = bits.to_bytes(wide).rstrip(b"?")
        yield b"#%d%b" % (number, _RUN.sub(_repeated, line))


def _repeated(run: re.Match[bytes]) -> bytes:
    return b"!%d%b" % (len(run[0]), run[1])
