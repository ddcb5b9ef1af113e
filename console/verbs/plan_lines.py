"""What a plan says to a person, as lines."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from console.model.deploy.guide import explained
from console.model.deploy.plan_words import MARKS, MEANINGS, assumed_words
from console.model.deploy.step import Effect, Plan, Refusal, Step

_WORDS: Final = 8
_NARROWEST: Final = 40


def plan_lines(plan: Plan, width: int, *, explain: bool = False) -> Iterator[str]:
    """Yield all of a plan; everything but commands is broken at `width` columns.

    With `explain` it says in what it is not as the guide has it, and why.
    """
    yield plan.title
    if plan.steps:
        yield from _wrapped("", ", ".join(_legend(plan)), width)
    for number, step in enumerate(plan.steps, 1):
        yield ""
        yield from _told(number, replace(step, assumed=assumed_words(step, plan)), width)
    yield from _differences(plan, width, explain)
    yield from _section("stays", plan.stays, width)
    yield from _section("note", plan.notes, width)
    yield from _costs(plan)
    yield from _reasons("refused", plan.refusals, width)
    yield from _reasons("not from here", plan.blocked, width)


def end_line(plan: Plan, apply: str) -> str:
    """Return the last line of a plan that is only shown; `apply` says how it is carried out."""
    if plan.refusals:
        return "Nothing was changed, and nothing will be before that is mended."
    if not plan.acting:
        return "There is nothing to do."
    return f"Nothing was changed; {apply} carries it out."


def _legend(plan: Plan) -> Iterator[str]:
    there = {each.effect for each in plan.steps}
    return (f"{MARKS[each]} {MEANINGS[each]}" for each in Effect if each in there)


def _told(number: int, step: Step, width: int) -> Iterator[str]:
    yield from _wrapped(f"{MARKS[step.effect]} {number:>2} ", step.title, width)
    if step.effect is Effect.NOTHING:
        return
    for each in step.changes:
        before = "" if each.observed == "–" else f"{each.observed} → "
        yield from _wrapped(" " * 5, f"{each.setting}: {before}{each.wanted}", width)
        if each.why:
            yield from _wrapped(" " * 7, each.why, width)
    for what, words in (("costs", step.cost), ("assumes", step.assumed)):
        if words:
            yield from _labelled(what, words, width)
    for word in step.notes:
        yield from _labelled("note", word, width)
    for word in step.loses:
        yield from _labelled("loses", word, width)
    for command in step.commands:
        yield f"     {'do':<{_WORDS}}{command}"
    for command in step.undo:
        yield f"     {'undo':<{_WORDS}}{command}"


def _differences(plan: Plan, width: int, explain: bool) -> Iterator[str]:
    if plan.wish is None or plan.service is None or not plan.acting:
        return
    found = explained(plan.wish)
    if found and not explain:
        yield ""
        yield f"{len(found)} things are not as in the guide; --explain says which, and why"
        return
    for each in found:
        yield ""
        yield from _wrapped("the guide  ", each.guide, width)
        yield from _wrapped("here       ", each.console, width)
        yield from _wrapped("because    ", each.why, width)


def _section(what: str, words: tuple[str, ...], width: int) -> Iterator[str]:
    if words:
        yield ""
    for each in words:
        yield from _wrapped(f"{what}: ", each, width)


def _costs(plan: Plan) -> Iterator[str]:
    if plan.worst_day is None and plan.idle_day is None:
        return
    yield ""
    if plan.worst_day is not None:
        yield f"all instances, all day   {plan.worst_day.text()} a day"
    if plan.idle_day is not None:
        yield f"when nobody asks         {plan.idle_day.text()} a day"
    if plan.prices_of is not None:
        yield f"estimates, prices of {plan.prices_of.isoformat()}"


def _reasons(what: str, reasons: tuple[Refusal, ...], width: int) -> Iterator[str]:
    if reasons:
        yield ""
    for each in reasons:
        yield from _wrapped(f"{what}: ", each.words, width)
        yield from _wrapped("   mend: ", each.mend, width)


def _labelled(what: str, words: str, width: int) -> Iterator[str]:
    return _wrapped(f"     {what:<{_WORDS}}", words, width)


def _wrapped(label: str, words: str, width: int) -> Iterator[str]:
    yield from textwrap.wrap(
        words,
        max(width, _NARROWEST),
        initial_indent=label,
        subsequent_indent=" " * len(label),
        break_long_words=False,
        break_on_hyphens=False,
    )
