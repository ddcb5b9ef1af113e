"""Removes what a destruction names, each thing by what it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from console.language import tr
from console.model.deploy.progress import StepState
from console.model.deploy.step import Subject
from console.model.image_name import ImageName, Repository
from console.model.service import ServiceName
from console.session.deploy.work import StepFailed, Work
from console.sources.base import Missing


async def remove(work: Work) -> StepState:
    """Remove what the step names; what is gone already is no matter. Raises `SourceError`."""
    work.say(tr("removing it"))
    try:
        await _REMOVALS[work.step.subject](work)
    except Missing:
        return StepState.SKIPPED
    return StepState.DONE


async def _service(work: Work) -> None:
    services, name = work.deploying.services, ServiceName.parse(work.target)
    operation = await services.remove(name)
    while (problem := await services.finished(operation)) is None:
        work.answered()
        await work.pace.look_again()
    if problem:
        raise StepFailed(problem)


async def _reading(work: Work) -> None:
    email = work.wish.account_email if work.plan.wish else ""
    await work.deploying.accounts.forbid(work.target, f"serviceAccount:{email}")


async def _account(work: Work) -> None:
    name, _, host = work.target.partition("@")
    project = host.partition(".")[0] if host else work.place.project
    await work.deploying.accounts.remove(project or work.place.project, name)


async def _image(work: Work) -> None:
    await work.deploying.repositories.remove_image(ImageName.parse(work.target))


async def _repository(work: Work) -> None:
    project, location, name = work.target.split("/")
    await work.deploying.repositories.remove(Repository(project, location, name))


async def _bucket(work: Work) -> None:
    await work.deploying.buckets.remove(work.target)


_REMOVALS: Final[Mapping[Subject, Callable[[Work], Awaitable[None]]]] = {
    Subject.SERVICE: _service,
    Subject.READING: _reading,
    Subject.ACCOUNT: _account,
    Subject.IMAGE: _image,
    Subject.REPOSITORY: _repository,
    Subject.BUCKET: _bucket,
    Subject.MODELS: _bucket,
}
