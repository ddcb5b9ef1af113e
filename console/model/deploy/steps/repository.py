"""The repository that images are kept in."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.commands import create_repository, delete_repository, log_docker_in
from console.model.deploy.image_tag import image_repository
from console.model.deploy.scene import Scene, assumed, is_absent
from console.model.deploy.step import Effect, Step, Subject
from console.model.deploy.wish import ImageWay


def repository_step(scene: Scene) -> Step | None:
    """Return the step that makes the repository, None where the image is given."""
    if scene.wish.image.way is ImageWay.GIVEN:
        return None
    kept = image_repository(scene.wish)
    if not is_absent(scene.observed.repository):
        return Step(
            subject=Subject.REPOSITORY,
            effect=Effect.NOTHING,
            title=tr("the repository {name} is there", name=kept.name),
            target=str(kept),
        )
    return Step(
        subject=Subject.REPOSITORY,
        effect=Effect.CREATE,
        title=tr(
            "make the repository {name} in {location}", name=kept.name, location=kept.location
        ),
        target=str(kept),
        commands=(create_repository(kept), *_logged_in(scene)),
        undo=(delete_repository(kept),),
        assumed=assumed(
            scene.observed.repository, tr("that there is no repository {name} yet", name=kept.name)
        ),
    )


def _logged_in(scene: Scene) -> tuple[str, ...]:
    """Only who pushes from here needs Docker to be let in."""
    docker = scene.wish.image.way is ImageWay.DOCKER
    return (log_docker_in(image_repository(scene.wish).location),) if docker else ()
