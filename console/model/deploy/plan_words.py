"""What is said of a plan in words, wherever it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from console.language import tr, tr_later
from console.model.deploy.scene import unseen_words
from console.model.deploy.step import Confirmation, Effect, Plan, Step, Subject
from console.model.text import SafeText

MARKS: Final = {
    Effect.NOTHING: "=",
    Effect.CHECK: "?",
    Effect.CREATE: "+",
    Effect.CHANGE: "~",
    Effect.DELETE: "-",
}
"""What stands in front of a step."""

SUBJECTS: Final = {
    Subject.APIS: tr_later("apis"),
    Subject.QUOTA: tr_later("quota"),
    Subject.BUCKET: tr_later("bucket"),
    Subject.MODELS: tr_later("models"),
    Subject.REPOSITORY: tr_later("repository"),
    Subject.IMAGE: tr_later("image"),
    Subject.ACCOUNT: tr_later("account"),
    Subject.READING: tr_later("reading"),
    Subject.SERVICE: tr_later("service"),
    Subject.ACCESS: tr_later("access"),
    Subject.TRAFFIC: tr_later("traffic"),
    Subject.SCALE: tr_later("scale"),
    Subject.HEALTH: tr_later("health"),
}
"""What a step is about, in a word."""

MEANINGS: Final = {
    Effect.NOTHING: tr_later("as it should be"),
    Effect.CHECK: tr_later("looked at"),
    Effect.CREATE: tr_later("made"),
    Effect.CHANGE: tr_later("changed"),
    Effect.DELETE: tr_later("removed"),
}
"""What the marks mean, and what is done by a step."""

TO_DO: Final = {
    Effect.NOTHING: tr_later("as it should be"),
    Effect.CHECK: tr_later("to be looked at"),
    Effect.CREATE: tr_later("to be made"),
    Effect.CHANGE: tr_later("to be changed"),
    Effect.DELETE: tr_later("to be removed"),
}
"""How it is with a step before it is carried out."""

PUBLIC: Final = "public"
"""What has to be typed before everybody may call a service."""


COMPARED: Final = tr_later("the guide|here|because")
"""What stands before what the guide does, what is done instead, and why; divided by bars."""


def clauses(said: Iterable[str]) -> str:
    """Return what is said of one thing in a row, divided by commas."""
    first, *others = tuple(said) or ("",)
    for each in others:
        first = tr("{first}, {then}", first=first, then=each)
    return first


def assumed_words(step: Step, plan: Plan) -> SafeText:
    """Return what a step takes for granted; what nobody can see is told once, of the whole plan."""
    words = str(step.assumed)
    for each in plan.blocked:
        words = words.replace(unseen_words(each.words), "")
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
        if plan.worst_day is None:
            return tr("everybody may call the service then")
        return tr(
            "everybody may call the service then, at {cost} a day at most",
            cost=plan.worst_day.text(),
        )
    if any(each.loses for each in plan.steps):
        return tr("what is removed cannot be had back")
    return tr("the console did not make this service")
