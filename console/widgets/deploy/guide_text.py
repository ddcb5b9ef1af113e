"""In what a plan is not as the deployment guide has it, and why."""

from __future__ import annotations

from textual.content import Content

from console.language import tr, tr_later
from console.model.deploy.guide import explained
from console.model.deploy.plan_words import COMPARED
from console.model.deploy.step import Plan
from console.widgets.models.rows import labelled

_NOTHING = tr_later("all of it is as the guide has it")


def guide_text(plan: Plan, width: int) -> Content:
    """Return the differences one by one, in the order of a deployment."""
    found = () if plan.wish is None else explained(plan.wish)
    guide, here, because = tr(COMPARED).split("|")
    rows: list[Content] = []
    for each in found:
        rows += [
            *labelled(guide, each.guide, width),
            *labelled(here, Content.styled(each.console, "bold"), width),
            *labelled(because, Content.styled(each.why, "$text-muted"), width),
            Content(""),
        ]
    return Content("\n").join(rows[:-1] or [Content(tr(_NOTHING))])
