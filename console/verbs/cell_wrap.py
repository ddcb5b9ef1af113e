"""Sentences broken into lines of so many columns, in scripts with and without spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from rich.cells import cell_len, chop_cells

# A line does not begin with what ends a clause, nor end with what begins one
# (https://www.w3.org/TR/clreq/#prohibition_rules_for_line_start_end).
_CLOSING: Final = "，。、；：！？）》」』】”’％"
_OPENING: Final = "（《「『【“‘"
_WIDE: Final = "\\u2e80-\\u9fff\\uf900-\\uffef"
_PIECE: Final = re.compile(rf"[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[{_CLOSING}]*\s*")


def broken(text: str, width: int) -> list[str]:
    """Return a text in lines of at most `width` columns, broken between words or wide signs.

    Only a word that is longer than a line is broken itself.
    """
    if cell_len(text) == len(text):
        return wrap(text, width)
    return list(_lines(text, width))


def _lines(text: str, width: int) -> Iterator[str]:
    line = ""
    for piece in _PIECE.findall(" ".join(text.split())):
        if line and cell_len(line + piece.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece
        while cell_len(line.rstrip()) > width:
            fits, *rest = chop_cells(line, width)
            line = "".join(rest)
            yield fits
    if line.strip():
        yield line.rstrip()
