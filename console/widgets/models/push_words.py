"""What a push would do, in words."""

from __future__ import annotations

from typing import Final

from textual.content import Content

from console.language import tr, tr_list
from console.model.cost.facts import priced_region
from console.model.models.place_words import bucket_and_place
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
    place = bucket_and_place(plan.bucket, offer.region)
    rows = [
        *wrapped(f"{plan.directory} → {place}", width, "bold"),
        Content(""),
        *(_planned(each, width) for each in plan.files),
        Content(""),
        *labelled(tr("to send"), _effort(plan, choices.limit), width),
        *labelled(tr("price"), _price(offer), width),
    ]
    for warning in offer.warnings:
        rows += wrapped(f"▲ {sanitise(warning)}", width, "$warning")
    return [*rows, *_verdict(offer, choices, width)]


def _verdict(offer: PushOffer, choices: PushChoices, width: int) -> list[Content]:
    """Return what stands against it, or what is to be known before `y`."""
    if offer.refused:
        why = tr("✗ not pushed: {why}", why=sanitise(offer.refused))
        return [Content(""), *wrapped(why, width, "$error")]
    if not offer.plan.sent:
        return [Content(""), *wrapped(tr("✓ all of it is there already"), width, "$success")]
    rows: list[Content] = []
    for hurdle, problem in offer.hurdles:
        if hurdle in choices.accepted:
            said, style = tr("▲ wanted all the same: {problem}", problem=problem), "$warning"
        else:
            key, style = HURDLE_KEYS[hurdle], "$error"
            said = tr("✗ {problem}; {key} wants it all the same", problem=problem, key=key)
        rows += [Content(""), *wrapped(sanitise(said), width, style)]
    if offer.plan.replaced and offer.ready(choices):
        names = sanitise(tr_list([each.file.name for each in offer.plan.replaced]))
        replacing = tr("▲ y replaces {names}", names=names)
        rows += [Content(""), *wrapped(replacing, width, "bold $warning")]
    return rows


def _price(offer: PushOffer) -> str:
    where, month = priced_region(offer.region), offer.month.amount.text()
    if offer.plan.sent:
        costs = tr(
            "keeping all of them costs {month} a month, sending them {sending} once (estimate, "
            "prices of {date})",
            month=month,
            sending=offer.sending.text(),
            date=offer.priced,
        )
    else:
        costs = tr(
            "keeping all of them costs {month} a month (estimate, prices of {date})",
            month=month,
            date=offer.priced,
        )
    if where == offer.region:
        return costs
    return tr("nothing here; in {region} {costs}", region=where, costs=costs)


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
        return tr("there already"), "$text-muted"
    if planned.standing is Standing.DIFFERENT:
        stored = ABSENT if planned.stored is None else size_text(planned.stored.size)
        return tr("replaces {size}", size=stored), "$warning"
    if planned.begun:
        return tr("new, {size} sent", size=size_text(planned.begun)), "$success"
    return tr("new"), "$success"


def _effort(plan: PushPlan, limit: float | None) -> str:
    if not plan.sent:
        return tr("nothing")
    missing, size = size_text(plan.missing), size_text(plan.size)
    rate = min((each for each in (plan.rate, limit) if each), default=None)
    if rate is None:
        return tr("{done} of {size}", done=missing, size=size)
    span, shown = span_text(plan.missing / rate), rate_text(rate)
    if limit is None:
        return tr(
            "{missing} of {size}, {span} at {rate}, as was measured",
            missing=missing,
            size=size,
            span=span,
            rate=shown,
        )
    if limit == rate:
        return tr(
            "{missing} of {size}, {span} at {rate}, the limit",
            missing=missing,
            size=size,
            span=span,
            rate=shown,
        )
    return tr(
        "{missing} of {size}, {span} at {rate}, as was measured; the limit is {limit}",
        missing=missing,
        size=size,
        span=span,
        rate=shown,
        limit=rate_text(limit),
    )
