"""What has to be typed before a plan is carried out, asked for where somebody can be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from console.language import tr
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
        return tr(
            "{why}: --confirm has to say {word}, not {said!r}", why=why, word=word, said=said[:60]
        )
    if not keys.isatty():
        return tr("{why}: add --confirm {word}", why=why, word=word)
    answer = ask(tr("{why}; type {word} to go on: ", why=why, word=word)).strip()
    if answer == word:
        return None
    return tr("{why}, and {word} was not typed; nothing was changed", why=why, word=word)
