"""Sends the files of the model to the bucket, and holds them to their checksums."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Final

from console.language import tr, tr_later
from console.model.deploy.observed import ModelsSeen
from console.model.deploy.plan_words import clauses
from console.model.deploy.progress import StepState
from console.model.models.patience import Patience
from console.model.models.push_plan import PushPlan
from console.model.models.push_progress import FileStage, PushProgress
from console.model.storage import size_text
from console.session.deploy.pace import Stopped
from console.session.deploy.work import Drifted, StepFailed, Work
from console.session.transfer.place import Place, look_into
from console.session.transfer.pushing import Push
from console.session.transfer.sending import Means
from console.session.transfer.sending import Stopped as SendingStopped
from console.session.transfer.upload_records import Busy
from console.sources.off_loop import off_loop
from console.terminal.sanitise import sanitise

_THREADS: Final = 8
_SHOW_SECONDS: Final = 0.3
_BUSY: Final = tr_later(
    "another process on this machine pushes to this bucket; wait for it, or end it"
)


async def send_models(work: Work) -> StepState:
    """Send what is missing; raises `SourceError`. What was begun earlier is gone on with."""
    from console.session.transfer.push_planning import look_here, plan_push

    here, google = work.world.here, work.world.google
    assert work.wish.models is not None
    work.say(tr("looking into the files"))
    found = await look_here(Path(work.wish.models), here.environment)
    place = await look_into(google.storage, None, None, work.wish.bucket)
    plan = await plan_push(
        found,
        place,
        here.records.of(work.wish.bucket),
        lambda name: work.say(tr("comparing {name}", name=name)),
    )
    if not plan.sent:
        return StepState.SKIPPED
    _hold_to_plan(work, plan)
    await _pushed(work, plan, place)
    return StepState.DONE


def _hold_to_plan(work: Work, plan: PushPlan) -> None:
    """Raise `Drifted` if something would be replaced that nobody was told of."""
    seen = work.plan.observed.models
    planned = seen.push.replaced if isinstance(seen, ModelsSeen) and seen.push else ()
    told = {each.file.name for each in planned}
    new = [each.file.name for each in plan.replaced if each.file.name not in told]
    if new:
        raise Drifted(
            sanitise(
                tr(
                    "{name} in gs://{bucket} is another file now, and would be replaced; "
                    "plan anew and read it again",
                    name=new[0],
                    bucket=plan.bucket,
                )
            )
        )


async def _pushed(work: Work, plan: PushPlan, place: Place) -> None:
    stop = threading.Event()
    push = Push(plan, place, await _means(work, stop), work.world.here.records)
    sending = asyncio.ensure_future(off_loop(push.run, "push"))
    try:
        while not sending.done():
            _tell(work, push.meter.progress())
            await asyncio.wait({sending}, timeout=_SHOW_SECONDS)
            if work.pace.stop.is_set():
                stop.set()
        await sending
    except SendingStopped:
        raise Stopped from None
    except Busy:
        raise StepFailed(sanitise(tr(_BUSY))) from None
    except OSError as error:
        raise StepFailed(
            sanitise(tr("the upload cannot be remembered: {error}", error=error))
        ) from None
    finally:
        stop.set()
        sending.cancel()
    failed = [each for each in push.meter.progress().files if each.stage is FileStage.FAILED]
    if failed:
        raise StepFailed(
            sanitise(
                tr(
                    "{name} was not stored: {why}",
                    name=failed[0].name,
                    why=failed[0].problem or tr("nobody knows why"),
                )
            ),
            tuple(sanitise(f"{each.name}: {each.problem or ''}") for each in failed),
        )


async def _means(work: Work, stop: threading.Event) -> Means:
    from console.session.transfer.bandwidth import Bandwidth

    return Means(
        writer=await work.world.google.uploads.writer(work.wish.bucket),
        threads=_THREADS,
        bandwidth=Bandwidth(None, time.monotonic, stop.wait),
        patience=Patience(quiet_seconds=work.pace.patience.quiet_seconds),
        clock=time.monotonic,
        jitter=work.pace.jitter,
        stop=stop,
    )


def _tell(work: Work, progress: PushProgress) -> None:
    """Say how far each file is, and all of them."""
    size = progress.size
    words = tr("{done} of {size}", done=size_text(progress.done), size=size_text(size))
    if progress.rate:
        words = clauses((words, f"{size_text(int(progress.rate))}/s"))
    if progress.passed:
        work.answered()
    work.say(words, progress.done / size if size else None, files=progress.files)
