"""Sentences on a terminal are broken between words, and elsewhere not at all."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len

from console.verbs.wrapped import print_wrapped, room_on

LINES = [
    "/models → gs://bucket in us-central1",
    "  z_image_turbo-Q4_K_M.gguf  transformer  5.0 GB  replaces another file of 4.1 GB",
    "模型 " * 30,
    "[bold]not markup[/] " + "x" * 100,
]


def printed(width: int | None) -> str:
    stream = io.StringIO()
    print_wrapped(LINES, stream, width)
    return stream.getvalue()


def test_what_is_no_terminal_gets_lines_as_they_are() -> None:
    assert room_on(io.StringIO()) is None
    assert printed(None) == "\n".join(LINES) + "\n"


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(width: int) -> None:
    said = printed(width)
    assert all(cell_len(line.rstrip()) <= width for line in said.splitlines())
    assert "".join(said.split()) == "".join("".join(LINES).split())
    assert "another" in said


def test_what_was_indented_stays_so() -> None:
    second = printed(50).splitlines()[1:3]
    assert second[0].startswith("  z_image")
    assert second[1].startswith("  ")
    assert second[1].strip()
