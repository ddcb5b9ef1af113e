"""What has to be typed before a plan is carried out, asked for where somebody can be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from console.model.deploy.plan_words import why_typed, word_to_type
from console.model.deploy.step import Plan


def unconfirmed(plan: Plan, said: str, keys: TextIO, ask: Callable[[str], str]) -> str | None:
    """Say in one line why a plan may not be carried out; None if it may.

    `said` is what was confirmed beforehand, by a flag. `ask` puts a question to whoever types on
    `keys`, and is not used where that is no terminal.
    """
    word = word_to_type(plan)
    if word is None or said == word:
        return None
    why = why_typed(plan)
    if said:
        return f"{why}: --confirm has to say {word}, not {said[:60]!r}"
    if not keys.isatty():
        return f"{why}: add --confirm {word}"
    answer = ask(f"{why}; type {word} to go on: ").strip()
    return None if answer == word else f"{why}, and {word} was not typed; nothing was changed"
