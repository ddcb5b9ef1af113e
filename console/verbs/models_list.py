"""The verb `models list`: what is in a bucket, what is kept of what was, and what that costs."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from console.config import Config
from console.contexts.opening import open_buckets, service_of
from console.model.models.told_parts import HeaderRead, ToldParts
from console.session.clock import utc_now
from console.session.transfer.local_reading import identity_of
from console.session.transfer.place import Place, look_into
from console.session.transfer.push_planning import described
from console.sources.base import SourceError
from console.sources.prices import packaged_prices
from console.verbs.complaint import complain
from console.verbs.headless import DONE, FAILED, Ended, until_signal
from console.verbs.models_list_words import Listing, list_document, print_list
from console.verbs.wrapped import room_on


def list_models(config: Config, arguments: Mapping[str, object]) -> int:
    """Say what is in the bucket; returns 0 if that could be known."""
    named = arguments["bucket"]
    bucket = named if isinstance(named, str) else None
    try:
        place, told, unread = asyncio.run(until_signal(_known(config, bucket)))
    except Ended as ended:
        return complain(str(ended), ended.code)
    except SourceError as error:
        return complain(error.message, FAILED)
    listing = Listing(place, told, packaged_prices())
    if arguments["json"] is True:
        print(json.dumps(list_document(config.context, listing), indent=2))
    else:
        print_list(listing, utc_now(), sys.stdout, room_on(sys.stdout))
    for each in filter(None, (unread, place.unseen)):
        complain(each, DONE)
    return DONE


async def _known(config: Config, named: str | None) -> tuple[Place, ToldParts, str]:
    """Return the bucket, and what the files of `--models` tell of it, or why they tell nothing."""
    here = asyncio.ensure_future(_headers(_directory(config)))
    try:
        service = service_of(config.context)
        mounted = named is None and service is not None
        async with open_buckets(config.context, services=mounted) as buckets:
            place = await look_into(buckets.storage, buckets.services, service, named)
        return place, *await here
    finally:
        here.cancel()


def _directory(config: Config) -> Path | None:
    return None if config.models is None else Path(config.models).expanduser().absolute()


async def _headers(directory: Path | None) -> tuple[ToldParts, str]:
    if directory is None:
        return ToldParts(), ""
    try:
        known = (await described(directory, os.environ)).known
    except SourceError as error:
        return ToldParts(), error.message
    if not known.checked:
        return ToldParts(), ""
    read = {}
    for each in known.files:
        try:
            read[each.name] = HeaderRead(each.part, identity_of(Path(each.path)).size)
        except OSError:
            # It was taken away meanwhile; then the object has to speak for itself.
            continue
    return ToldParts(read), ""
