from __future__ import annotations

from io import BytesIO

import pytest
from console_scenes import png
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from console.terminal.pictures import UnreadablePicture, fitted, picture_strips

sides = st.integers(1, 3000)
cells = st.integers(1, 300)


def encoded(*rows: list[str]) -> bytes:
    image = Image.new("RGB", (len(rows[0]), len(rows)))
    for y, row in enumerate(rows):
        for x, colour in enumerate(row):
            image.putpixel((x, y), Image.new("RGB", (1, 1), colour).getpixel((0, 0)) or 0)
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_a_cell_shows_two_pixels_one_above_the_other() -> None:
    (strip,) = picture_strips(encoded(["red", "blue"], ["lime", "white"]), 2, 1, colour=True)
    drawn = [
        (segment.text, segment.style.color.triplet.hex, segment.style.bgcolor.triplet.hex)
        for segment in strip
        if segment.style and segment.style.color and segment.style.bgcolor
        if segment.style.color.triplet and segment.style.bgcolor.triplet
    ]
    assert drawn == [("▀", "#ff0000", "#00ff00"), ("▀", "#0000ff", "#ffffff")]


def test_cells_of_one_colour_are_one_segment() -> None:
    (strip,) = picture_strips(encoded(["red"] * 4, ["red"] * 4), 4, 1, colour=True)
    assert [segment.text for segment in strip] == ["▀▀▀▀"]


def test_without_colour_brightness_becomes_characters() -> None:
    picture = encoded(["black", "grey", "white"], ["black", "grey", "white"])
    (strip,) = picture_strips(picture, 3, 1, colour=False)
    assert strip.text == " =@"
    assert all(segment.style is None for segment in strip)


def test_the_aspect_is_kept() -> None:
    strips = picture_strips(png(200, 100), 40, 40, colour=True)
    assert (len(strips), strips[0].cell_length) == (10, 40)


@pytest.mark.parametrize("data", [b"", b"not a picture", png()[:200]])
def test_bytes_that_are_no_picture_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(UnreadablePicture, match="cannot be shown") as refused:
        picture_strips(data, 10, 10, colour=True)
    assert "\n" not in str(refused.value)


def test_no_room_no_picture() -> None:
    assert picture_strips(png(), 0, 5, colour=True) == []


@given(width=sides, height=sides, columns=cells, rows=cells)
def test_it_always_fits_and_halves_evenly(width: int, height: int, columns: int, rows: int) -> None:
    wide, high = fitted(width, height, columns, rows)
    assert 1 <= wide <= columns
    assert 2 <= high <= 2 * rows
    assert high % 2 == 0
