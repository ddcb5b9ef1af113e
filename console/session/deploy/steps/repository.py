"""Makes the repository that images are kept in."""

from __future__ import annotations

from console.language import tr
from console.model.deploy.image_tag import image_repository
from console.model.deploy.progress import StepState
from console.session.deploy.work import Work


async def make_repository(work: Work) -> StepState:
    """Make the repository unless there is one; raises `SourceError`."""
    repository = image_repository(work.wish)
    if await work.deploying.repositories.has(repository):
        return StepState.SKIPPED
    work.say(tr("making it"))
    await work.deploying.repositories.make(repository)
    return StepState.DONE
