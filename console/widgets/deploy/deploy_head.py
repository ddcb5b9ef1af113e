"""The head of the screen of the deployment: what there is, what was done, and what goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from textual.content import Content

from console.language import tr, tr_later, tr_many
from console.model.access import Openness
from console.model.deploy.drift import drift_lines
from console.model.deploy.plan_words import clauses
from console.model.deploy.progress import Application
from console.model.deploy.snapshot import DeploySnapshot
from console.model.deploy.step import Plan
from console.model.deploy.wish import Variant
from console.model.freshness import age, moment, short_reason
from console.model.models.rate_text import span_text
from console.model.service import ServiceFacts, ServiceSnapshot, ServiceState
from console.terminal.sanitise import sanitise
from console.widgets.cloud_facts import image_text
from console.widgets.deploy.deploying_note import present
from console.widgets.deploy.plan_rows import application_of, aside, plan_rows
from console.widgets.models.rows import ABSENT, labelled, wrapped

NOTHING_HERE: Final = tr_later(
    "nothing is deployed to this machine: c chooses Google Cloud, or the sandbox, where deploying "
    "is for practice and costs nothing"
)
_NEXT: Final = tr_later("n plans a deployment: read all of it before anything is changed")
_MOST_DRIFT: Final = 3
_STEP_IN_FULL_FROM: Final = 70


def head_rows(
    known: DeploySnapshot,
    service: ServiceSnapshot,
    now: datetime,
    width: int,
    *,
    plans: bool = True,
) -> list[Content]:
    """Return what there is to say of the deployment, each thing under a label.

    `plans` says whether anything can be planned here.

    What goes on comes first, for the last ones give way where there is no room.
    """
    rows = list(_now(known, now, width))
    if service.facts is None:
        rows += labelled(tr("deployed"), _deployed(service), width)
    else:
        rows += _short(tr("deployed"), _deployed(service), width)
        rows += _short(tr("image"), _image(service), width)
    if known.applied is not None:
        rows += labelled(tr("applied"), _applied(known, now), width)
        rows += _drift(known, width)
    if known.plan is None:
        if plans and known.looking is None and not known.unfinished:
            rows += labelled(tr("next"), Content.styled(tr(_NEXT), "$text-muted"), width)
        return rows
    if (verdict := _verdict(known.plan)) is not None:
        rows += labelled(tr("plan"), verdict, width)
    if application_of(known) is None and (costs := costs_words(known.plan)):
        rows += labelled(tr("costs"), costs, width)
    return rows


def costs_words(plan: Plan) -> str:
    """Return what a day costs at most, and when nobody asks; empty where a plan does not say."""
    amounts = []
    if plan.worst_day is not None:
        amounts.append(tr("{cost} a day at most", cost=plan.worst_day.text()))
    if plan.idle_day is not None:
        amounts.append(tr("{cost} a day if nobody asks", cost=plan.idle_day.text()))
    if not amounts:
        return ""
    said = clauses(amounts)
    if plan.prices_of is None:
        return tr("{costs} (estimates)", costs=said)
    return tr("{costs} (estimates, prices of {date})", costs=said, date=plan.prices_of.isoformat())


def _now(known: DeploySnapshot, now: datetime, width: int) -> Iterator[Content]:
    """Yield what goes on, or what came of it."""
    if (going := _going_on(known, now, width)) is not None:
        yield from labelled(tr("going on") if known.running else tr("outcome"), going, width)
    elif known.unfinished and not known.running and known.plan is None:
        yield from labelled(tr("begun"), _begun(known), width)
    if known.looking is not None:
        said = Content.styled(
            tr("{looking} …  (esc stops it)", looking=known.looking), "$text-muted"
        )
        yield from labelled(tr("now"), said, width)
    if known.problem is not None:
        yield from wrapped(f"✗ {known.problem}", width, "$error")


def _short(label: str, said: Content, width: int) -> list[Content]:
    """Return one row, cut where there is no room for all of it."""
    return [labelled(label, said, 10_000)[0].truncate(width, ellipsis=True)]


def _verdict(plan: Plan) -> Content | None:
    if plan.refusals:
        return Content.styled(
            tr("✗ refused, and nothing was changed: the plan says what to mend"), "$error"
        )
    if plan.blocked:
        return Content.styled(tr("▲ it cannot be carried out from here and now"), "$warning")
    return None if plan.acting else Content.styled(tr("✓ there is nothing to do"), "$success")


def _deployed(service: ServiceSnapshot) -> Content:
    facts = service.facts
    if facts is None:
        if service.state is ServiceState.MISSING:
            return Content.styled(tr("nothing yet: there is no such service"), "$text-muted")
        if service.state is ServiceState.CONNECTING:
            return Content.styled(tr("asking …"), "$text-muted")
        why = service.problem or short_reason(service.fresh.service) or tr("not known yet")
        return Content.styled(f"{ABSENT} {why}", "$warning")
    shape = " · ".join(
        each
        for each in (facts.gpu or "CPU", facts.cpu and f"{facts.cpu} vCPU", facts.memory)
        if each
    )
    return Content.assemble(_revisions(facts), f"   {shape}   {_instances(facts)}")


def _revisions(facts: ServiceFacts) -> str:
    shares = [each for each in facts.traffic if each.percent]
    newest = facts.latest_ready_revision or ABSENT
    if len(shares) <= 1:
        return str(shares[0].revision or newest) if shares else str(newest)
    return tr(", ").join(f"{each.revision or newest} {each.percent} %" for each in shares)


def _instances(facts: ServiceFacts) -> str:
    if facts.manual_instances is not None:
        return tr("{count} held by hand", count=facts.manual_instances)
    least, most = facts.min_instances or 0, facts.max_instances
    return tr("{least} to {most} instances", least=least, most=ABSENT if most is None else most)


def _image(service: ServiceSnapshot) -> Content:
    assert service.facts is not None
    access = service.access
    public = access is not None and access.openness is Openness.PUBLIC
    said = tr("callers not known") if access is None else str(access)
    return Content.assemble(
        image_text(service.facts.image) or ABSENT, "   ", (said, "$warning" if public else "")
    )


def _applied(known: DeploySnapshot, now: datetime) -> Content:
    applied = known.applied
    assert applied is not None
    gpu = applied.wish.settings.gpu
    on = "CPU" if applied.wish.variant is Variant.CPU or gpu is None else str(gpu)
    when = tr(
        "from here {moment}, {age}, on {on}",
        moment=moment(applied.at, now),
        age=age(applied.at, now),
        on=on,
    )
    drift = known.drift
    if drift is None:
        return Content(when)
    if drift.blocked:
        return Content.assemble(when, "   ", (tr("what changed since cannot be seen"), "$warning"))
    count = len(drift_lines(drift))
    if not count:
        return Content.assemble(when, "   ", (tr("✓ nothing changed since"), "$success"))
    changed = tr_many("1 thing changed since", "{count} things changed since", count)
    return Content.assemble(when, (f"   ▲ {changed}", "$warning"))


def _drift(known: DeploySnapshot, width: int) -> list[Content]:
    """Return what changed, unless it is what the plan that is shown changes back."""
    if known.drift is None or known.drift.blocked or known.drift is known.plan:
        return []
    lines = drift_lines(known.drift)
    shown = [f"▲ {sanitise(each)}" for each in lines[:_MOST_DRIFT]]
    if len(lines) > _MOST_DRIFT:
        more = tr("and {count} more", count=len(lines) - _MOST_DRIFT)
        shown.append(f"  {more}")
    return [
        Content.styled(f"{'':10}{each}", "$warning").truncate(width, ellipsis=True)
        for each in shown
    ]


def _going_on(known: DeploySnapshot, now: datetime, width: int) -> Content | None:
    """Return how far a plan is, or what came of the one that is shown."""
    application = known.application
    if application is None or not (known.running or application_of(known) is not None):
        return None
    at = present(application)
    step = tr("step {step} of {steps}", step=at + 1, steps=len(application.steps))
    if application.failure is not None:
        # Where there is room for it the step itself says why.
        said = (
            tr(
                "✗ failed at {step}: {why}; once it is mended, o goes on",
                step=step,
                why=application.failure.reason,
            )
            if width < _STEP_IN_FULL_FROM
            else tr("✗ failed at {step}; once it is mended, o goes on", step=step)
        )
        return Content.styled(said, "$error")
    if application.stopped:
        said = tr("▲ stopped at {step}; o goes on where it ended", step=step)
        return Content.styled(said, "$warning")
    if application.done:
        return _done(application)
    said = application.steps[at].doing or application.plan.steps[at].title
    row = next((each for each in plan_rows(known) if each.number == at + 1 and each.step), None)
    much = "" if row is None else f"   {' '.join(aside(row, now).split())}"
    return Content.assemble(
        (tr("{step}: {doing}", step=step, doing=sanitise(said)), "$warning"), much
    )


def _done(application: Application) -> Content:
    moments = [each.began for each in application.steps if each.began is not None]
    ends = [each.ended for each in application.steps if each.ended is not None]
    said = (
        tr("✓ done in {span}", span=span_text((max(ends) - min(moments)).total_seconds()))
        if ends
        else tr("✓ done")
    )
    where = f"   {application.url}" if application.url else ""
    return Content.assemble((said, "$success"), where)


def _begun(known: DeploySnapshot) -> Content:
    words = (
        tr(
            "▲ not brought to its end: {what}; o looks what is left of it",
            what=sanitise(known.begun),
        )
        if known.begun
        else tr("▲ not brought to its end; o looks what is left of it")
    )
    return Content.styled(words, "$warning")
