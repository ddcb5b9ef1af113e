"""What has to be written so that a terminal shows what was painted: the cells that changed, alone.

Textual paints whole regions, changed or not, and gives every piece of a row its whole style. Here
the same is said in fewer bytes: what the terminal shows is remembered cell by cell, and of a style
only what differs from the one before is sent. Whatever is not understood is passed on as it is,
and what it may have changed on the terminal is forgotten; so is a row with characters of whose
width terminals are not of one mind. A frame that covers the whole screen is passed on whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from rich.cells import cell_len

_PIECE: Final = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H|\x1b\[(?P<style>[\d;]*)m|(?P<line>\r?\n)"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)
_HARMLESS: Final = re.compile(r"(?:\x1b\[\?2026[hl])*")
"""Begin and end of a synchronised update, which change nothing that is shown."""

_ONE_CELL: Final = re.compile("[ -~¡-¬®-ʯ‐-—‘-‧‹›←-⇿−≈≠≤≥─-▩▬-▵▷-▿◁-◺◿⠀-⣿✓✗]*")
"""Characters that every terminal paints in one cell."""

_NEAR: Final = 4
"""So few cells between two changed ones are written again, which is shorter than to skip them."""

_ANYWHERE: Final = -1
"""The column after a line feed, which terminals are told to understand in more than one way."""

_UNSTYLED: Final = ("", "0")


@dataclass
class _Row:
    """The characters of a row and their styles; an empty character is one that is not known."""

    characters: list[str]
    styles: list[str]

    @classmethod
    def unknown(cls, columns: int) -> _Row:
        return cls([""] * columns, [""] * columns)


@dataclass(frozen=True, slots=True)
class _Run:
    """A piece of a row in one style; without a column it goes on where the one before ended."""

    column: int | None
    text: str
    style: str

    @property
    def sure(self) -> bool:
        """Whether every terminal paints it in as many cells as it has characters."""
        return _ONE_CELL.fullmatch(self.text) is not None


@dataclass
class _Painted:
    """What a frame paints, and where it leaves the cursor."""

    rows: dict[int, list[_Run]] = field(default_factory=dict)
    cells: int = 0
    cursor: tuple[int, int] | None = None


class ChangedCells:
    """Remembers what a terminal shows; until its size is said, that is nothing."""

    def __init__(self) -> None:
        self._columns = self._lines = 0
        self._rows: list[_Row] = []
        self._cursor: tuple[int, int] | None = None

    def resize(self, columns: int, lines: int) -> None:
        """Begin anew with a terminal of another size."""
        self._columns, self._lines = columns, lines
        self.forget()

    def forget(self) -> None:
        """Begin anew: something else may have written on the terminal."""
        self._rows = [_Row.unknown(self._columns) for _ in range(self._lines)]
        self._cursor = None

    def lose(self, column: int, line: int, columns: int, lines: int) -> None:
        """Forget some cells: something else was drawn over them, and goes when they are painted."""
        for row in self._rows[line : line + lines]:
            end = min(column + columns, len(row.characters))
            row.characters[column:end] = [""] * (end - column)

    def written(self, data: str) -> str:
        """Return what has the terminal show the same as `data` does."""
        if _HARMLESS.fullmatch(data):
            return data
        painted = self._read(data)
        if painted is None:
            self.forget()
            return data
        if painted.cells >= self._columns * self._lines:
            self.forget()
            for line, runs in painted.rows.items():
                self._learn(line, runs)
            self._cursor = painted.cursor
            return data
        return self._shortest(painted)

    def _read(self, data: str) -> _Painted | None:
        """Read what a frame paints; None when there is something else in it."""
        painted, style, at, sure, end = _Painted(), "", None, True, 0
        for piece in _PIECE.finditer(data):
            if piece.start() != end:
                return None
            end = piece.end()
            if piece["row"]:
                at, sure = (int(piece["row"]) - 1, int(piece["column"]) - 1), True
            elif piece["style"] is not None:
                if style and piece["style"] not in _UNSTYLED:
                    return None
                style = "" if piece["style"] in _UNSTYLED else piece["style"]
            elif piece["line"]:
                if at is None or not self._fits(at[0] + 1, 0, 0):
                    return None
                at = (at[0] + 1, _ANYWHERE)
            else:
                text = piece["text"]
                width = cell_len(text)
                if at is None or not self._fits(*at, width):
                    return None
                run = _Run(at[1] if sure else None, text, style)
                painted.rows.setdefault(at[0], []).append(run)
                painted.cells += width
                at, sure = (at[0], at[1] + width), sure and run.sure
        # Without a known place to go back to, the next thing might be written anywhere.
        painted.cursor = at
        known = at is not None and at[1] != _ANYWHERE and sure
        return painted if known and end == len(data) and not style else None

    def _fits(self, line: int, column: int, width: int) -> bool:
        return line < self._lines and column != _ANYWHERE and column + width <= self._columns

    def _shortest(self, painted: _Painted) -> str:
        pen = _Pen()
        for line, runs in painted.rows.items():
            self._change(line, runs, pen)
        written = pen.finished()
        if painted.cursor is not None and (written or painted.cursor != self._cursor):
            written += _move(*painted.cursor)
        self._cursor = painted.cursor
        return written

    def _change(self, line: int, runs: list[_Run], pen: _Pen) -> None:
        """Write what changed of a row."""
        before = self._rows[line]
        if not self._learn(line, runs):
            for run in runs:
                pen.write(line, run.column, run.text, run.style)
                pen.lost()
            return
        now = self._rows[line]
        for first, end in _changed(before, now):
            for column, text, style in _runs(now, first, end):
                pen.write(line, column, text, style)

    def _learn(self, line: int, runs: list[_Run]) -> bool:
        """Remember what a row shows; False when nobody can be sure, and it is forgotten."""
        characters, styles = (list(each) for each in _parts(self._rows[line]))
        for run in runs:
            if run.column is None or not run.sure:
                self._rows[line] = _Row.unknown(self._columns)
                return False
            cells = slice(run.column, run.column + len(run.text))
            characters[cells] = run.text
            styles[cells] = [run.style] * len(run.text)
        self._rows[line] = _Row(characters, styles)
        return True


class _Pen:
    """Writes runs of cells, saying of place and style only what differs from where it stands."""

    def __init__(self) -> None:
        self._said: list[str] = []
        self._at: tuple[int, int] | None = None
        self._style = ""

    def write(self, line: int, column: int | None, text: str, style: str) -> None:
        """Write text at a place, or without a column where the pen is."""
        if column is not None:
            if self._at != (line, column):
                self._said.append(_move(line, column))
            self._at = (line, column + len(text))
        self._said.append(restyled(self._style, style))
        self._said.append(text)
        self._style = style

    def lost(self) -> None:
        """Take note that nobody can be sure where the terminal stands."""
        self._at = None

    def finished(self) -> str:
        """Return what was written, with no style left behind."""
        return "".join([*self._said, restyled(self._style, "")])


def _move(line: int, column: int) -> str:
    return f"\x1b[{line + 1};{column + 1}H"


def _parts(row: _Row) -> tuple[list[str], list[str]]:
    return row.characters, row.styles


def _changed(before: _Row, now: _Row) -> Iterator[tuple[int, int]]:
    """Yield the spans of cells that changed; such as are near to one another are one."""
    if _parts(before) == _parts(now):
        return
    cells = zip(before.characters, before.styles, now.characters, now.styles, strict=True)
    changed = [
        column
        for column, (old, worn, new, wears) in enumerate(cells)
        if old != new or worn != wears
    ]
    first = end = changed[0]
    for column in changed:
        if column > end + _NEAR or "" in now.characters[end:column]:
            yield first, end
            first = column
        end = column + 1
    yield first, end


def _runs(row: _Row, first: int, end: int) -> Iterator[tuple[int, str, str]]:
    """Yield the pieces of a row that have one style."""
    begin = first
    for column in range(first + 1, end + 1):
        if column == end or row.styles[column] != row.styles[begin]:
            yield begin, "".join(row.characters[begin:column]), row.styles[begin]
            begin = column


@lru_cache(maxsize=4_096)
def restyled(before: str, after: str) -> str:
    """Return what turns one style into another, both as the numbers of `CSI m`."""
    if before == after:
        return ""
    if not after:
        return "\x1b[0m"
    worn, wears = _dress(before), _dress(after)
    if worn.keys() - wears.keys() or worn.get("other", "") != wears.get("other", ""):
        return f"\x1b[0;{after}m"
    changed = [numbers for part, numbers in wears.items() if worn.get(part) != numbers]
    return f"\x1b[{';'.join(changed)}m"


def _dress(style: str) -> dict[str, str]:
    """Return the parts of a style: the colour, that of the ground, and all else as one."""
    parts: dict[str, str] = {}
    numbers = style.split(";") if style else []
    while numbers:
        first = numbers[0]
        taken = {"5": 3, "2": 5}.get(numbers[1], 1) if first in ("38", "48") and numbers[1:] else 1
        said = ";".join(numbers[:taken])
        del numbers[:taken]
        part = _part(int(first or 0))
        parts[part] = f"{parts[part]};{said}" if part in parts and part == "other" else said
    return parts


def _part(number: int) -> str:
    if 30 <= number <= 39 or 90 <= number <= 97:
        return "colour"
    return "ground" if 40 <= number <= 49 or 100 <= number <= 107 else "other"
