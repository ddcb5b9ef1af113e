"""An image that does not run on Cloud Run, or that cannot be built here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from console.language import tr
from console.model.deploy.observed import Absent, BuilderSeen
from console.model.deploy.scene import Scene
from console.model.deploy.step import Refusal, Subject
from console.model.deploy.wish import ImageWay, Variant
from console.model.doctor.docker_space import BUILD_BYTES
from console.model.storage import size_text

ARCHITECTURE: Final = "amd64"


def image_refusals(scene: Scene) -> Iterator[Refusal]:
    """Yield what is wrong with the image that there is, or with building one."""
    given = scene.wish.image.way is ImageWay.GIVEN
    image = scene.image
    if image and image.architecture not in (None, ARCHITECTURE):
        again = tr("name another by --image, or build one by --build docker or --build cloud")
        remove = f"gcloud artifacts docker images delete {image.name} --delete-tags"
        yield Refusal(
            Subject.IMAGE,
            tr(
                "{name} is for {architecture}, and Cloud Run runs linux/{wanted}",
                name=image.name,
                architecture=image.architecture,
                wanted=ARCHITECTURE,
            ),
            again
            if given
            else tr(
                "{remove}, and plan again to have it built for {architecture}",
                remove=remove,
                architecture=ARCHITECTURE,
            ),
        )
    if given and isinstance(scene.observed.image, Absent):
        images = f"{scene.region}-docker.pkg.dev/{scene.project}/REPOSITORY"
        yield Refusal(
            Subject.IMAGE,
            tr("there is no image {given}", given=scene.wish.image.given),
            tr("see which there are: gcloud artifacts docker images list {images}", images=images),
        )
    if scene.builds:
        yield from _building(scene)


def _building(scene: Scene) -> Iterator[Refusal]:
    wish, builder = scene.wish.image, scene.observed.builder
    if isinstance(scene.observed.source, Absent):
        yield Refusal(
            Subject.IMAGE,
            tr(
                "there is nothing to build from: {directory} has no {dockerfile}",
                directory=wish.context or ".",
                dockerfile=wish.dockerfile,
            ),
            tr("say by --source where a checkout is, or name an image by --image"),
        )
    if wish.way is not ImageWay.DOCKER:
        return
    if isinstance(builder, Absent):
        yield Refusal(
            Subject.IMAGE,
            tr("no Docker answers on this machine, which the image would be built by"),
            tr("--build cloud has Cloud Build do it, or start Docker"),
        )
    needed = BUILD_BYTES[scene.wish.variant is Variant.GPU]
    if isinstance(builder, BuilderSeen) and builder.room is not None and builder.room < needed:
        yield Refusal(
            Subject.IMAGE,
            tr(
                "a build takes about {needed} where Docker keeps images, and {room} is free there",
                needed=size_text(needed),
                room=size_text(builder.room),
            ),
            tr("--build cloud has Cloud Build do it; zimage-console doctor says what can be freed"),
        )
