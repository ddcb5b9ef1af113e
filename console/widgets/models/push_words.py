"""What a push would do, in words."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from console.model.cost.facts import priced_region
from console.model.models.push_offer import Hurdle, PushChoices, PushOffer
from console.model.models.push_plan import PlannedFile, PushPlan, Standing
from console.model.models.rate_text import rate_text, span_text
from console.model.storage import size_text
from console.terminal.sanitise import sanitise
from console.widgets.costs.amounts import left, right
from console.widgets.models.rows import ABSENT, labelled, part_words, wrapped

_PART: Final = 14
_SIZE: Final = 10
_BECOMES: Final = 22
HURDLE_KEYS: Final = {Hurdle.BESIDE: "b", Hurdle.FAR: "a"}
"""The keys by which it is wanted in spite of something."""


def offer_rows(offer: PushOffer, choices: PushChoices, width: int) -> list[Content]:
    """Return what a push would do, to be agreed to."""
    plan = offer.plan
    where = f" in {offer.region}" if offer.region else ""
    rows = [
        *wrapped(f"{plan.directory} → gs://{plan.bucket}{where}", width, "bold"),
        Content(""),
        *(_planned(each, width) for each in plan.files),
        Content(""),
        *labelled("to send", _effort(plan, choices.limit), width),
        *labelled("price", _price(offer), width),
    ]
    for warning in offer.warnings:
        rows += wrapped(f"▲ {sanitise(warning)}", width, "$warning")
    return [*rows, *_verdict(offer, choices, width)]


def _verdict(offer: PushOffer, choices: PushChoices, width: int) -> list[Content]:
    """Return what stands against it, or what is to be known before `y`."""
    if offer.refused:
        why = f"✗ not pushed: {sanitise(offer.refused)}"
        return [Content(""), *wrapped(why, width, "$error")]
    if not offer.plan.sent:
        return [Content(""), *wrapped("✓ all of it is there already", width, "$success")]
    rows: list[Content] = []
    for hurdle, problem in offer.hurdles:
        if hurdle in choices.accepted:
            said, style = f"▲ wanted all the same: {problem}", "$warning"
        else:
            said, style = f"✗ {problem}; {HURDLE_KEYS[hurdle]} wants it all the same", "$error"
        rows += [Content(""), *wrapped(sanitise(said), width, style)]
    if offer.plan.replaced and offer.ready(choices):
        names = " and ".join(each.file.name for each in offer.plan.replaced)
        rows += [Content(""), *wrapped(f"▲ y replaces {sanitise(names)}", width, "bold $warning")]
    return rows


def _price(offer: PushOffer) -> str:
    where = priced_region(offer.region)
    here = "" if where == offer.region else f"nothing here; in {where} "
    sending = f", sending them {offer.sending.text()} once" if offer.plan.sent else ""
    return (
        f"{here}keeping all of them costs {offer.month.amount.text()} a month{sending} (estimate, "
        f"prices of {offer.priced})"
    )


def _planned(planned: PlannedFile, width: int) -> Content:
    becomes, style = _becomes(planned)
    shown = width >= 66
    part = left(part_words(planned.file.part), _PART) if shown else Content("")
    room = max(width - (_PART if shown else 0) - _SIZE - 2 - _BECOMES, 8)
    return Content.assemble(
        part,
        left(sanitise(planned.file.name), room),
        right(size_text(planned.size), _SIZE),
        "  ",
        left(becomes, _BECOMES, style),
    )


def _becomes(planned: PlannedFile) -> tuple[str, str]:
    if planned.standing is Standing.SAME:
        return "there already", "$text-muted"
    if planned.standing is Standing.DIFFERENT:
        stored = ABSENT if planned.stored is None else size_text(planned.stored.size)
        return f"replaces {stored}", "$warning"
    return (f"new, {size_text(planned.begun)} sent" if planned.begun else "new"), "$success"


def _effort(plan: PushPlan, limit: float | None) -> str:
    if not plan.sent:
        return "nothing"
    text = f"{size_text(plan.missing)} of {size_text(plan.size)}"
    rates = [each for each in (plan.rate, limit) if each]
    if rates:
        how = "as was measured" if limit is None or limit != min(rates) else "the limit"
        text += f", {span_text(plan.missing / min(rates))} at {rate_text(min(rates))}, {how}"
    if limit is not None and limit != min(rates):
        text += f"; the limit is {rate_text(limit)}"
    return text
