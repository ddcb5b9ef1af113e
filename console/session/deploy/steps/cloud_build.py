"""An image built by Cloud Build, from an archive in a bucket that is there for nothing else."""

from __future__ import annotations

import asyncio
import io
from contextlib import aclosing, suppress
from typing import Final

from console.language import tr
from console.model.service import ServiceName
from console.model.storage import Kept, size_text
from console.session.deploy.work import StepFailed, Work
from console.session.deploy.world import World
from console.sources.base import Missing, SourceError
from console.sources.deploying.base import Built
from console.sources.deploying.build_context import BuildContext
from console.sources.off_loop import off_loop
from console.terminal.sanitise import sanitise

MOST_BYTES: Final = 100_000_000
_LAST_WORDS_SECONDS: Final = 5.0


async def build_in_cloud(work: Work, context: BuildContext, address: str, key: str) -> None:
    """Have the image `address` built; raises `StepFailed` with the last lines if that fails.

    A build that goes on already is waited for. `key` tells what it is built from.
    """
    place, builds = work.place, work.deploying.builds
    remembered = work.remembered
    archive = f"{address.rpartition('/')[2].replace(':', '-')}.tar.gz"
    build = remembered.build if remembered.tag == key else ""
    if not build or not await _goes_on_or_succeeded(work, build):
        build = await builds.under_way(place.project, place.region, address) or ""
    if not build:
        staged = await _send(work, context, archive)
        work.say(tr("asking Cloud Build"))
        build = await builds.submit(place.project, place.region, staged, work.wish.image, address)
    work.journal.note(place, build=build, tag=key, image="")
    built = await _watched(work, build)
    if built.failed is not None:
        work.journal.note(place, build="", tag="", image="")
        raise StepFailed(built.failed, work.course.application.lines)


async def _goes_on_or_succeeded(work: Work, build: str) -> bool:
    with suppress(Missing):
        built = await work.deploying.builds.built(build)
        return built is None or built.failed is None
    return False


async def _send(work: Work, context: BuildContext, name: str) -> str:
    """Put the archive of what it is built from where Cloud Build finds it; return where."""
    work.say(tr("packing what it is built from"))
    packed = io.BytesIO()
    await off_loop(lambda: context.archive(packed), "archive")
    data = packed.getvalue()
    if len(data) > MOST_BYTES:
        raise StepFailed(
            sanitise(
                tr(
                    "what it is built from is {size} when packed, more than {most}",
                    size=size_text(len(data)),
                    most=size_text(MOST_BYTES),
                )
            ),
            mend=sanitise(tr("keep large files out by .dockerignore, or build with Docker here")),
        )
    bucket = await work.deploying.builds.staging(work.place.project, work.place.region)
    staged = f"gs://{bucket}/{name}"
    work.journal.note(work.place, archive=staged)
    work.say(tr("sending {size}", size=size_text(len(data))))
    await work.deploying.buckets.put(bucket, name, data)
    return staged


async def tidy_up(world: World, place: ServiceName) -> None:
    """Remove an archive that no build needs any more, and its bucket if nothing else is in it.

    Nothing depends on that, and what stays there is deleted after a day.
    """
    remembered = world.here.journal.read(place)
    if not remembered.archive or remembered.build:
        return
    bucket, _, name = remembered.archive.removeprefix("gs://").partition("/")
    with suppress(SourceError):
        await world.google.deploying.buckets.remove_object(bucket, name)
        left = await world.google.storage.objects(bucket)
        if not left.of(Kept.LIVE):
            await world.google.deploying.buckets.remove(bucket)
    world.here.journal.note(place, archive="")


async def _watched(work: Work, build: str) -> Built:
    """Return how a build ended; what it writes is told meanwhile, and to its end."""
    telling = asyncio.create_task(_tell(work, build))
    try:
        while (built := await work.deploying.builds.built(build)) is None:
            work.answered()
            work.say(tr("building"))
            await work.pace.look_again()
        # The last lines say why a build failed, and come a moment after its end.
        await asyncio.wait({telling}, timeout=_LAST_WORDS_SECONDS)
        return built
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _tell(work: Work, build: str) -> None:
    try:
        async with aclosing(work.deploying.builds.lines(build)) as lines:
            async for line in lines:
                work.course.line(line)
    except SourceError as error:
        work.course.line(sanitise(tr("(what it writes cannot be read: {why})", why=error.message)))
