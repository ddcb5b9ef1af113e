"""Pictures in full, for terminals that speak Kitty's graphics protocol.

The picture is sent once; then ordinary characters say which part of it belongs in each cell
("Unicode placeholders", https://sw.kovidgoyal.net/kitty/graphics-protocol/#unicode-placeholders).
So it is composed, covered and scrolled like any text, and nothing is asked of the terminal.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from console.terminal.pictures import fitted, picture_size

PLACEHOLDER: Final = "\U0010eeee"
_CHUNK: Final = 4096  # the most characters of data in one command

# The combining marks that stand for the numbers from 0: Kitty's rowcolumn-diacritics.txt.
_MARK_RANGES: Final = (
    "305 30d-30e 310 312 33d-33f 346 34a-34c 350-352 357 35b 363-36f 483-487 592-595 597-599 "
    "59c-5a1 5a8-5a9 5ab-5ac 5af 5c4 610-617 657-65b 65d-65e 6d6-6dc 6df-6e2 6e4 6e7-6e8 "
    "6eb-6ec 730 732-733 735-736 73a 73d 73f-741 743 745 747 749-74a 7eb-7f1 7f3 816-819 "
    "81b-823 825-827 829-82d 951 953-954 f82-f83 f86-f87 135d-135f 17dd 193a 1a17 1a75-1a7c "
    "1b6b 1b6d-1b73 1cd0-1cd2 1cda-1cdb 1ce0 1dc0-1dc1 1dc3-1dc9 1dcb-1dcc 1dd1-1de6 1dfe "
    "20d0-20d1 20d4-20d7 20db-20dc 20e1 20e7 20e9 20f0 2cef-2cf1 2de0-2dff a66f a67c-a67d "
    "a6f0-a6f1 a8e0-a8f1 aab0 aab2-aab3 aab7-aab8 aabe-aabf aac1 fe20-fe26 10a0f 10a38 "
    "1d185-1d189 1d1aa-1d1ad 1d242-1d244"
)


def _marks() -> Iterator[str]:
    for part in _MARK_RANGES.split():
        first, _, last = part.partition("-")
        yield from map(chr, range(int(first, 16), int(last or first, 16) + 1))


MARKS: Final = tuple(_marks())


@dataclass(frozen=True, slots=True)
class Placement:
    """A picture that fills `columns` × `rows` cells.

    `number` names it to the terminal, from 1 to 2^24 - 1; the same picture in the same size
    always has the same number.
    """

    number: int
    columns: int
    rows: int

    def commands(self, png: bytes) -> list[str]:
        """Return what sends the picture, in pieces; it shows nothing by itself."""
        data = base64.b64encode(png).decode()
        chunks = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
        first = f"a=T,U=1,f=100,i={self.number},c={self.columns},r={self.rows},q=2,"
        return [
            f"\x1b_G{'' if index else first}m={int(index < len(chunks) - 1)};{chunk}\x1b\\"
            for index, chunk in enumerate(chunks)
        ]

    def removal(self) -> str:
        """Return what makes the terminal forget the picture."""
        return f"\x1b_Ga=d,d=I,i={self.number},q=2\x1b\\"

    def strips(self) -> list[Strip]:
        """Return the cells, one strip for each row; the number travels as their colour."""
        colour = Color.from_rgb(self.number >> 16, self.number >> 8 & 0xFF, self.number & 0xFF)
        style = Style(color=colour)
        return [
            Strip(
                [Segment("".join(PLACEHOLDER + row + mark for mark in marks), style)], self.columns
            )
            for row, marks in ((row, MARKS[: self.columns]) for row in MARKS[: self.rows])
        ]


def place(png: bytes, columns: int, rows: int) -> Placement:
    """Fit an encoded picture into at most `columns` × `rows` cells.

    Raises `console.terminal.pictures.UnreadablePicture` when the bytes are no picture.
    """
    most = len(MARKS)
    wide, high = fitted(*picture_size(png), min(columns, most), min(rows, most))
    named = zlib.crc32(b"%d %d " % (wide, high) + png) & 0xFFFFFF
    return Placement(named or 1, wide, high // 2)
