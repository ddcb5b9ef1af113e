"""Pictures in full on a terminal: they are where they belong, and nothing is left of them."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pty_terminal import CONSOLE, Terminal, terminal

from engine.encode import infotext
from engine.schema import GenerationRequest, Size

SIZE = (100, 30)
CELL = (8, 16)
PIECE = re.compile(
    rb"(?P<sixel>\x1bP[0-9;]*q.*?\x1b\\)|(?P<kitty>\x1b_G.*?\x1b\\)|(?P<save>\x1b7)|(?P<back>\x1b8)",
    re.DOTALL,
)
RASTER = re.compile(rb'"1;1;(\d+);(\d+)')
Cells = set[tuple[int, int]]


class _Screen(pyte.Screen):
    """A screen on which text takes away what was drawn in its cells, as terminals do."""

    def __init__(self, columns: int, lines: int) -> None:
        super().__init__(columns, lines)
        self.pictured: Cells = set()

    def draw(self, data: str) -> None:
        column, line = self.cursor.x, self.cursor.y
        super().draw(data)
        end = self.cursor.x if self.cursor.y == line else self.columns
        self.pictured -= {(each, line) for each in range(column, max(end, column + 1))}

    def erase_in_display(self, how: int = 0, *_: object, **__: object) -> None:
        super().erase_in_display(how)
        self.pictured = set()


class Watched:
    """What a terminal shows that draws Sixel, and keeps pictures of Kitty's by number."""

    def __init__(self, opened: Terminal) -> None:
        self._opened = opened
        self._taken = 0
        self._size = SIZE
        self.screen = _Screen(*SIZE)
        self._stream = pyte.ByteStream(self.screen)
        self.drawn = 0
        self.kept: set[int] = set()

    def settle(self) -> None:
        """Take in what is written until nothing more comes."""
        while self._opened.read(1.5):
            pass
        data = self._opened.written[self._taken :]
        self._taken = len(self._opened.written)
        end = 0
        for piece in PIECE.finditer(data):
            self._stream.feed(data[end : piece.start()])
            end = piece.end()
            if piece["sixel"]:
                self._draw(piece["sixel"])
            elif piece["kitty"]:
                self._keep(piece["kitty"])
            elif piece["save"]:
                self.screen.save_cursor()
            else:
                self.screen.restore_cursor()
        self._stream.feed(data[end:])

    def _draw(self, sixel: bytes) -> None:
        raster = RASTER.search(sixel)
        assert raster is not None
        wide, high = -(-int(raster[1]) // CELL[0]), -(-int(raster[2]) // CELL[1])
        column, line = self.screen.cursor.x, self.screen.cursor.y
        assert column + wide <= self._size[0]
        # Below the last row a terminal would scroll.
        assert line + high < self._size[1]
        self.screen.pictured |= {
            (x, y) for x in range(column, column + wide) for y in range(line, line + high)
        }
        self.drawn += 1

    def _keep(self, command: bytes) -> None:
        number = re.search(rb"\bi=(\d+)", command)
        if b"a=T" in command and number:
            self.kept.add(int(number[1]))
        elif b"a=d" in command and number:
            self.kept.discard(int(number[1]))

    def type(self, keys: str) -> None:
        """Press keys and see what comes of it."""
        self._opened.type(keys)
        self.settle()

    def resize(self, columns: int, lines: int) -> None:
        """Pull at the window."""
        self._size = (columns, lines)
        self.screen.resize(lines, columns)
        self.screen.pictured = {
            (x, y) for x, y in self.screen.pictured if x < columns and y < lines
        }
        size = struct.pack("HHHH", lines, columns, columns * CELL[0], lines * CELL[1])
        fcntl.ioctl(self._opened.descriptor, termios.TIOCSWINSZ, size)
        self.settle()

    def assert_whole(self) -> None:
        """One rectangle is drawn, and the text in it is blank, as soon as all is written."""
        for _ in range(5):
            if all(self.screen.buffer[y][x].data == " " for x, y in self.screen.pictured):
                break
            self.settle()
        cells = self.screen.pictured
        columns, lines = ({each[axis] for each in cells} for axis in (0, 1))
        assert cells
        assert cells == {
            (x, y)
            for x in range(min(columns), max(columns) + 1)
            for y in range(min(lines), max(lines) + 1)
        }
        assert all(self.screen.buffer[y][x].data == " " for x, y in cells)


@contextmanager
def console(environment: dict[str, str], folder: Path, images: str) -> Iterator[Watched]:
    """The console with an engine that cannot start, and two pictures of an earlier session."""
    for seed, colour in enumerate(("red", "blue")):
        chunk = PngInfo()
        told = infotext(GenerationRequest(f"{colour} 圆"), Size(64, 64), seed, "zimage")
        chunk.add_text("parameters", told)
        path = folder / f"{colour}.png"
        Image.new("RGB", (64, 64), colour).save(path, pnginfo=chunk)
        os.utime(path, (1_790_000_000 + seed,) * 2)
    command = [
        *CONSOLE,
        "--models",
        str(folder / "nowhere"),
        "--pictures",
        str(folder),
        "--images",
        images,
    ]
    with terminal(command, environment, SIZE) as opened:
        opened.until("FAILED")
        size = struct.pack("HHHH", SIZE[1], SIZE[0], SIZE[0] * CELL[0], SIZE[1] * CELL[1])
        fcntl.ioctl(opened.descriptor, termios.TIOCSWINSZ, size)
        watched = Watched(opened)
        watched.type("\x1b[15~")
        watched.type("\x1b")
        watched.type("[")
        yield watched


@pytest.mark.thorough
def test_sixel_leaves_nothing_behind(environment: dict[str, str], tmp_path: Path) -> None:
    with console(environment, tmp_path, "sixel") as watched:
        watched.assert_whole()
        before = watched.screen.pictured
        watched.type("[")
        watched.assert_whole()

        watched.type("\x1bOR")  # The log.
        assert watched.screen.pictured == set()
        drawn = watched.drawn
        watched.type("\x1bOP")  # The overview.
        watched.type("\x1b[15~")
        watched.type("\x1b")
        watched.assert_whole()
        assert watched.screen.pictured == before
        assert watched.drawn > drawn

        drawn = watched.drawn
        watched.type("?")
        panel = {(x, y) for x in range(35, 65) for y in range(12, 18)}
        assert not watched.screen.pictured & panel
        assert watched.drawn == drawn
        watched.type("\x1b")
        watched.assert_whole()
        assert watched.screen.pictured == before

        watched.resize(70, 24)
        watched.assert_whole()
        assert max(x for x, _ in watched.screen.pictured) < 70
        watched.resize(*SIZE)
        watched.assert_whole()
        assert watched.screen.pictured == before

        drawn = watched.drawn
        watched.settle()
        assert watched.drawn == drawn


def test_kitty_keeps_no_picture_that_is_not_shown(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with console(environment, tmp_path, "kitty") as watched:
        assert len(watched.kept) == 1
        first = set(watched.kept)
        watched.type("[")
        assert len(watched.kept) == 1
        assert watched.kept != first
        watched.type("b")
        watched.type("]")
        assert len(watched.kept) == 2
        watched.type("b")
        assert len(watched.kept) == 1
        watched.type("q")
        assert watched.kept == set()


@pytest.mark.parametrize("images", ["half", "none"])
def test_nothing_but_text_is_written_where_that_was_asked_for(
    images: str, environment: dict[str, str], tmp_path: Path
) -> None:
    with console(environment, tmp_path, images) as watched:
        watched.type("[")
        assert watched.drawn == 0
        assert watched.kept == set()
        assert b"\x1bP" not in watched._opened.written
        assert b"\x1b_" not in watched._opened.written
