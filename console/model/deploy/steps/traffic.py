"""Requests sent to the newest revision, where they are held at another one."""

from __future__ import annotations

import shlex
from typing import Final

from console.language import tr
from console.model.deploy.observed import ServiceSeen
from console.model.deploy.scene import Scene
from console.model.deploy.service_commands import split_traffic
from console.model.deploy.step import Change, Effect, Step, Subject
from console.model.deploy.steps.service import makes_revision
from console.model.service import ServiceName, TrafficShare

TO_NEWEST: Final = (TrafficShare(100),)


def traffic_step(scene: Scene) -> Step | None:
    """Return the step that sends requests to the revision that is made; None where they follow.

    After a rollback or a split Cloud Run sends nothing to new revisions by itself. Where no new
    one is made they stay where they are.
    """
    found = scene.service
    if found is None or _follows(found):
        return None
    place, now = scene.wish.place, traffic_words(found.facts.traffic)
    if not makes_revision(scene):
        return Step(
            subject=Subject.TRAFFIC,
            effect=Effect.NOTHING,
            title=tr("requests stay where they are: {shares}", shares=now),
            target=str(place),
            notes=(tr("zimage-console rollback says where they can be sent to"),),
        )
    return Step(
        subject=Subject.TRAFFIC,
        effect=Effect.CHANGE,
        title=tr("send all requests of {service} to the newest revision", service=place.service),
        target=str(place),
        changes=(Change(tr("requests"), now, traffic_words(TO_NEWEST)),),
        commands=traffic_commands(place, TO_NEWEST),
        undo=traffic_commands(place, found.facts.traffic),
        notes=(tr("they were held where they are by hand, and new revisions got none"),),
    )


def traffic_words(shares: tuple[TrafficShare, ...]) -> str:
    """Say where requests go: `90 % to z-image-00002-abc, 10 % to the newest revision`."""
    said = [
        tr("{percent} % to {revision}", percent=each.percent, revision=each.revision)
        if each.revision
        else tr("{percent} % to the newest revision", percent=each.percent)
        for each in shares
        if each.percent
    ]
    return tr(", ").join(said) or "–"


def traffic_commands(place: ServiceName, shares: tuple[TrafficShare, ...]) -> tuple[str, ...]:
    """Return what sends requests so, and gives revisions their tags."""
    sent = split_traffic(place, (each for each in shares if each.percent))
    tags = ",".join(f"{each.tag}={each.revision or 'LATEST'}" for each in shares if each.tag)
    return (f"{sent} {shlex.quote(f'--set-tags={tags}')}",) if tags else (sent,)


def _follows(found: ServiceSeen) -> bool:
    """Whether all requests go to whatever revision is the newest."""
    given = [each for each in found.facts.traffic if each.percent]
    return all(not each.revision for each in given)
