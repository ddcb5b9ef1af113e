"""An image built by Cloud Build, from an archive that is put into the bucket of the model."""

from __future__ import annotations

import asyncio
import io
from contextlib import aclosing, suppress
from typing import Final

from console.model.storage import size_text
from console.session.deploy.work import StepFailed, Work
from console.sources.base import Missing, SourceError
from console.sources.deploying.base import Built
from console.sources.deploying.build_context import BuildContext
from console.sources.off_loop import off_loop
from console.terminal.sanitise import sanitise

FOLDER: Final = ".zimage-builds"
"""Where archives are in the bucket; an engine looks into no folders."""

MOST_BYTES: Final = 100_000_000
_LAST_WORDS_SECONDS: Final = 5.0


async def build_in_cloud(work: Work, context: BuildContext, address: str, key: str) -> None:
    """Have the image `address` built; raises `StepFailed` with the last lines if that fails.

    A build that goes on already is waited for. `key` tells what it is built from.
    """
    remembered = work.remembered
    build = remembered.build if remembered.tag == key else ""
    place = work.place
    archive = f"{FOLDER}/{address.rpartition(':')[2]}.tar.gz"
    builds = work.deploying.builds
    if not build or not await _goes_on_or_succeeded(work, build):
        build = await builds.under_way(place.project, place.region, address) or ""
    if not build:
        await _send(work, context, archive)
        work.say("asking Cloud Build")
        build = await builds.submit(
            place.project,
            place.region,
            f"gs://{work.wish.bucket}/{archive}",
            work.wish.image,
            address,
        )
    work.journal.note(place, build=build, tag=key, image="")
    built = await _watched(work, build)
    with suppress(SourceError):
        # Nothing depends on it, and whoever builds again replaces it.
        await work.deploying.buckets.remove_object(work.wish.bucket, archive)
    if built.failed is not None:
        work.journal.note(place, build="", tag="", image="")
        raise StepFailed(built.failed, work.course.application.lines)


async def _goes_on_or_succeeded(work: Work, build: str) -> bool:
    with suppress(Missing):
        built = await work.deploying.builds.built(build)
        return built is None or built.failed is None
    return False


async def _send(work: Work, context: BuildContext, name: str) -> None:
    """Put the archive of what it is built from into the bucket."""
    work.say("packing what it is built from")
    packed = io.BytesIO()
    await off_loop(lambda: context.archive(packed), "archive")
    data = packed.getvalue()
    if len(data) > MOST_BYTES:
        raise StepFailed(
            sanitise(
                f"what it is built from is {size_text(len(data))} when packed, more than "
                f"{size_text(MOST_BYTES)}"
            ),
            mend=sanitise("keep large files out by .dockerignore, or build with Docker here"),
        )
    work.say(f"sending {size_text(len(data))}")
    await work.deploying.buckets.put(work.wish.bucket, name, data)


async def _watched(work: Work, build: str) -> Built:
    """Return how a build ended; what it writes is told meanwhile, and to its end."""
    telling = asyncio.create_task(_tell(work, build))
    try:
        while (built := await work.deploying.builds.built(build)) is None:
            work.say("building")
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
        work.course.line(sanitise(f"(what it writes cannot be read: {error.message})"))
