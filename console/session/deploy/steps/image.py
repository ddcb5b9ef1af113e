"""Provides the image: built here or in the cloud, and known by its digest."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.language import tr
from console.model.deploy.image_tag import image_address
from console.model.deploy.observed import ImageSeen, SourceSeen
from console.model.deploy.progress import StepState
from console.model.deploy.wish import ImageWay
from console.model.image_name import ImageName
from console.model.text import SafeText
from console.session.deploy.steps.cloud_build import build_in_cloud
from console.session.deploy.work import Drifted, StepFailed, Work
from console.sources.base import EngineFailed
from console.sources.deploying.build_context import BuildContext
from console.sources.off_loop import off_loop
from console.terminal.sanitise import sanitise

ARCHITECTURE: Final = "amd64"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image that is wanted: its whole name with a tag, and what it is built from.

    `key` is different for different sources, even where the tag is the same.
    """

    address: str
    context: BuildContext
    checksum: str

    @property
    def key(self) -> str:
        """By what it is remembered."""
        return f"{self.address} {self.checksum}"

    @property
    def name(self) -> ImageName:
        """Its name in its parts."""
        return ImageName.parse(self.address)


async def provide_image(work: Work) -> StepState:
    """Build the image unless it is there, and put it into its repository; raises `SourceError`."""
    work.say(tr("looking at what it is built from"))
    wanted = await off_loop(lambda: _wanted(work), "context")
    _hold_to_plan(work, wanted)
    there = await _there(work, wanted)
    if there is not None:
        work.course.image = there
        return StepState.SKIPPED
    if work.wish.image.way is ImageWay.CLOUD_BUILD:
        await build_in_cloud(work, wanted.context, wanted.address, wanted.key)
    else:
        await _build_here(work, wanted)
    found = await work.deploying.repositories.image(wanted.name)
    if found is None:
        raise StepFailed(
            sanitise(
                tr("{address} was built, but is not in its repository", address=wanted.address)
            )
        )
    work.course.image = _fit(found)
    work.journal.note(work.place, tag=wanted.key, image=found.name, build="")
    return StepState.DONE


def _wanted(work: Work) -> Wanted:
    wish = work.wish
    context = BuildContext(Path(wish.image.context), wish.image.dockerfile)
    checksum = context.checksum()
    return Wanted(image_address(wish, checksum), context, checksum)


def _hold_to_plan(work: Work, wanted: Wanted) -> None:
    planned = work.plan.observed.source
    if isinstance(planned, SourceSeen) and planned.checksum != wanted.checksum:
        raise Drifted(
            sanitise(
                tr(
                    "files in {directory} changed since the plan was made; plan anew and "
                    "read it again",
                    directory=wanted.context.root,
                )
            )
        )


async def _there(work: Work, wanted: Wanted) -> str | None:
    """Return the image by its digest if it was built from this source already."""
    found = await work.deploying.repositories.image(wanted.name)
    if found is None:
        return None
    if work.wish.image.tag:
        # Such a tag does not say what the image was built from; this machine may remember.
        remembered = work.remembered
        same = remembered.tag == wanted.key and remembered.image == found.name
        return found.name if same else None
    return _fit(found)


def _fit(found: ImageSeen) -> str:
    """Return the image's name; raises `StepFailed` for one that Cloud Run cannot run."""
    if found.architecture not in (None, ARCHITECTURE):
        raise StepFailed(
            sanitise(
                tr(
                    "{name} is for {architecture}, and Cloud Run runs {wanted}",
                    name=found.name,
                    architecture=found.architecture,
                    wanted=ARCHITECTURE,
                )
            ),
            mend=sanitise(tr("build it for linux/amd64")),
        )
    return found.name


async def _build_here(work: Work, wanted: Wanted) -> None:
    docker = work.world.here.docker
    work.say(tr("building"))
    await _told(work, docker.build(work.wish.image, wanted.address))
    work.say(tr("pushing"))
    await _told(work, docker.push(wanted.address))


async def _told(work: Work, lines: AsyncGenerator[SafeText, None]) -> None:
    """Tell what is written to the end; raises `StepFailed` with the last lines."""
    try:
        async with aclosing(lines):
            async for line in lines:
                work.pace.check()
                work.course.line(line)
    except EngineFailed as failed:
        raise StepFailed(failed.message, work.course.application.lines) from None
