"""Pictures in full on a terminal: they are where they belong, and nothing is left of them."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pty_terminal import CONSOLE, PATIENCE, Terminal, terminal

from engine.encode import infotext
from engine.schema import GenerationRequest, Size

SIZE = (100, 30)
CELL = (8, 16)
PIECE = re.compile(
    rb"(?P<sixel>\x1bP[0-9;]*q.*?\x1b\\)|(?P<kitty>\x1b_G.*?\x1b\\)|(?P<save>\x1b7)|(?P<back>\x1b8)",
    re.DOTALL,
)
BEGUN = re.compile(rb"\x1b(?:[P_].*)?\Z", re.DOTALL)
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

    def settle(self, quiet: float = 0.4) -> None:
        """Take in what is written until nothing more comes for so many seconds."""
        self._opened.settle(quiet)
        data = self._opened.written[self._taken :]
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
        begun = BEGUN.search(data, end)
        whole = len(data) if begun is None else begun.start()
        self._stream.feed(data[end:whole])
        self._taken += whole

    def until(self, holds: Callable[[], bool]) -> None:
        """Take in what is written until nothing more comes and `holds`, however long that takes."""
        deadline = time.monotonic() + PATIENCE
        self.settle()
        while not holds():
            assert time.monotonic() < deadline, "\n".join((*self.screen.display, *self.pictured))
            self.settle()

    @property
    def pictured(self) -> list[str]:
        """The cells in which a picture is seen, for a person to look at."""
        return [
            "".join("#" if (x, y) in self.screen.pictured else "." for x in range(self._size[0]))
            for y in range(self._size[1])
        ]

    def tells(self, text: str) -> bool:
        """Say whether a text is to be read."""
        return any(text in line for line in self.screen.display)

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

    @property
    def whole(self) -> bool:
        """Whether one rectangle is drawn, and the text in it is blank."""
        cells = self.screen.pictured
        if not cells:
            return False
        columns, lines = ({each[axis] for each in cells} for axis in (0, 1))
        rectangle = {
            (x, y)
            for x in range(min(columns), max(columns) + 1)
            for y in range(min(lines), max(lines) + 1)
        }
        return cells == rectangle and all(self.screen.buffer[y][x].data == " " for x, y in cells)


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
        to_pictures(watched)
        watched.type("[")
        yield watched


def to_pictures(watched: Watched) -> None:
    """Go to where pictures are made, out of the prompt."""
    watched.type("\x1b[15~")
    watched.until(lambda: watched.tells("blue"))
    # With what is typed next it would be another key.
    watched.type("\x1b")
    watched.until(lambda: watched.tells("Reuse"))


def test_sixel_leaves_nothing_behind(environment: dict[str, str], tmp_path: Path) -> None:
    with console(environment, tmp_path, "sixel") as watched:
        watched.until(lambda: watched.whole)
        before, drawn = watched.screen.pictured, watched.drawn
        watched.type("[")
        watched.until(lambda: watched.whole and watched.drawn > drawn)

        drawn = watched.drawn
        watched.type("\x1bOR")  # The log.
        watched.until(lambda: not watched.tells("Reuse"))
        assert watched.screen.pictured == set()
        assert watched.drawn == drawn
        watched.type("\x1bOP")  # The overview.
        to_pictures(watched)
        watched.until(lambda: watched.whole and watched.screen.pictured == before)
        assert watched.drawn > drawn

        drawn = watched.drawn
        watched.type("?")
        watched.until(lambda: watched.tells("esc goes back"))
        panel = {(x, y) for x in range(35, 65) for y in range(12, 18)}
        assert not watched.screen.pictured & panel
        assert watched.drawn == drawn
        watched.type("\x1b")
        watched.until(lambda: watched.whole and watched.screen.pictured == before)

        drawn = watched.drawn
        watched.resize(70, 24)
        watched.until(lambda: watched.whole and watched.drawn > drawn)
        assert max(x for x, _ in watched.screen.pictured) < 70
        drawn = watched.drawn
        watched.resize(*SIZE)
        watched.until(lambda: watched.whole and watched.screen.pictured == before)
        assert watched.drawn > drawn

        drawn = watched.drawn
        watched.settle(1.5)
        assert watched.drawn == drawn


def test_kitty_keeps_no_picture_that_is_not_shown(
    environment: dict[str, str], tmp_path: Path
) -> None:
    with console(environment, tmp_path, "kitty") as watched:
        watched.until(lambda: len(watched.kept) == 1)
        first = set(watched.kept)
        watched.type("[")
        watched.until(lambda: len(watched.kept) == 1 and watched.kept != first)
        watched.type("b")
        watched.type("]")
        watched.until(lambda: len(watched.kept) == 2)
        watched.type("b")
        watched.until(lambda: len(watched.kept) == 1)
        watched.type("q")
        watched.until(lambda: watched.kept == set())


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
