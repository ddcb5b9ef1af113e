"""The verb `models push`: model files from a directory into a bucket, without a screen.

Everything that can be wrong is found before a byte is sent. What was ended is gone on with by the
same command.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from console import paths
from console.actions import Action, refusal
from console.config import Config
from console.contexts.opening import Buckets, open_buckets, service_of
from console.language import tr, tr_later
from console.model.models.part_size import MOST_THREADS, threads_for
from console.model.models.patience import Patience
from console.model.models.push_plan import PushPlan
from console.model.models.push_progress import FileStage, PushProgress
from console.model.models.rate_text import parse_rate
from console.model.service import ServiceName
from console.model.storage import StoredObject
from console.session.transfer.place import Place, look_into
from console.session.transfer.push_planning import (
    LocalFacts,
    NotReady,
    check_directory,
    look_here,
    plan_push,
)
from console.session.transfer.upload_records import Busy, UploadRecords
from console.sources.base import Malformed, Offline, SourceError, Throttled, Unauthenticated
from console.sources.off_loop import off_loop
from console.sources.prices import packaged_prices
from console.verbs.complaint import complain
from console.verbs.headless import DONE, FAILED, REFUSED, Ended, until_signal
from console.verbs.models_push_rules import (
    PushRefused,
    hold_to_permissions,
    hold_to_region,
    hold_to_rules,
)
from console.verbs.models_push_words import plan_document, plan_lines, push_document, result_lines
from console.verbs.status_line import StatusLine, can_move_cursor
from console.verbs.transfer_line import progress_text
from console.verbs.watched_work import watched
from console.verbs.wrapped import print_wrapped, room_on

if TYPE_CHECKING:
    from console.session.transfer.sending import Means

USAGE: Final = 2
WORTH_MEASURING: Final = 64_000_000
"""What is smaller is sent sooner than it is measured how long that takes."""

PUSH: Final = Action(
    "models.push", (), tr_later("push"), tr_later("Put model files into a bucket"), writes=True
)
_AGAIN_SECONDS: Final = (0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the command line asks for."""

    directory: Path
    bucket: str | None
    only_plan: bool
    may_replace: bool
    may_be_beside: bool
    any_region: bool
    limit: float | None
    threads: int | None
    as_json: bool

    @classmethod
    def of(cls, arguments: Mapping[str, object]) -> _Asked:
        bucket, limit = arguments["bucket"], arguments["limit"]
        threads = arguments["threads"]
        return cls(
            directory=Path(str(arguments["directory"])).expanduser().absolute(),
            bucket=bucket if isinstance(bucket, str) else None,
            only_plan=arguments["plan"] is True,
            may_replace=arguments["replace"] is True,
            may_be_beside=arguments["beside"] is True,
            any_region=arguments["any_region"] is True,
            limit=parse_rate(limit) if isinstance(limit, str) else None,
            threads=threads if isinstance(threads, int) else None,
            as_json=arguments["json"] is True,
        )


def push(config: Config, arguments: Mapping[str, object]) -> int:
    """Put a directory's model files into a bucket; returns 0 if all of them are there."""
    try:
        asked = _Asked.of(arguments)
    except ValueError as error:
        return complain(tr("--limit {problem}", problem=error), USAGE)
    refused = refusal(PUSH, read_only=config.read_only and not asked.only_plan)
    if refused is not None:
        return complain(refused, REFUSED)
    stop = threading.Event()
    try:
        return asyncio.run(until_signal(_pushed(config, asked, stop)))
    except Ended as ended:
        stop.set()
        if asked.only_plan:
            return complain(str(ended), ended.code)
        return complain(
            tr("{ended}; the same command goes on where this ended", ended=ended), ended.code
        )
    except (PushRefused, NotReady) as error:
        return complain(str(error), REFUSED)
    except Busy:
        return complain(tr("another process pushes to this bucket; wait for it, or end it"), FAILED)
    except SourceError as error:
        return complain(error.message, FAILED)
    except OSError as error:
        return complain(
            tr("cannot remember the upload: {error}; make room, or mend it", error=error), FAILED
        )


async def _pushed(config: Config, asked: _Asked, stop: threading.Event) -> int:
    check_directory(asked.directory)
    # This and the way to the bucket both take a second, and neither needs the other.
    looking = asyncio.ensure_future(look_here(asked.directory, os.environ))
    service = service_of(config.context)
    mounted = asked.bucket is None and service is not None
    try:
        async with open_buckets(config.context, services=mounted) as buckets:
            place = await _found(buckets, service, asked.bucket)
            hold_to_region(place, any_region=asked.any_region)
            return await _into(place, await looking, buckets, config, asked, stop)
    except (SourceError, PushRefused):
        # What is wrong on this machine is said first.
        await looking
        raise
    finally:
        looking.cancel()


