"""What has to be typed before a plan is carried out, asked for where somebody can be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TextIO

from console.model.deploy.step import Confirmation, Plan

_PUBLIC: Final = "public"


def unconfirmed(plan: Plan, said: str, keys: TextIO, ask: Callable[[str], str]) -> str | None:
    """Say in one line why a plan may not be carried out; None if it may.

    `said` is what was confirmed beforehand, by a flag. `ask` puts a question to whoever types on
    `keys`, and is not used where that is no terminal.
    """
    word = _word(plan)
    if word is None or said == word:
        return None
    why = _why(plan)
    if said:
        return f"{why}: --confirm has to say {word}, not {said[:60]!r}"
    if not keys.isatty():
        return f"{why}: add --confirm {word}"
    answer = ask(f"{why}; type {word} to go on: ").strip()
    return None if answer == word else f"{why}, and {word} was not typed; nothing was changed"


def _word(plan: Plan) -> str | None:
    match plan.confirmation:
        case Confirmation.NAME if plan.place is not None:
            return plan.place.service
        case Confirmation.PUBLIC:
            return _PUBLIC
    return None


def _why(plan: Plan) -> str:
    if plan.confirmation is Confirmation.PUBLIC:
        cost = f", at {plan.worst_day.text()} a day at most" if plan.worst_day else ""
        return f"everybody may call the service then{cost}"
    if any(each.loses for each in plan.steps):
        return "what is removed cannot be had back"
    return "the console did not make this service"
