"""The interfaces of the project that a deployment needs."""

from __future__ import annotations

from typing import Final

from console.language import tr, tr_later, tr_many
from console.model.deploy.commands import enable_apis
from console.model.deploy.scene import Scene, assumed
from console.model.deploy.step import Change, Effect, Step, Subject
from console.model.deploy.wish import ImageWay
from console.model.doctor.answers import command

_FOR: Final = {
    "run.googleapis.com": tr_later("for services"),
    "storage.googleapis.com": tr_later("for the bucket of the model"),
    "artifactregistry.googleapis.com": tr_later("for images"),
    "iam.googleapis.com": tr_later("for the account that the service runs as"),
    "logging.googleapis.com": tr_later("for the log"),
    "cloudquotas.googleapis.com": tr_later("for quotas, asked for before a deployment"),
    "cloudbuild.googleapis.com": tr_later("for building the image"),
}
_CLOUD_BUILD: Final = "cloudbuild.googleapis.com"


def needed_apis(way: ImageWay) -> tuple[str, ...]:
    """Return the interfaces that a deployment needs whose image comes that way."""
    return tuple(each for each in _FOR if each != _CLOUD_BUILD or way is ImageWay.CLOUD_BUILD)


def apis_step(scene: Scene) -> Step:
    """Return the step that switches on what is off."""
    needed = needed_apis(scene.wish.image.way)
    seen = scene.observed.apis
    on = seen if isinstance(seen, frozenset) else frozenset[str]()
    off = tuple(each for each in needed if each not in on)
    project = f"--project={scene.project}"
    if not off:
        return Step(
            subject=Subject.APIS,
            effect=Effect.NOTHING,
            title=tr("all APIs that it needs are on in {project}", project=scene.project),
            target=scene.project,
        )
    return Step(
        subject=Subject.APIS,
        effect=Effect.CHANGE,
        title=tr_many(
            "switch on {count} API in {project}",
            "switch on {count} APIs in {project}",
            len(off),
            project=scene.project,
        ),
        target=scene.project,
        changes=tuple(Change(each, tr("off"), tr("on"), tr(_FOR[each])) for each in off),
        commands=(enable_apis(scene.project, off),),
        undo=(command("gcloud", "services", "disable", *off, project),),
        notes=(tr("an API that is on costs nothing; leave it on if anything else uses it"),),
        assumed=assumed(seen, tr("that all of them are off")),
    )
