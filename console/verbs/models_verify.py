"""The verb `models verify`: whether what is in a bucket is what it should be.

With a directory its files are read and compared with what Cloud Storage says of the objects; with
`--read` the objects are read, and compared with the checksums that were noted when they were sent.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from console.config import Config
from console.contexts.opening import Buckets, open_buckets, service_of
from console.language import tr
from console.model.cost.money import total
from console.model.cost.prices import Unit
from console.model.cost.storage_cost import gib, retrieval
from console.model.models.parts import is_model_file
from console.model.models.patience import Patience
from console.model.models.staging import FOLDER
from console.model.models.stored_price import class_of
from console.model.models.stored_set import stored_set
from console.model.models.verification import Verified, against_file, against_notes
from console.model.storage import Kept, StoredObject, size_text
from console.session.transfer.bandwidth import Bandwidth
from console.session.transfer.local_reading import identity_of
from console.session.transfer.meter import FileMeter, PushMeter
from console.session.transfer.place import Place, look_into
from console.session.transfer.push_planning import NotReady, check_directory, look_here
from console.session.transfer.sending import Means
from console.sources.base import SourceError
from console.sources.prices import packaged_prices
from console.terminal.sanitise import sanitise
from console.verbs.complaint import complain
from console.verbs.headless import DONE, FAILED, REFUSED, Ended, until_signal
from console.verbs.models_push_words import in_columns
from console.verbs.status_line import StatusLine, can_move_cursor
from console.verbs.transfer_line import progress_text
from console.verbs.watched_work import watched
from console.verbs.wrapped import print_wrapped, room_on
from engine.schema import SCHEMA_VERSION

USAGE: Final = 2


class _NothingToCompare(Exception):
    """Nobody said what to compare with; the text is one line with the mend."""


Work = Callable[[], Verified]


def verify(config: Config, arguments: Mapping[str, object]) -> int:
    """Compare what is in the bucket; returns 0 if all of it is as it should be."""
    stop = threading.Event()
    try:
        place, verified = asyncio.run(until_signal(_verified(config, arguments, stop)))
    except Ended as ended:
        stop.set()
        return complain(str(ended), ended.code)
    except _NothingToCompare as error:
        return complain(str(error), USAGE)
    except NotReady as error:
        return complain(error.message, REFUSED)
    except SourceError as error:
        return complain(error.message, FAILED)
    except OSError as error:
        return complain(tr("a file cannot be read: {error}", error=error), FAILED)
    whole = stored_set(place.found)
    good = whole.complete and all(each.good for each in verified)
    if arguments["json"] is True:
        print(json.dumps(verify_document(config.context, place, verified, good), indent=2))
    else:
        print_wrapped(verdict_lines(place, verified), sys.stdout, room_on(sys.stdout))
    return DONE if good else FAILED


async def _verified(
    config: Config, arguments: Mapping[str, object], stop: threading.Event
) -> tuple[Place, Sequence[Verified]]:
    bucket = arguments["bucket"]
    named = bucket if isinstance(bucket, str) else None
    directory = _directory(arguments)
    service = service_of(config.context)
    async with open_buckets(
        config.context, services=named is None and service is not None
    ) as buckets:
        place = await look_into(buckets.storage, buckets.services, service, named)
        if directory is not None:
            return place, await _against(directory, place, stop)
        stored = [
            each
            for each in place.found.of(Kept.LIVE)
            if is_model_file(each.name) and not each.name.startswith(FOLDER)
        ]
        if arguments["read"] is not True:
            raise _NothingToCompare(_price_of_reading(stored, place))
        return place, await _read(stored, place, buckets, stop)


def _directory(arguments: Mapping[str, object]) -> Path | None:
    given = arguments["directory"]
    if not isinstance(given, str):
        return None
    directory = Path(given).expanduser().absolute()
    check_directory(directory)
    return directory


def _price_of_reading(stored: Sequence[StoredObject], place: Place) -> str:
    """Say what it takes to compare objects with their own checksums."""
    prices, size = packaged_prices(), sum(each.size for each in stored)
    transfer = prices.price("network/internet", Unit.GIB, "transfer to the internet")
    cost = transfer.cost(gib(size)) + total(
        retrieval(each.size, storage_class, prices).amount
        for each in stored
        if (storage_class := class_of(each)) is not None
    )
    return tr(
        "say what to compare gs://{bucket} with: DIR, whose files are read here, or --read, which "
        "fetches {size} of it for {costs} (estimate, prices of {date}) and holds them to the "
        "checksums noted with them",
        bucket=place.bucket.name,
        size=size_text(size),
        costs=cost.text(),
        date=prices.date,
    )


async def _against(directory: Path, place: Place, stop: threading.Event) -> Sequence[Verified]:
    from console.session.transfer.verifying import digests_here

    here = await look_here(directory, os.environ)
    live = {each.name: each for each in place.found.of(Kept.LIVE)}

    def compared(name: str, path: Path, meter: FileMeter) -> Verified:
        local = digests_here(path, lambda: None, meter)
        return against_file(name, local, live.get(sanitise(name)))

    meters = [_meter(each.name, identity_of(Path(each.path)).size) for each in here.known.files]
    works = [
        partial(compared, each.name, Path(each.path), meter)
        for each, meter in zip(here.known.files, meters, strict=True)
    ]
    return await _carried_out(works, meters, stop)


async def _read(
    stored: Sequence[StoredObject], place: Place, buckets: Buckets, stop: threading.Event
) -> Sequence[Verified]:
    from console.session.transfer.verifying import digests_there

    means = Means(
        writer=await buckets.uploads.writer(place.bucket.name),
        threads=1,
        bandwidth=Bandwidth(None, time.monotonic, stop.wait),
        patience=Patience(),
        clock=time.monotonic,
        jitter=random.random,
        stop=stop,
    )
    meters = [_meter(each.name, each.size) for each in stored]

    def compared(each: StoredObject, meter: FileMeter) -> Verified:
        return against_notes(each, digests_there(each, means, meter))

    works = [partial(compared, each, meter) for each, meter in zip(stored, meters, strict=True)]
    return await _carried_out(works, meters, stop)


def _meter(name: str, size: int) -> FileMeter:
    return FileMeter(name, size, time.monotonic)


async def _carried_out(
    works: Sequence[Work], meters: Sequence[FileMeter], stop: threading.Event
) -> Sequence[Verified]:
    """Do the works one after the other in a thread, and say meanwhile how far they are."""
    line = StatusLine(sys.stderr, can_move_cursor(sys.stderr, os.environ))
    meter = PushMeter(meters, time.monotonic)
    try:
        return await watched(
            lambda: [work() for work in works],
            "verify",
            line,
            lambda: progress_text(meter.progress()),
        )
    finally:
        stop.set()


def verdict_lines(place: Place, verified: Sequence[Verified]) -> list[str]:
    """Return what came of comparing, for a person."""
    said = [(each.name, _verdict(each)) for each in verified]
    lines = [f"gs://{place.bucket.name}", *in_columns(said)]
    whole = stored_set(place.found)
    lines.append(
        tr("The model is complete.")
        if whole.complete
        else tr("No service can start from it: {problem}.", problem=whole.problem)
    )
    return lines


def _verdict(verified: Verified) -> str:
    verdict = verified.verdict.words
    if not verified.why:
        return verdict
    return tr("{verdict}: {why}", verdict=verdict, why=verified.why)


def verify_document(
    context: str, place: Place, verified: Sequence[Verified], good: bool
) -> dict[str, object]:
    """Return what `models verify --json` prints."""
    whole = stored_set(place.found)
    return {
        "schema_version": SCHEMA_VERSION,
        "context": context,
        "bucket": place.bucket.name,
        "good": good,
        "complete": whole.complete,
        "problem": whole.problem or None,
        "objects": [
            {
                "name": each.name,
                "bytes": each.size,
                "verdict": str(each.verdict),
                "why": each.why or None,
                "good": each.good,
            }
            for each in verified
        ],
    }
