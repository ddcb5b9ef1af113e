"""Keys: how Textual names them, how a person reads them, and how a person may write them.

Textual names a key that writes a sign by the sign's name in Unicode, as `question_mark`.
"""

from __future__ import annotations

import difflib
from typing import Final

from console.language import tr

_SIGNS: Final = {
    "!": "exclamation_mark",
    '"': "quotation_mark",
    "#": "number_sign",
    "$": "dollar_sign",
    "%": "percent_sign",
    "&": "ampersand",
    "'": "apostrophe",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "*": "asterisk",
    "+": "plus",
    ",": "comma",
    "-": "minus",
    ".": "full_stop",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less_than_sign",
    "=": "equals_sign",
    ">": "greater_than_sign",
    "?": "question_mark",
    "@": "at",
    "[": "left_square_bracket",
    "\\": "backslash",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
    "`": "grave_accent",
    "{": "left_curly_bracket",
    "|": "vertical_line",
    "}": "right_curly_bracket",
    "~": "tilde",
}
_NAMES: Final = {name: sign for sign, name in _SIGNS.items()}
_MODIFIERS: Final = ("alt", "ctrl", "shift")
_SPECIAL: Final = (
    *("escape", "enter", "tab", "space", "backspace", "delete", "insert"),
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
    *(f"f{number}" for number in range(1, 25)),
)
# What a terminal sends for these is what it sends for others.
_SAME: Final = {
    "ctrl+i": "tab",
    "ctrl+m": "enter",
    "ctrl+h": "backspace",
    "ctrl+left_square_bracket": "escape",
}


class InvalidKey(ValueError):
    """A key that cannot be read; one line: what, why, the mend."""


def spelled(key: str) -> str:
    """Return a key as a person reads it, for example `?` for `question_mark`."""
    return "esc" if key == "escape" else _NAMES.get(key, key)


def types_a_character(key: str) -> bool:
    """Say whether a key writes a character, and so belongs to an input that has the focus."""
    return len(key) == 1 or key in _NAMES or key == "space"


def key_named(text: str) -> str:
    """Return what Textual calls the key that a person wrote, such as `?`, `esc` or `ctrl+x`.

    Raises `InvalidKey`.
    """
    *modifiers, last = [text] if text in _SIGNS else text.split("+")
    key = "+".join([*sorted(each.lower() for each in modifiers), _plain(last)])
    if any(each.lower() not in _MODIFIERS for each in modifiers) or not _known(_plain(last)):
        near = difflib.get_close_matches(key, _SPECIAL, n=1)
        if near:
            raise InvalidKey(
                tr("there is no key {key!r}; did you mean {near!r}?", key=text, near=near[0])
            )
        raise InvalidKey(
            tr("there is no key {key!r}; write it as ?, x, X, f9, ctrl+x or space", key=text)
        )
    if same := _SAME.get(key):
        raise InvalidKey(
            tr("a terminal does not tell {key} from {other}; choose another", key=text, other=same)
        )
    return key


def _plain(name: str) -> str:
    """Return the name of a key without its modifiers."""
    if len(name) == 1:
        return _SIGNS.get(name, name)
    name = name.lower()
    return "escape" if name == "esc" else name


def _known(name: str) -> bool:
    return (len(name) == 1 and name.isalnum()) or name in _NAMES or name in _SPECIAL
