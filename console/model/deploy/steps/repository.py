"""The repository that images are kept in."""

from __future__ import annotations

from console.model.deploy.image_tag import image_repository
from console.model.deploy.scene import Scene, assumed, is_absent
from console.model.deploy.step import Effect, Step, Subject
from console.model.deploy.wish import LABEL, ImageWay
from console.model.doctor.answers import command


def repository_step(scene: Scene) -> Step | None:
    """Return the step that makes the repository, None where the image is given."""
    if scene.wish.image.way is ImageWay.GIVEN:
        return None
    kept = image_repository(scene.wish)
    if not is_absent(scene.observed.repository):
        return Step(
            subject=Subject.REPOSITORY,
            effect=Effect.NOTHING,
            title=f"the repository {kept.name} is there",
            target=str(kept),
        )
    where = (f"--location={kept.location}", f"--project={kept.project}")
    beginning = ("gcloud", "artifacts", "repositories")
    labels = () if scene.wish.as_in_guide else (f"--labels={'='.join(LABEL)}",)
    return Step(
        subject=Subject.REPOSITORY,
        effect=Effect.CREATE,
        title=f"make the repository {kept.name} in {kept.location}",
        target=str(kept),
        commands=(
            command(*beginning, "create", kept.name, "--repository-format=docker", *where, *labels),
        ),
        undo=(command(*beginning, "delete", kept.name, *where),),
        assumed=assumed(scene.observed.repository, f"that there is no repository {kept.name} yet"),
    )
