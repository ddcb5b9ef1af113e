"""Requests sent to other revisions, and instances held by hand: plans for a service that there is.

A service that nobody could look at cannot be moved; a plan for it is refused with the reason.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from console.language import tr
from console.model.cost.compute_cost import per_second
from console.model.cost.prices import PriceList
from console.model.deploy.observed import Observed, ServiceSeen, Unseen
from console.model.deploy.plan_costs import brief_words, cost_words, shape_of_settings
from console.model.deploy.refusals.permissions import permission_notes, permission_refusals
from console.model.deploy.refusals.project import blocks
from console.model.deploy.revisions import (
    before,
    named,
    revision_refusals,
    share_refusals,
    with_tags,
)
from console.model.deploy.scene import assumed
from console.model.deploy.service_commands import set_instances
from console.model.deploy.step import Change, Effect, Plan, Refusal, Step, Subject
from console.model.deploy.steps.traffic import TO_NEWEST, traffic_commands, traffic_words
from console.model.service import ServiceName, TrafficShare
from console.model.text import SafeText

_LOOKED_AT: Final = ("service", "lacking")
_MOST: Final = 1_000
_DAY: Final = 86_400


def plan_rollback(place: ServiceName, observed: Observed, revision: str = "") -> Plan:
    """Return how all requests are sent to a revision; empty: to the one that served before.

    That is the newest one that is ready and older than the newest that gets requests. It is
    refused if there is none. `LATEST` means whatever is the newest from then on.
    """
    title = tr("roll {service} back", service=place.service)
    found = observed.service
    if not isinstance(found, ServiceSeen):
        return _refused(title, place, observed, _no_service(place, observed))
    if revision == "LATEST":
        title = tr("send all requests of {service} to the newest revision", service=place.service)
        return _traffic(title, place, observed, with_tags(found, TO_NEWEST))
    target = named(found, revision) if revision else before(found)
    if reasons := revision_refusals(found, target, revision):
        return _refused(title, place, observed, reasons)
    assert target is not None
    shares = with_tags(found, (TrafficShare(100, target.name),))
    title = tr("roll {service} back to {revision}", service=place.service, revision=target.name)
    return _traffic(title, place, observed, shares)


def plan_traffic(place: ServiceName, observed: Observed, shares: tuple[TrafficShare, ...]) -> Plan:
    """Return how requests are split between revisions; the percents have to add up to 100.

    A share without a revision is that of whatever is the newest. Tags that revisions have stay,
    unless a share gives the tag to another one.
    """
    title = tr("split the requests of {service}", service=place.service)
    found = observed.service
    if not isinstance(found, ServiceSeen):
        return _refused(title, place, observed, _no_service(place, observed))
    if reasons := share_refusals(found, shares):
        return _refused(title, place, observed, reasons)
    return _traffic(title, place, observed, with_tags(found, shares))


def plan_scale(
    place: ServiceName, observed: Observed, instances: int | None, prices: PriceList
) -> Plan:
    """Return how so many instances are held by hand, 0: none at all, None: as many as needed."""
    title = (
        tr("scale {service} to as many as it needs", service=place.service)
        if instances is None
        else tr("scale {service} to {count}", service=place.service, count=instances)
    )
    found = observed.service
    if instances is not None and not 0 <= instances <= _MOST:
        mend = tr("write 0 to {most}, or auto", most=_MOST)
        reason = Refusal(
            Subject.SCALE, tr("there are no {instances} instances", instances=instances), mend
        )
        return _refused(title, place, observed, (reason,))
    if isinstance(found, Unseen) and found.blocks:
        blind = _plan(title, place, observed, _blind_scale(title, place, found, instances))
        return replace(blind, instances=instances, prices_of=prices.date)
    if not isinstance(found, ServiceSeen):
        return _refused(title, place, observed, _no_service(place, observed))
    now = found.settings.manual_instances
    shape = shape_of_settings(replace(found.settings, manual_instances=instances), place.region)
    each = per_second(shape, prices) * _DAY
    step = replace(
        _scale(title, place, instances),
        effect=Effect.NOTHING if now == instances else Effect.CHANGE,
        changes=()
        if now == instances
        else (Change(tr("instances"), _held(now), _held(instances)),),
        cost=cost_words(each * instances, tr("{cost} a day")) if instances else "",
        brief=brief_words(each * instances, tr("{cost} a day")) if instances else "",
        undo=() if now == instances else (set_instances(place, now),),
    )
    most = shape.max_instances
    return replace(
        _plan(title, place, observed, step),
        instances=instances,
        worst_day=None if most is None else each * most,
        prices_of=prices.date,
    )


def _scale(title: str, place: ServiceName, instances: int | None) -> Step:
    return Step(
        subject=Subject.SCALE,
        effect=Effect.CHANGE,
        title=title,
        target=str(place),
        commands=(set_instances(place, instances),),
        notes=_scale_notes(instances),
        loses=(tr("pictures that are being made, and requests that wait"),)
        if instances == 0
        else (),
    )


def _blind_scale(title: str, place: ServiceName, found: Unseen, instances: int | None) -> Step:
    """Return the step where nobody could look, so that one sees by what it would be done."""
    back = 0 if instances is None else None
    return replace(
        _scale(title, place, instances),
        changes=(Change(tr("instances"), "–", _held(instances)),),
        undo=(set_instances(place, back),),
        assumed=assumed(found, tr("that it is {held} now", held=_held(back))),
    )


def _held(instances: int | None) -> str:
    return (
        tr("as many as needed")
        if instances is None
        else tr("{instances} by hand", instances=instances)
    )


def _scale_notes(instances: int | None) -> tuple[str, ...]:
    if instances == 0:
        return (
            tr(
                "nothing starts any more, whoever asks, until it scales by itself again: "
                "zimage-console scale auto"
            ),
            tr("the model and the image stay, and are paid for"),
        )
    if instances is None:
        return (tr("an instance starts when somebody asks, and ends when nobody does"),)
    return (tr("so many run day and night, whether anybody asks or not"),)


def _traffic(
    title: str, place: ServiceName, observed: Observed, shares: tuple[TrafficShare, ...]
) -> Plan:
    found = observed.service
    assert isinstance(found, ServiceSeen)
    now, then = found.facts.traffic, shares
    same = traffic_words(now) == traffic_words(then) and _tags(now) == _tags(then)
    step = Step(
        subject=Subject.TRAFFIC,
        effect=Effect.NOTHING if same else Effect.CHANGE,
        title=title,
        target=str(place),
        changes=() if same else (Change(tr("requests"), traffic_words(now), traffic_words(then)),),
        commands=traffic_commands(place, then),
        undo=() if same else traffic_commands(place, now),
        notes=_traffic_notes(found, then),
    )
    return replace(_plan(title, place, observed, step), traffic=shares)


def _traffic_notes(found: ServiceSeen, shares: tuple[TrafficShare, ...]) -> tuple[str, ...]:
    notes: list[str] = []
    if any(each.revision for each in shares if each.percent):
        notes.append(
            tr(
                "new revisions get no requests by themselves from then on; the next "
                "deployment, or zimage-console rollback LATEST, sends them there again"
            )
        )
    if found.settings.manual_instances == 0:
        notes.append(tr("it is held at no instance, so that nobody answers whichever it is"))
    newest = found.facts.latest_created_revision
    if newest and newest != found.facts.latest_ready_revision:
        notes.append(
            tr(
                "{newest}, the newest revision, never became ready and gets no requests",
                newest=newest,
            )
        )
    return tuple(notes)


def _tags(shares: tuple[TrafficShare, ...]) -> frozenset[tuple[str, str]]:
    return frozenset((each.tag, each.revision or "") for each in shares if each.tag)


def _plan(title: str, place: ServiceName, observed: Observed, step: Step) -> Plan:
    return Plan(
        title=title,
        wish=None,
        steps=(step,),
        refusals=tuple(permission_refusals(place.project, observed, (step,))),
        blocked=blocks(observed, _LOOKED_AT),
        notes=tuple(permission_notes(place.project, observed, (step,))),
        observed=observed,
        at=place,
    )


def _refused(
    title: str, place: ServiceName, observed: Observed, reasons: tuple[Refusal, ...]
) -> Plan:
    blocked = blocks(observed, _LOOKED_AT)
    return Plan(
        title=title,
        wish=None,
        steps=(),
        refusals=tuple(each for each in reasons if each not in blocked),
        blocked=blocked,
        observed=observed,
        at=place,
    )


def _no_service(place: ServiceName, observed: Observed) -> tuple[Refusal, ...]:
    found = observed.service
    if isinstance(found, Unseen):
        why = SafeText(tr(found.why)) or SafeText(tr("nobody could look at {place}", place=place))
        return () if found.blocks else (Refusal(Subject.SERVICE, why, "zimage-console doctor"),)
    return (
        Refusal(
            Subject.SERVICE,
            tr("there is no service {place}", place=place),
            tr("zimage-console deploy makes one; gcloud run services list says which there are"),
        ),
    )
