"""What a plan says to a person, as lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size

from console.language import tr
from console.model.deploy.guide import explained
from console.model.deploy.plan_words import COMPARED, MARKS, MEANINGS, assumed_words, clauses
from console.model.deploy.step import Change, Effect, Plan, Refusal, Step
from console.terminal.sanitise import sanitise
from console.verbs.wrapped import hung_lines

_WORDS: Final = 8
_GUIDE: Final = 11
_NARROWEST: Final = 40
_FEW: Final = 3
_INDENT: Final = " " * 5
_DIGEST: Final = re.compile(r"(@sha256:[0-9a-f]{12})[0-9a-f]{52}")


@dataclass(frozen=True, slots=True)
class Telling:
    """How much is said: `commands` and what takes them back; `explain` has every reason too."""

    commands: bool = False
    explain: bool = False


SHORT: Final = Telling()


def plan_lines(plan: Plan, width: int, telling: Telling = SHORT) -> Iterator[str]:
    """Yield a plan; everything but commands is broken at `width` columns.

    Names of directories and the like, which may be anything, are made safe for a terminal.
    """
    return map(sanitise, _lines(plan, width, telling))


def _lines(plan: Plan, width: int, telling: Telling) -> Iterator[str]:
    yield plan.title
    if plan.steps:
        yield from _wrapped("", clauses(_legend(plan)), width)
        yield ""
    for number, step in enumerate(plan.steps, 1):
        yield from _told(number, step, plan, telling, width)
    yield from _taken_for_granted(plan, telling, width)
    yield from _differences(plan, telling, width)
    yield from _section(tr("stays"), plan.stays, width)
    yield from _section(tr("note"), plan.notes, width)
    yield from _costs(plan)
    yield from _reasons(tr("refused"), plan.refusals, width)
    yield from _reasons(tr("not from here"), plan.blocked, width)


def end_lines(plan: Plan, apply: str, telling: Telling, width: int) -> Iterator[str]:
    """Yield how a plan that is only shown ends; `apply` says how it is carried out."""
    if plan.hindrances:
        words = tr("Nothing was changed, and nothing will be before that is mended.")
    elif not plan.acting:
        words = tr("There is nothing to do.")
    else:
        words = tr("Nothing was changed; {how} carries it out.", how=apply)
    if not telling.commands and any(each.commands for each in plan.acting):
        words = tr("{said} --commands shows what does the same by hand.", said=words)
    return _wrapped("", words, width)


def _legend(plan: Plan) -> Iterator[str]:
    there = {each.effect for each in plan.steps}
    return (f"{MARKS[each]} {tr(MEANINGS[each])}" for each in Effect if each in there)


def _told(number: int, step: Step, plan: Plan, telling: Telling, width: int) -> Iterator[str]:
    yield from _wrapped(f"{MARKS[step.effect]} {number:>2} ", step.title, width)
    if step.effect is not Effect.NOTHING:
        yield from _changes(step.changes, telling, width)
    if step.cost and step.effect is not Effect.NOTHING:
        yield from _labelled(tr("costs"), step.cost, width)
    if step.assumed and _each_says(plan, telling):
        yield from _labelled(tr("assumes"), assumed_words(step, plan), width)
    for word in step.notes:
        yield from _labelled(tr("note"), word, width)
    for word in step.loses:
        yield from _labelled(tr("loses"), word, width)
    if telling.commands:
        yield from (f"{_label(tr('do'))}{each}" for each in step.commands)
        yield from (f"{_label(tr('undo'))}{each}" for each in step.undo)


def _changes(changes: tuple[Change, ...], telling: Telling, width: int) -> Iterator[str]:
    """Yield few changes with their reasons, and many at a glance unless reasons are asked for."""
    many = len(changes) > _FEW and not telling.explain
    if many and (glance := _at_a_glance(changes)):
        yield from _wrapped(_INDENT, glance, width)
        return
    for each in changes:
        yield from _wrapped(_INDENT, _change(each), width)
        if each.why and not many:
            yield from _wrapped(_INDENT + "  ", each.why, width)


def _at_a_glance(changes: tuple[Change, ...]) -> str:
    """Return all of what is made anew, or of what changes in the same way; else nothing."""
    if len({(each.observed, each.wanted) for each in changes}) == 1 and changes[0].observed != "–":
        names = tr(", ").join(each.setting for each in changes)
        return tr(
            "{before} → {after}: {names}",
            before=changes[0].observed,
            after=changes[0].wanted,
            names=names,
        )
    if any(each.observed != "–" for each in changes):
        return ""
    return tr("; ").join(map(_change, changes))


def _change(change: Change) -> str:
    before = "" if change.observed == "–" else f"{change.observed} → "
    return _DIGEST.sub(r"\1…", tr("{setting}: ", setting=change.setting) + before + change.wanted)


def _each_says(plan: Plan, telling: Telling) -> bool:
    """Whether each step says what it takes for granted, since there are few of them."""
    return telling.explain or sum(bool(each.assumed) for each in plan.steps) <= 1


def _taken_for_granted(plan: Plan, telling: Telling, width: int) -> Iterator[str]:
    """Yield in one sentence what most steps would say."""
    if _each_says(plan, telling):
        return
    steps = _spans([number for number, each in enumerate(plan.steps, 1) if each.assumed])
    words = tr(
        "for steps {steps} nobody could look at what is there; --explain says what each takes for "
        "granted",
        steps=steps,
    )
    yield ""
    yield from _wrapped(tr("assumed: "), words, width)


def _spans(numbers: list[int]) -> str:
    """Return ascending numbers in words, such as `1 to 4, 6 and 7`."""
    spans: list[list[int]] = []
    for each in numbers:
        if spans and each == spans[-1][-1] + 1:
            spans[-1].append(each)
        else:
            spans.append([each])
    said = [
        word
        for span in spans
        for word in (
            [tr("{first} to {last}", first=span[0], last=span[-1])]
            if len(span) > 2
            else map(str, span)
        )
    ]
    others, last = said[:-1], said[-1]
    if not others:
        return last
    return tr("{numbers} and {number}", numbers=tr(", ").join(others), number=last)


def _differences(plan: Plan, telling: Telling, width: int) -> Iterator[str]:
    if plan.wish is None or plan.service is None or not plan.acting:
        return
    found = explained(plan.wish)
    if found and not telling.explain:
        yield ""
        words = tr(
            "{count} things are not as in the guide; --explain says which, and all reasons",
            count=len(found),
        )
        yield from _wrapped("", words, width)
        return
    guide, here, because = tr(COMPARED).split("|")
    for each in found:
        yield ""
        yield from _column(guide, each.guide, width)
        yield from _column(here, each.console, width)
        yield from _column(because, each.why, width)


def _section(what: str, words: tuple[str, ...], width: int) -> Iterator[str]:
    if words:
        yield ""
    for each in words:
        yield from _wrapped(tr("{what}: ", what=what), each, width)


def _costs(plan: Plan) -> Iterator[str]:
    if plan.worst_day is None and plan.idle_day is None:
        return
    yield ""
    most, least = tr("a day at most"), tr("a day at least")
    room = max(cell_len(most), cell_len(least)) + 2
    if plan.worst_day is not None:
        worst = tr("{cost}, if all instances run all day", cost=plan.worst_day.text())
        yield f"{set_cell_size(most, room)}{worst}"
    if plan.idle_day is not None:
        idle = tr("{cost}, if nobody asks for anything", cost=plan.idle_day.text())
        yield f"{set_cell_size(least, room)}{idle}"
    if plan.prices_of is not None:
        yield tr("estimates, prices of {date}", date=plan.prices_of.isoformat())


def _reasons(what: str, reasons: tuple[Refusal, ...], width: int) -> Iterator[str]:
    if reasons:
        yield ""
    for each in reasons:
        yield from _wrapped(tr("{what}: ", what=what), each.words, width)
        yield from _wrapped("   " + tr("{what}: ", what=tr("mend")), each.mend, width)


def _labelled(what: str, words: str, width: int) -> Iterator[str]:
    return _wrapped(_label(what), words, width)


def _label(what: str) -> str:
    return f"{_INDENT}{set_cell_size(what, _WORDS)}"


def _column(what: str, words: str, width: int) -> Iterator[str]:
    return _wrapped(set_cell_size(what, _GUIDE), words, width)


def _wrapped(label: str, words: str, width: int) -> Iterator[str]:
    return hung_lines(words, max(width, _NARROWEST), label, " " * cell_len(label))
