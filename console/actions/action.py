"""What an action of the console is: a thing that a key does, and where."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Scope(StrEnum):
    """Where an action's keys work."""

    GLOBAL = "everywhere"
    COLD_STARTS = "cold starts"
    LOGS = "logs"
    COST = "cost"
    GENERATE = "generate"
    MODELS = "models"
    DEPLOY = "deploy"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a key does.

    `keys` are spelled as Textual spells them; the first one is shown in the footer. `label` is
    the word in the footer, `tooltip` the sentence in the help. `group` is the heading in the
    help. `writes` changes a service, `spends` may cost money where the service is rented: both
    are refused in read-only.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    tooltip: str
    scope: Scope = Scope.GLOBAL
    group: str = ""
    writes: bool = False
    spends: bool = False
    footer: bool = True

    @property
    def key_text(self) -> str:
        """The keys as a person reads them, for example `q, ctrl+q`."""
        return ", ".join(spelled(key) for key in self.keys)


_SPELLINGS: Final = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "ampersand": "&",
    "escape": "esc",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
}

_PRINTABLE_NAMES: Final = frozenset(_SPELLINGS) - {"escape"}


def spelled(key: str) -> str:
    """Return a key as a person reads it, for example `?` for `question_mark`."""
    return _SPELLINGS.get(key, key)


def types_a_character(key: str) -> bool:
    """Say whether a key writes a character, and so belongs to an input that has the focus."""
    return len(key) == 1 or key in _PRINTABLE_NAMES
