"""The service itself: made, or changed in what differs."""

from __future__ import annotations

from dataclasses import replace

from console.language import tr, tr_many
from console.model.deploy.differences import changed_fields
from console.model.deploy.observed import ServiceSeen
from console.model.deploy.plan_costs import brief_words, cost_words, one_start
from console.model.deploy.scene import TO_BE_BUILT, Scene, assumed
from console.model.deploy.secret_names import without_secrets
from console.model.deploy.service_body import OF_THE_SERVICE
from console.model.deploy.service_commands import delete, deploy, split_traffic, update
from console.model.deploy.step import Change, Effect, Step, Subject
from console.model.deploy.wish import LABEL
from console.model.service import ConditionState, TrafficShare


def service_changes(scene: Scene) -> tuple[tuple[str, Change], ...]:
    """Return what changes, each with the field of the settings that it is of."""
    wanted = scene.settings
    found = scene.service.settings if scene.service else None
    if found is not None:
        found = replace(found, variables=without_secrets(found.variables))
    changes = tuple(changed_fields(found, wanted))
    if wanted.image:
        return changes
    before = found.image if found else "–"
    return (("image", Change(tr("image"), before, tr(TO_BE_BUILT), open=True)), *changes)


def makes_revision(scene: Scene) -> bool:
    """Whether carrying it out makes a new revision."""
    return any(field not in OF_THE_SERVICE for field, _ in service_changes(scene))


def is_ours(service: ServiceSeen) -> bool:
    """Whether the console made a service, by its label."""
    return LABEL in service.settings.labels


def service_step(scene: Scene) -> Step:
    """Return the step that makes or changes the service."""
    place, found = scene.wish.place, scene.service
    changes = tuple(change for _, change in service_changes(scene))
    if found and not changes:
        return _unchanged(scene, found)
    undo = _undo(scene, found)
    started = not found or makes_revision(scene)
    start = cost_words(
        one_start(scene), tr("{cost} for the start of an instance that a roll-out makes")
    )
    return Step(
        subject=Subject.SERVICE,
        effect=Effect.CHANGE if found else Effect.CREATE,
        title=_title(scene, len(changes)),
        target=str(place),
        changes=changes,
        cost=start if started else "",
        brief=brief_words(one_start(scene)) if started else "",
        commands=service_commands(scene),
        undo=undo,
        notes=(*_left(found), *_notes(scene, found), *_no_way_back(undo)),
        assumed=assumed(scene.observed.service, tr("that there is no such service yet")),
    )


def _unchanged(scene: Scene, found: ServiceSeen) -> Step:
    """Return the step for a service that has all its settings, though it may not run with them."""
    place, facts = scene.wish.place, found.facts
    if facts.reconciling:
        return Step(
            subject=Subject.SERVICE,
            effect=Effect.CHANGE,
            title=tr(
                "wait until {service}, which is being changed to this, is ready",
                service=place.service,
            ),
            target=str(place),
            changes=(Change(tr("roll-out"), tr("goes on"), tr("ready")),),
            notes=_left(found),
        )
    if facts.ready is not None and facts.ready.state is ConditionState.FAILED:
        newest = facts.latest_created_revision or tr("it")
        return Step(
            subject=Subject.SERVICE,
            effect=Effect.CHANGE,
            title=tr(
                "try {service} with these settings again, since {newest} failed",
                service=place.service,
                newest=newest,
            ),
            target=str(place),
            changes=(
                Change(
                    tr("newest revision"),
                    tr("{newest}, which failed", newest=newest),
                    tr("made anew"),
                ),
            ),
            cost=cost_words(one_start(scene), tr("{cost} for the start of an instance")),
            brief=brief_words(one_start(scene)),
            notes=(
                *_left(found),
                tr("the revision that serves goes on until the new one is ready"),
            ),
        )
    return Step(
        subject=Subject.SERVICE,
        effect=Effect.NOTHING,
        title=tr("the service {service} is as it should be", service=place.service),
        target=str(place),
        notes=_left(found),
    )


def service_commands(scene: Scene) -> tuple[str, ...]:
    """Return what makes or changes the service by hand; an unbuilt image goes by its tag."""
    place, wanted = scene.wish.place, scene.settings
    wanted = replace(wanted, image=wanted.image or scene.image_words)
    if scene.service is None:
        opened = scene.public and not wanted.callers_unchecked
        return (deploy(place, wanted, public=opened),)
    changed = update(place, scene.service.settings, wanted)
    return (changed,) if changed else ()


def _title(scene: Scene, count: int) -> str:
    place = scene.wish.place
    if scene.service is None:
        return tr(
            "make the service {service} in {region}", service=place.service, region=place.region
        )
    return tr_many(
        "change {count} setting of {service}",
        "change {count} settings of {service}",
        count,
        service=place.service,
    )


def _undo(scene: Scene, found: ServiceSeen | None) -> tuple[str, ...]:
    place = scene.wish.place
    if found is None:
        return (delete(place),)
    serving = found.facts.latest_ready_revision
    if makes_revision(scene) and serving:
        return (split_traffic(place, (TrafficShare(100, serving),)),)
    back = update(place, scene.settings, found.settings)
    return (back,) if back else ()


def _no_way_back(undo: tuple[str, ...]) -> tuple[str, ...]:
    return () if undo else (tr("no command takes it back exactly; it can be changed again"),)


def _left(found: ServiceSeen | None) -> tuple[str, ...]:
    if found is None or not found.unmodelled:
        return ()
    return (tr("left as they are: {things}", things=tr(", ").join(found.unmodelled)),)


def _notes(scene: Scene, found: ServiceSeen | None) -> tuple[str, ...]:
    notes: list[str] = []
    if found and not is_ours(found):
        notes.append(tr("the console did not make this service; what it does not know of it stays"))
    if found and makes_revision(scene):
        notes.append(tr("the revision that serves goes on until the new one is ready"))
    if found and not makes_revision(scene):
        notes.append(tr("no new revision is made, and no instance starts anew"))
    manual = found.settings.manual_instances if found else None
    if manual is not None and scene.settings.manual_instances is None:
        notes.append(
            tr("it is held at {count} instances now, and would scale by itself again", count=manual)
        )
    return tuple(notes)
