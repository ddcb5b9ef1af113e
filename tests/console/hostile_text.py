"""Hostile text, and snapshots in which every text that came from outside is nothing else."""

from __future__ import annotations

import re
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, TypeVar

_Kind = TypeVar("_Kind")

OWNED = "OWNED"
HOSTILE = (
    f"{OWNED}\x1b]0;title\x07\x1b]52;c;T1dORUQ=\x07\x1b]8;;http://owned.example\x1b\\\x9d2;t\x9c"
    "\x1bc\x1b[2J\x1b[?1049l\x1b[?1000l\x1b[6n\x1b[5i\x1b[3;3r\x1b[4h\x1b(0\x1b#8\x9b7;5;31m"
    "\x1b_Ga=d\x1b\\\x1bP+q544e\x1b\\\x1b[8;50;100t\x0e\x05\u202egpj.exe\u2066\ufeff\x00\x7f\r\n\t"
    "[/bad][red]x[/][@click=app.quit]y[/][link='a \ud800 \x1b]0;never ended \x1b["
)
"""What a terminal must not obey, a console not take for markup, and an encoder not choke on."""


def poisoned(value: _Kind, text: str, *, own: bool = False) -> _Kind:
    """Return a snapshot with `text` in place of each text in it that came from outside.

    That is what is typed `SafeText`; with `own`, whatever is typed `str` too.
    """
    taken = re.compile(r"\b(SafeText|str)\b" if own else r"\bSafeText\b")
    return typing.cast(_Kind, _poisoned(value, "", text, taken))


def _poisoned(value: Any, annotation: str, text: str, taken: re.Pattern[str]) -> Any:
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text if value and taken.search(annotation) else value
    if isinstance(value, tuple):
        return tuple(_poisoned(each, annotation, text, taken) for each in value)
    if isinstance(value, Mapping):
        return {key: _poisoned(each, annotation, text, taken) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: _poisoned(getattr(value, each.name), str(each.type), text, taken)
            for each in fields(value)
            if each.init
        }
        return replace(value, **changed)
    return value
