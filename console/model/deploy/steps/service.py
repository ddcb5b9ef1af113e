"""The service itself: made, or changed in what differs."""

from __future__ import annotations

from dataclasses import fields

from console.model.deploy.scene import TO_BE_BUILT, Scene, assumed
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.step import Change, Effect, Step, Subject


def service_step(scene: Scene) -> Step:
    """Return the step that makes or changes the service."""
    place = scene.wish.place
    wanted = scene.settings
    found = scene.service
    changes = _changes(found.settings if found else None, wanted)
    if found and not changes:
        return Step(
            subject=Subject.SERVICE,
            effect=Effect.NOTHING,
            title=f"the service {place.service} is as it should be",
            target=str(place),
        )
    action = f"change {len(changes)} of its settings" if found else "make it"
    return Step(
        subject=Subject.SERVICE,
        effect=Effect.CHANGE if found else Effect.CREATE,
        title=f"{action}: the service {place.service} in {place.region}",
        target=str(place),
        changes=changes,
        assumed=assumed(scene.observed.service, "that there is no such service yet"),
    )


def _changes(observed: ServiceSettings | None, wanted: ServiceSettings) -> tuple[Change, ...]:
    found: list[Change] = []
    for each in fields(ServiceSettings):
        before = getattr(observed, each.name) if observed else None
        after = getattr(wanted, each.name)
        if before != after:
            words = TO_BE_BUILT if each.name == "image" and not after else str(after)
            found.append(Change(each.name, "–" if before is None else str(before), words))
    return tuple(found)
