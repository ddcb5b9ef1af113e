"""What is said of a plan in words, wherever it is shown."""

from __future__ import annotations

from typing import Final

from console.model.deploy.step import Confirmation, Effect, Plan, Step
from console.model.text import SafeText

MARKS: Final = {
    Effect.NOTHING: "=",
    Effect.CHECK: "?",
    Effect.CREATE: "+",
    Effect.CHANGE: "~",
    Effect.DELETE: "-",
}
"""What stands in front of a step."""

MEANINGS: Final = {
    Effect.NOTHING: "as it should be",
    Effect.CHECK: "looked at",
    Effect.CREATE: "made",
    Effect.CHANGE: "changed",
    Effect.DELETE: "removed",
}
"""What the marks mean, and what is done by a step."""

PUBLIC: Final = "public"
"""What has to be typed before everybody may call a service."""


def assumed_words(step: Step, plan: Plan) -> SafeText:
    """Return what a step takes for granted; what nobody can see is told once, of the whole plan."""
    words = str(step.assumed)
    for each in plan.blocked:
        words = words.replace(f" ({each.words})", "")
    return SafeText(words)


def word_to_type(plan: Plan) -> str | None:
    """Return what has to be typed before a plan is carried out; None if a key has to do."""
    match plan.confirmation:
        case Confirmation.NAME if plan.place is not None:
            return plan.place.service
        case Confirmation.PUBLIC:
            return PUBLIC
    return None


def why_typed(plan: Plan) -> str:
    """Return why a key does not do, for a plan for which something has to be typed."""
    if plan.confirmation is Confirmation.PUBLIC:
        cost = f", at {plan.worst_day.text()} a day at most" if plan.worst_day else ""
        return f"everybody may call the service then{cost}"
    if any(each.loses for each in plan.steps):
        return "what is removed cannot be had back"
    return "the console did not make this service"
