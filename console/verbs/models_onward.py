"""What was pulled goes straight on to the bucket: that this can be, and then the push."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from console.actions import refusal
from console.config import Config
from console.contexts import open_google, service_of
from console.session.transfer.place import look_into
from console.sources.base import SourceError
from console.verbs.headless import until_signal
from console.verbs.models_push import PUSH, push


def onward_problem(config: Config, arguments: Mapping[str, object]) -> str | None:
    """Say why nothing could be pushed, before gigabytes are fetched for it; None if it could.

    Raises `Ended`.
    """
    if arguments["json"] is True:
        return "--push speaks to people alone; leave --json away, or run models push afterwards"
    refused = refusal(PUSH, read_only=config.read_only)
    if refused is not None:
        return refused
    named = arguments["bucket"]
    try:
        asyncio.run(until_signal(_look(config, named if isinstance(named, str) else None)))
    except SourceError as error:
        return error.message
    return None


async def _look(config: Config, bucket: str | None) -> None:
    async with open_google(config.context) as google:
        await look_into(google.storage, google.services, service_of(config.context), bucket)


def go_onward(config: Config, arguments: Mapping[str, object]) -> int:
    """Push the directory that was pulled into; returns the exit code of the push."""
    fixed = {"plan": False, "beside": False, "any_region": False, "limit": None, "threads": None}
    return push(config, {**arguments, **fixed})
