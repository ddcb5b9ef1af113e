"""What was pulled goes straight on to the bucket: that this can be, and then the push."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from console.actions import refusal
from console.config import Config
from console.contexts.opening import open_google, service_of
from console.language import tr, tr_list
from console.model.models.bucket_check import region_problem
from console.model.models.parts import part_of
from console.model.models.published import PublishedFile
from console.model.storage import Kept
from console.session.transfer.place import Place, look_into
from console.sources.base import SourceError
from console.verbs.headless import until_signal
from console.verbs.models_push import PUSH, push


def onward_problem(
    config: Config, files: Sequence[PublishedFile], arguments: Mapping[str, object]
) -> str | None:
    """Say why `files` could not be pushed, before gigabytes are fetched for it; None if they could.

    Raises `Ended`.
    """
    if arguments["json"] is True:
        return tr("--push speaks to people alone; leave --json away, or run models push afterwards")
    refused = refusal(PUSH, read_only=config.read_only)
    if refused is not None:
        return refused
    named = arguments["bucket"]
    try:
        bucket = named if isinstance(named, str) else None
        place = asyncio.run(until_signal(_look(config, bucket)))
    except SourceError as error:
        return error.message
    region = "" if place.service is None else place.service.region
    far = region_problem(place.bucket.name, place.bucket.location, region)
    if far and arguments["any_region"] is not True:
        return far
    others = _others(place, files)
    if others and arguments["beside"] is not True:
        return tr(
            "{names} in gs://{bucket} would be beside what comes, and with two files for a part "
            "no service starts; remove it there, or add --beside",
            names=tr_list(others),
            bucket=place.bucket.name,
        )
    return None


async def _look(config: Config, bucket: str | None) -> Place:
    async with open_google(config.context) as google:
        return await look_into(google.storage, google.services, service_of(config.context), bucket)


def _others(place: Place, files: Sequence[PublishedFile]) -> list[str]:
    """Return the objects for the parts of `files` that have other names."""
    parts, names = {file.part for file in files}, {file.name for file in files}
    return [
        each.name
        for each in place.found.objects
        if each.kept is Kept.LIVE and part_of(each) in parts and each.name not in names
    ]


def go_onward(config: Config, arguments: Mapping[str, object]) -> int:
    """Push the directory that was pulled into; returns the exit code of the push."""
    return push(config, {**arguments, "plan": False, "limit": None, "threads": None})
