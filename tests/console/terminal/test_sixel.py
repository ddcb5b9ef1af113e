"""What is sent to a terminal that draws Sixel, read as the manual of the VT340 says."""

from __future__ import annotations

import fcntl
import pty
import re
import struct
import termios
from io import BytesIO
from os import close, fdopen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from console.terminal import sixel as sixels
from console.terminal.pictures import UnreadablePicture
from console.terminal.sixel import cell_pixels, sixel, sixel_picture

PIECE = re.compile(
    r"#(?P<name>\d+);2;(?P<parts>\d+;\d+;\d+)|#(?P<colour>\d+)|!(?P<times>\d+)(?P<repeated>[?-~])"
    r"|(?P<back>\$)|(?P<down>-)|(?P<bits>[?-~])"
)
START = re.compile(r'\x1bP0;1;0q"1;1;(\d+);(\d+)')


def drawn(data: str) -> tuple[list[list[int | None]], dict[int, str]]:
    """What a terminal draws: rows of numbers of colours, and the colours."""
    start = START.match(data)
    assert start is not None
    assert data.endswith("\x1b\\")
    wide, high = int(start[1]), int(start[2])
    rows: list[list[int | None]] = [[None] * wide for _ in range(high)]
    colours: dict[int, str] = {}
    place = top = colour = 0
    end = start.end()
    for piece in PIECE.finditer(data, end, len(data) - 2):
        assert piece.start() == end, data[end : end + 20]
        end = piece.end()
        if piece["name"]:
            colours[int(piece["name"])] = piece["parts"]
        elif piece["colour"]:
            colour = int(piece["colour"])
        elif piece["back"]:
            place = 0
        elif piece["down"]:
            place, top = 0, top + 6
        else:
            bits = ord(piece["bits"] or piece["repeated"]) - 63
            for _ in range(int(piece["times"] or 1)):
                for row in range(6):
                    if bits >> row & 1:
                        assert rows[top + row][place] is None
                        rows[top + row][place] = colour
                place += 1  # noqa: SIM113 (it goes on where the piece before ended)
    assert end == len(data) - 2
    return rows, colours


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 15), st.data())
def test_every_pixel_is_drawn_once_in_its_colour(wide: int, high: int, data: st.DataObject) -> None:
    pixels = data.draw(st.binary(min_size=wide * high, max_size=wide * high))
    palette = [part % 256 for part in range(3 * 256)]
    rows, colours = drawn(sixel(pixels, wide, palette))
    assert bytes(pixel for row in rows for pixel in row if pixel is not None) == pixels
    assert set(colours) == set(pixels)


def test_colours_are_said_in_hundredths() -> None:
    _, colours = drawn(sixel(b"\0\1", 2, [255, 0, 128, 0, 255, 51]))
    assert colours == {0: "100;0;50", 1: "0;100;20"}


def encoded(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(file, "PNG")
    return file.getvalue()


@settings(deadline=None)
@given(st.integers(1, 90), st.integers(1, 40), st.integers(1, 300), st.integers(1, 300))
def test_nothing_sticks_out_of_its_cells(columns: int, rows: int, width: int, height: int) -> None:
    picture = sixel_picture(encoded(width, height), columns, rows, (8, 17))
    start = START.match(picture.data)
    assert start is not None
    assert picture.columns <= columns
    assert picture.rows <= rows
    assert int(start[1]) <= 8 * picture.columns
    assert int(start[2]) <= 17 * picture.rows
    assert [strip.cell_length for strip in picture.strips()] == [picture.columns] * picture.rows


def test_the_picture_keeps_its_shape_and_ends_with_a_whole_band() -> None:
    picture = sixel_picture(encoded(200, 100), 40, 40, (10, 20))
    assert START.match(picture.data)[0].endswith('"1;1;400;198')  # type: ignore[index]
    assert (picture.columns, picture.rows) == (40, 10)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(UnreadablePicture, match="cannot be shown"):
        sixel_picture(b"not a picture", 10, 10, (8, 16))


@pytest.mark.parametrize(
    ("told", "cell"), [((24, 80, 800, 480), (10, 20)), ((24, 80, 0, 0), None), ((0, 0, 0, 0), None)]
)
def test_the_system_knows_how_large_a_cell_is(
    told: tuple[int, int, int, int], cell: tuple[int, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    far, near = pty.openpty()
    fcntl.ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", *told))
    with fdopen(near, "w") as stream:
        monkeypatch.setattr(sixels.sys, "__stderr__", stream)
        monkeypatch.setattr(sixels.sys, "__stdout__", None)
        assert cell_pixels() == cell
    close(far)
    assert cell_pixels() is None
