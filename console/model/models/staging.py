"""Under which names objects are put together before they get their own.

Whoever sent one is told by its name, so that what was left half done can be cleaned up by those who
left it. The folder is one that no service looks into.
"""

from __future__ import annotations

import re
from typing import Final

FOLDER: Final = ".zimage-uploads/"
_STAGED: Final = re.compile(re.escape(FOLDER) + r"([0-9a-z]+)/([0-9a-z]+)/(.+)", re.DOTALL)


def staged_name(sender: str, token: str, name: str) -> str:
    """Return the name under which `name` is put together by `sender`; `token` makes it unique."""
    return f"{FOLDER}{sender}/{token}/{name}"


def sender_of(staged: str) -> str | None:
    """Return who sent what has that name, None if it is no such name."""
    match = _STAGED.fullmatch(staged)
    return match[1] if match else None


def final_name(staged: str) -> str:
    """Return which name an object will have in the end."""
    match = _STAGED.fullmatch(staged)
    return match[3] if match else staged
