"""Where a text may be broken into lines: between words, and in Chinese between characters.

Chinese has no spaces between its words. What breaks lines at spaces alone would leave most of a
line empty, or tear punctuation from the word before it. Source: Unicode Standard Annex 14.
"""

from __future__ import annotations

import re
from textwrap import wrap
from typing import Final

from rich.cells import cell_len, chop_cells

_WIDE: Final = "\u2e80-\u303f\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff01-\uff60"
_OPENING: Final = "（〈《「『【〔〖［｛"
_CLOSING: Final = "，。、：；！？）〉》」』】〕〗］｝…"
_HAS_WIDE: Final = re.compile(f"[{_WIDE}]")
# What opens stays with what follows, what closes with what is before it; a mark alone at the
# beginning, such as `✗`, stays with the first word.
_PIECE: Final = re.compile(
    rf"(?:^\s*[^\w\s]\s+)?\s*[{_OPENING}]*"
    rf"(?:[^\s{_WIDE}]+|[{_WIDE}])?[{_CLOSING}]*\s*"
)


def breaks(text: str, width: int) -> list[int] | None:
    """Return the indices at which a line is broken so that none is wider than `width` cells.

    None for a text without wide characters, which any other way of breaking lines does justice.
    """
    if _HAS_WIDE.search(text) is None:
        return None
    found: list[int] = []
    taken = 0
    for piece in _PIECE.finditer(text):
        said, start = piece[0], piece.start()
        if not said:
            break
        if taken + cell_len(said.rstrip()) <= width:
            taken += cell_len(said)
            continue
        if start:
            found.append(start)
        # What is wider than a whole line is broken wherever it has to be.
        *full, last = chop_cells(said, max(width, 2)) if cell_len(said) > width else [said]
        for line in full:
            start += len(line)
            found.append(start)
        taken = cell_len(last)
    return found


def lines_of(text: str, width: int) -> list[str] | None:
    """Return a text in lines of `width` cells at most; None as for `breaks`."""
    found = breaks(text, width)
    if found is None:
        return None
    ends = [*found, len(text)]
    return [text[start:end].strip() for start, end in zip([0, *found], ends, strict=True)]


def broken(text: str, width: int) -> list[str]:
    """Return a text in lines of at most `width` cells, broken between words or wide characters.

    Only a word that is longer than a line is broken itself.
    """
    found = lines_of(" ".join(text.split()), width)
    return wrap(text, width) if found is None else found
