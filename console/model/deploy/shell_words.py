"""Words as a shell takes them, in lines that can be shown: nothing in them moves a cursor.

Source: https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html; zsh and ksh know
the same.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Final

_NAMED: Final = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def quoted(word: str) -> str:
    """Return a word in quotes if it needs any; what is not to be seen is written by its number."""
    if word.isprintable():
        return shlex.quote(word)
    return f"$'{''.join(map(_escaped, word))}'"


def line(words: Iterable[str]) -> str:
    """Return words as one command."""
    return " ".join(map(quoted, words))


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character.isprintable():
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
