"""The verb `models list`: what is in a bucket, what is kept of what was, and what that costs."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Final, TextIO

from console.config import Config
from console.contexts import open_buckets, service_of
from console.model.cost.bucket_cost import BucketContents, bucket_month
from console.model.cost.estimate import Estimate
from console.model.cost.prices import PriceList
from console.model.freshness import age
from console.model.models.parts import part_of
from console.model.models.stored_price import price_a_month
from console.model.models.stored_set import StoredSet, stored_set
from console.model.storage import Kept, StoredObject, UnfinishedUpload, size_text
from console.session.engine_session import utc_now
from console.session.transfer.place import Place, look_into
from console.sources.base import SourceError
from console.sources.prices import packaged_prices
from console.verbs.headless import DONE, FAILED, Ended, until_signal
from engine.schema import SCHEMA_VERSION

_ABSENT: Final = "–"
_KEPT: Final = {
    Kept.LIVE: "",
    Kept.NONCURRENT: "replaced",
    Kept.SOFT_DELETED: "deleted",
}


def list_models(config: Config, arguments: Mapping[str, object]) -> int:
    """Say what is in the bucket; returns 0 if that could be known."""
    named = arguments["bucket"]
    try:
        place = asyncio.run(until_signal(_place(config, named if isinstance(named, str) else None)))
    except Ended as ended:
        return _complain(str(ended), ended.code)
    except SourceError as error:
        return _complain(error.message, FAILED)
    prices = packaged_prices()
    if arguments["json"] is True:
        print(json.dumps(list_document(config.context, place, prices), indent=2))
    else:
        print_list(place, prices, utc_now(), sys.stdout)
    if place.unseen:
        _complain(place.unseen, DONE)
    return DONE


async def _place(config: Config, named: str | None) -> Place:
    service = service_of(config.context)
    mounted = named is None and service is not None
    async with open_buckets(config.context, services=mounted) as buckets:
        return await look_into(buckets.storage, buckets.services, service, named)


def list_document(context: str, place: Place, prices: PriceList) -> dict[str, object]:
    """Return what `models list --json` prints; what is not known is null."""
    whole = stored_set(place.found)
    return {
        "schema_version": SCHEMA_VERSION,
        "context": context,
        "bucket": place.bucket.name,
        "location": place.bucket.location or None,
        "complete": whole.complete,
        "problem": whole.problem or None,
        "all_listed": place.found.complete,
        "objects": [_object(each, place, prices) for each in place.found.objects],
        "unfinished_uploads": [
            {
                "name": each.name,
                "id": each.id,
                "started_at": _moment(each.started),
                "bytes": each.bytes,
            }
            for each in place.unfinished
        ],
        "month": _month(place, prices).to_json(),
        "unseen": place.unseen or None,
    }


def _object(stored: StoredObject, place: Place, prices: PriceList) -> dict[str, object]:
    part = part_of(stored)
    return {
        "name": stored.name,
        "part": None if part is None else str(part),
        "bytes": stored.size,
        "storage_class": stored.storage_class or None,
        "crc32c": stored.crc32c or None,
        "sha256": stored.said("sha256") or None,
        "generation": stored.generation,
        "created_at": _moment(stored.created),
        "kept": str(stored.kept),
        "gone_at": _moment(stored.until),
        "month": price_a_month(stored, place.region, prices).to_json(),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _month(place: Place, prices: PriceList) -> Estimate:
    return bucket_month(BucketContents(place.bucket, place.found, place.unfinished), prices)


def print_list(place: Place, prices: PriceList, now: datetime, stream: TextIO) -> None:
    """Print the objects as a table, then whether they make up a model and what a month costs."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(file=stream, highlight=False, soft_wrap=False)
    table = Table(
        *("object", "part", "size", "class", "crc32c", "age", "a month"),
        box=None,
        padding=(0, 2, 0, 0),
    )
    for column in (table.columns[2], table.columns[5], table.columns[6]):
        column.justify = "right"
    for each in place.found.objects:
        table.add_row(*map(Text, _row(each, place, prices, now)))
    for upload in place.unfinished:
        table.add_row(*map(Text, _unfinished_row(upload, now)))
    where = f" in {place.bucket.location.lower()}" if place.bucket.location else ""
    console.print(Text(f"gs://{place.bucket.name}{where}"))
    if table.row_count:
        console.print(table)
    console.print(Text(_verdict(stored_set(place.found))))
    month = _month(place, prices)
    lacking = f", {month.total.missing_text()}" if month.total.missing else ""
    console.print(Text(f"A month of this costs {month.total.text()}{lacking} ({month.label})."))


def _row(stored: StoredObject, place: Place, prices: PriceList, now: datetime) -> tuple[str, ...]:
    part = part_of(stored)
    since = stored.since or stored.created
    name = f"{stored.name} ({_KEPT[stored.kept]})" if _KEPT.get(stored.kept) else stored.name
    return (
        name,
        _ABSENT if part is None else part.words,
        size_text(stored.size),
        stored.storage_class.lower() or _ABSENT,
        stored.crc32c or _ABSENT,
        _ABSENT if since is None else age(since, now).removesuffix(" ago"),
        price_a_month(stored, place.region, prices).short(),
    )


def _unfinished_row(upload: UnfinishedUpload, now: datetime) -> tuple[str, ...]:
    since = _ABSENT if upload.started is None else age(upload.started, now).removesuffix(" ago")
    return (
        f"{upload.name} (unfinished upload)",
        _ABSENT,
        _ABSENT if upload.bytes is None else size_text(upload.bytes),
        upload.storage_class.lower() or _ABSENT,
        _ABSENT,
        since,
        _ABSENT,
    )


def _verdict(whole: StoredSet) -> str:
    if whole.complete:
        return "The model is complete."
    return f"No service can start from it: {whole.problem}."


def _complain(why: str, code: int) -> int:
    print(f"zimage-console: {why}", file=sys.stderr)
    return code
