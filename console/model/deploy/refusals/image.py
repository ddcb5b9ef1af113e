"""An image that does not run on Cloud Run, or that cannot be built here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

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
        again = "name another by --image, or build one by --build docker or --build cloud"
        remove = f"gcloud artifacts docker images delete {image.name} --delete-tags"
        yield Refusal(
            Subject.IMAGE,
            f"{image.name} is for {image.architecture}, and Cloud Run runs linux/{ARCHITECTURE}",
            again if given else f"{remove}, and plan again to have it built for {ARCHITECTURE}",
        )
    if given and isinstance(scene.observed.image, Absent):
        yield Refusal(
            Subject.IMAGE,
            f"there is no image {scene.wish.image.given}",
            "see which there are: gcloud artifacts docker images list "
            f"{scene.region}-docker.pkg.dev/{scene.project}/REPOSITORY",
        )
    if scene.builds:
        yield from _building(scene)


def _building(scene: Scene) -> Iterator[Refusal]:
    wish, builder = scene.wish.image, scene.observed.builder
    if isinstance(scene.observed.source, Absent):
        yield Refusal(
            Subject.IMAGE,
            f"there is nothing to build from: {wish.context or '.'} has no {wish.dockerfile}",
            "say by --source where a checkout is, or name an image by --image",
        )
    if wish.way is not ImageWay.DOCKER:
        return
    if isinstance(builder, Absent):
        yield Refusal(
            Subject.IMAGE,
            "no Docker answers on this machine, which the image would be built by",
            "--build cloud has Cloud Build do it, or start Docker",
        )
    needed = BUILD_BYTES[scene.wish.variant is Variant.GPU]
    if isinstance(builder, BuilderSeen) and builder.room is not None and builder.room < needed:
        yield Refusal(
            Subject.IMAGE,
            f"a build takes about {size_text(needed)} where Docker keeps images, and "
            f"{size_text(builder.room)} is free there",
            "--build cloud has Cloud Build do it; zimage-console doctor says what can be freed",
        )
