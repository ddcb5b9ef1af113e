"""What is sent to a terminal that speaks Kitty's graphics protocol."""

from __future__ import annotations

import base64
import re
from io import BytesIO

import pytest
from PIL import Image
from rich.cells import cell_len

from console.terminal.kitty import MARKS, PLACEHOLDER, place
from console.terminal.pictures import UnreadablePicture

COMMAND = re.compile(r"\x1b_G([^;]*);?([^\x1b]*)\x1b\\")


def encoded(width: int, height: int) -> bytes:
    file = BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(file, "PNG")
    return file.getvalue()


def test_the_marks_are_those_of_the_protocol() -> None:
    assert len(MARKS) == len(set(MARKS)) == 297
    assert MARKS[:3] == ("\u0305", "\u030d", "\u030e")
    assert {cell_len(PLACEHOLDER + mark) for mark in MARKS} == {1}


def test_the_picture_arrives_whole_in_short_commands() -> None:
    png = encoded(160, 96)
    sent = "".join(place(png, 40, 20).commands(png))
    commands = COMMAND.findall(sent)
    assert len(commands) > 2
    assert COMMAND.sub("", sent) == ""
    assert all(len(data) <= 4096 for _, data in commands)
    assert [keys.rpartition("m=")[2] for keys, _ in commands] == ["1"] * (len(commands) - 1) + ["0"]
    assert base64.b64decode("".join(data for _, data in commands)) == png


def test_the_cells_keep_the_shape_of_the_picture() -> None:
    placement = place(encoded(200, 100), 40, 40)
    strips = placement.strips()
    assert (placement.columns, placement.rows) == (40, 10)
    assert [strip.cell_length for strip in strips] == [40] * 10
    assert (
        strips[3].text[: 2 * 3]
        == f"{PLACEHOLDER}{MARKS[3]}{MARKS[0]}{PLACEHOLDER}{MARKS[3]}{MARKS[1]}"
    )


def test_the_cells_and_the_picture_have_one_number() -> None:
    png = encoded(64, 64)
    placement = place(png, 20, 10)
    colour = next(iter(placement.strips()[0])).style.color.triplet
    assert (colour.red << 16) + (colour.green << 8) + colour.blue == placement.number
    assert f"i={placement.number}," in placement.commands(png)[0]
    assert f"i={placement.number}," in placement.removal()
    assert place(png, 20, 10) == placement
    assert place(png, 10, 5).number != placement.number


def test_a_picture_wider_than_the_marks_reach_is_kept_within_them() -> None:
    placement = place(encoded(900, 100), 1000, 500)
    assert placement.columns == len(MARKS)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(UnreadablePicture, match="cannot be shown"):
        place(b"not a picture", 10, 10)
