"""The image that the service runs: built here, in the cloud, or given."""

from __future__ import annotations

from typing import Final

from console.language import tr
from console.model.deploy.commands import (
    delete_image,
    docker_build,
    docker_push,
    submit_build,
)
from console.model.deploy.image_tag import built_image, image_repository
from console.model.deploy.plan_costs import (
    brief_words,
    cost_words,
    kept_image,
    ten_minutes_of_building,
)
from console.model.deploy.scene import Scene, assumed
from console.model.deploy.step import Effect, Step, Subject
from console.model.deploy.wish import ImageWay
from console.model.storage import size_text

_DIGITS: Final = 12


def image_step(scene: Scene) -> Step:
    """Return the step that builds the image and puts it into its repository."""
    if scene.image is not None or scene.wish.image.way is ImageWay.GIVEN:
        name = scene.image.name if scene.image else scene.image_words
        return Step(
            subject=Subject.IMAGE,
            effect=Effect.NOTHING,
            title=tr("the image {name} is there", name=_short(name)),
            target=name,
            cost=cost_words(kept_image(scene), tr("{cost} a month")) if scene.image else "",
            brief=brief_words(kept_image(scene), tr("{cost} a month")) if scene.image else "",
            notes=_age_unknown(scene),
            assumed=assumed(scene.observed.image, tr("that there is {name}", name=name)),
        )
    name, checksum = scene.image_words, scene.source.checksum if scene.source else ""
    docker = scene.wish.image.way is ImageWay.DOCKER
    return Step(
        subject=Subject.IMAGE,
        effect=Effect.CREATE,
        title=_title(scene, docker),
        target=name,
        cost=_cost(scene, docker),
        brief=_brief(scene, docker),
        commands=_commands(scene, name),
        undo=(delete_image(built_image(scene.wish, checksum)),),
        assumed=assumed(scene.observed.image, tr("that it was not built yet")),
    )


def _short(name: str) -> str:
    """Return what a name ends with, and the first digits of its digest."""
    last, at, digest = name.rpartition("/")[2].partition("@sha256:")
    return f"{last}{at}{digest[:_DIGITS]}"


def _title(scene: Scene, docker: bool) -> str:
    file, source = scene.wish.image.dockerfile, scene.source
    location = image_repository(scene.wish).location
    if source is None:
        if docker:
            return tr("build {file} by Docker here", file=file)
        return tr("build {file} by Cloud Build in {location}", file=file, location=location)
    size = size_text(source.bytes)
    if docker:
        return tr(
            "build {file} by Docker here from {count:,} files, {size}",
            file=file,
            count=source.files,
            size=size,
        )
    return tr(
        "build {file} by Cloud Build in {location} from {count:,} files, {size}",
        file=file,
        location=location,
        count=source.files,
        size=size,
    )


def _age_unknown(scene: Scene) -> tuple[str, ...]:
    if not scene.wish.image.tag:
        return ()
    return (tr("the tag {tag} does not say what it was built from", tag=scene.wish.image.tag),)


def _cost(scene: Scene, docker: bool) -> str:
    keeping = cost_words(kept_image(scene), tr("{cost} a month for each GiB that is kept"))
    if docker:
        return keeping
    building = cost_words(ten_minutes_of_building(scene), tr("{cost} for ten minutes of building"))
    return tr("; ").join(each for each in (building, keeping) if each)


def _brief(scene: Scene, docker: bool) -> str:
    building = "" if docker else brief_words(ten_minutes_of_building(scene))
    return building or brief_words(kept_image(scene), tr("{cost} a month"))


def _commands(scene: Scene, name: str) -> tuple[str, ...]:
    wish = scene.wish.image
    if wish.way is ImageWay.DOCKER:
        return (docker_build(wish, name), docker_push(name))
    return (submit_build(scene.project, scene.region, wish, name),)