async def _found(buckets: Buckets, service: ServiceName | None, named: str | None) -> Place:
    """Return the bucket, asked for again after a moment if nobody answers well at once."""
    for seconds in _AGAIN_SECONDS:
        with suppress(Offline, Throttled, Malformed, Unauthenticated):
            return await look_into(buckets.storage, buckets.services, service, named)
        await asyncio.sleep(seconds)
    return await look_into(buckets.storage, buckets.services, service, named)


async def _into(
    place: Place,
    here: LocalFacts,
    buckets: Buckets,
    config: Config,
    asked: _Asked,
    stop: threading.Event,
) -> int:
    records = UploadRecords(paths.uploads_directory())
    line = StatusLine(sys.stderr, can_move_cursor(sys.stderr, os.environ))
    known = records.of(place.bucket.name)
    plan = await plan_push(
        here, place, known, lambda name: line.show(tr("comparing {name}", name=name))
    )
    line.clear()
    means = await _means(buckets, place, asked, stop)
    await hold_to_permissions(plan, means.writer)
    plan = await _measured(plan, means, records, line, asked, config.read_only)
    _tell(here, place, plan, asked)
    if asked.only_plan:
        return DONE
    hold_to_rules(plan, may_replace=asked.may_replace, may_be_beside=asked.may_be_beside)
    if asked.threads is None:
        rates = [each for each in (asked.limit, plan.rate) if each]
        means = replace(means, threads=threads_for(min(rates, default=None)))
    return await _carried_out(plan, place, means, records, line, asked)


async def _means(buckets: Buckets, place: Place, asked: _Asked, stop: threading.Event) -> Means:
    from console.session.transfer.bandwidth import Bandwidth
    from console.session.transfer.sending import Means

    return Means(
        writer=await buckets.uploads.writer(place.bucket.name),
        threads=asked.threads or MOST_THREADS,
        bandwidth=Bandwidth(asked.limit, time.monotonic, stop.wait),
        patience=Patience(),
        clock=time.monotonic,
        jitter=random.random,
        stop=stop,
    )


async def _measured(
    plan: PushPlan,
    means: Means,
    records: UploadRecords,
    line: StatusLine,
    asked: _Asked,
    read_only: bool,
) -> PushPlan:
    """Return the plan with the rate at which bytes get to the bucket, if that matters."""
    from console.session.transfer.uplink import Uplink

    if plan.missing < WORTH_MEASURING:
        return plan
    known = records.rate(plan.bucket, time.time())
    if known is not None or read_only:
        return replace(plan, rate=known and min(known, asked.limit or known))
    line.show(tr("measuring how fast the way to the bucket is"))
    try:
        rate = await off_loop(Uplink(means, records.sender()).measure, "uplink")
    except (Offline, Throttled, Malformed):
        # It is no reason to give up: what is sent is sent again until it arrives.
        return plan
    finally:
        line.clear()
    if rate is not None and asked.limit is None:
        records.keep_rate(plan.bucket, rate, time.time())
    return replace(plan, rate=rate)


def _tell(here: LocalFacts, place: Place, plan: PushPlan, asked: _Asked) -> None:
    if here.unchecked:
        said = tr("nobody looked into the files, their names have to do: {why}", why=here.unchecked)
        complain(said, DONE)
    prices = packaged_prices()
    if asked.as_json:
        if asked.only_plan:
            print(json.dumps(plan_document(here, place, plan, prices), indent=2))
        return
    print_wrapped(plan_lines(here, place, plan, prices), sys.stdout, room_on(sys.stdout))


async def _carried_out(
    plan: PushPlan,
    place: Place,
    means: Means,
    records: UploadRecords,
    line: StatusLine,
    asked: _Asked,
) -> int:
    from console.session.transfer.pushing import Push

    work = Push(plan, place, means, records)
    began = time.monotonic()
    try:
        stored = await watched(work.run, "push", line, lambda: progress_text(work.meter.progress()))
    finally:
        means.stop.set()
    progress, took = work.meter.progress(), time.monotonic() - began
    _report(plan, stored, progress, took, asked)
    failed = [each for each in progress.files if each.stage is FileStage.FAILED]
    for each in failed:
        complain(each.problem or tr("{name} was not stored", name=each.name), FAILED)
    return FAILED if failed else DONE


def _report(
    plan: PushPlan,
    stored: tuple[StoredObject | None, ...],
    progress: PushProgress,
    took: float,
    asked: _Asked,
) -> None:
    if asked.as_json:
        print(json.dumps(push_document(plan, stored, progress, took), indent=2))
    else:
        print_wrapped(result_lines(plan, progress, took), sys.stdout, room_on(sys.stdout))
