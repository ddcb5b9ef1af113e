"""Output that says all it can where the terminal's encoding lacks a sign.

Under an ASCII or Latin-1 encoding a dash or an arrow would end the program. What has a spelling in
ASCII is spelled so; of anything else is shown that something is missing.
"""

from __future__ import annotations

import codecs
from typing import Final, TextIO

from console.terminal.plain_signs import SIGNS

_NAME: Final = "zimage-spelled"
_LOST: Final = "?"
_SPELLINGS: Final = {
    **{chr(sign): spelling for sign, spelling in SIGNS.items()},
    # Printed text has room for more than one letter.
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "←": "<-",
    "·": "|",
    "├": "|",
    "└": "`",
}


def spell_what_is_lacking(*streams: TextIO) -> None:
    """Let `streams` take any text from now on, whatever their encoding."""
    codecs.register_error(_NAME, _spelled)
    for stream in streams:
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=_NAME)


def _spelled(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_SPELLINGS.get(sign, _LOST) for sign in lacking), error.end
