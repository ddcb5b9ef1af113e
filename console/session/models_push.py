"""Model files put into the bucket at the wish of somebody at the screen.

What was stopped can be gone on with: how far uploads came is remembered on disk.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from console import paths
from console.language import tr, tr_later
from console.model.models.bucket_check import far_away
from console.model.models.part_size import MOST_THREADS, threads_for
from console.model.models.patience import Patience
from console.model.models.progress import Way
from console.model.models.push_offer import (
    Hurdle,
    PushChoices,
    PushOffer,
    in_the_way,
    keeping,
    kept_text,
    lacking_permissions,
    requests_price,
)
from console.model.models.push_plan import PushPlan
from console.model.models.snapshot import Job, Stage, Work
from console.model.models.verification import Verdict, Verified
from console.model.storage import StoredObject
from console.session.models_jobs import ModelsJobs
from console.session.models_watch import ModelsWatch
from console.session.transfer.place import Place, look_into
from console.session.transfer.upload_records import Busy, UploadRecords
from console.sources.base import Malformed, Offline, SourceError, Throttled
from console.sources.off_loop import off_loop
from console.sources.prices import packaged_prices

if TYPE_CHECKING:
    from console.session.cloud_session import Cloud
    from console.session.transfer.push_planning import LocalFacts
    from console.session.transfer.sending import Means

Say = Callable[[str], None]

WORTH_MEASURING: Final = 64_000_000
"""What is smaller is sent sooner than it is measured how long that takes."""

_BUSY: Final = tr_later(
    "another process on this machine pushes to this bucket; wait for it, or end it"
)


class ModelsPush:
    """Offers pushes and carries out the one that was offered last; `relist` lists the bucket anew.

    Uploads are remembered in `records`, by default where the verb `models push` remembers them too.
    """

    def __init__(
        self,
        jobs: ModelsJobs,
        watch: ModelsWatch,
        environment: Mapping[str, str],
        relist: Callable[[], None],
        records: UploadRecords | None = None,
    ) -> None:
        self._jobs = jobs
        self._watch = watch
        self._environment = environment
        self._relist = relist
        self._records = records
        self._offered: tuple[PushOffer, Place, Means] | None = None

    async def offer(self, cloud: Cloud, directory: Path, say: Say) -> PushOffer:
        """Return what a push would do now; `say` hears what is looked at. Raises `SourceError`."""
        from console.session.transfer.push_planning import look_here, plan_push

        self._jobs.alone()
        say(tr("looking into {directory}", directory=directory))
        here = await look_here(directory, self._environment)
        say(tr("looking into the bucket"))
        assert cloud.storage is not None
        place = await look_into(cloud.storage, cloud.services, cloud.name, None)
        records = self._remembered()
        plan = await plan_push(
            here,
            place,
            records.of(place.bucket.name),
            lambda name: say(tr("comparing {name}", name=name)),
        )
        means = await self._means(cloud, place)
        refused = await _forbidden(plan, means)
        if not refused:
            plan = await self._measured(plan, means, records, say)
        offer = _offer(plan, place, here, cloud.name.region, refused)
        self._offered = offer, place, means
        return offer

    def push(self, offer: PushOffer, choices: PushChoices) -> None:
        """Carry out what was offered last, as was chosen."""
        if self._offered is None or self._offered[0] is not offer or self._jobs.busy:
            return
        _, place, means = self._offered
        self._offered = None
        if offer.ready(choices):
            rates = [each for each in (choices.limit, offer.plan.rate) if each]
            means = replace(
                means,
                bandwidth=means.bandwidth.limited(choices.limit),
                threads=threads_for(min(rates, default=None), means.threads),
            )
            self._jobs.begin(self._push(offer, place, means))

    def _remembered(self) -> UploadRecords:
        return self._records or UploadRecords(paths.uploads_directory())

    async def _means(self, cloud: Cloud, place: Place) -> Means:
        from console.session.transfer.bandwidth import Bandwidth
        from console.session.transfer.sending import Means

        assert cloud.uploads is not None
        stop = self._jobs.new_stop()
        return Means(
            writer=await cloud.uploads.writer(place.bucket.name),
            threads=MOST_THREADS,
            bandwidth=Bandwidth(None, time.monotonic, stop.wait),
            patience=Patience(),
            clock=time.monotonic,
            jitter=random.random,
            stop=stop,
        )

    async def _measured(
        self, plan: PushPlan, means: Means, records: UploadRecords, say: Say
    ) -> PushPlan:
        """Return the plan with the rate at which bytes get to the bucket, if that matters."""
        from console.session.transfer.uplink import Uplink

        if plan.missing < WORTH_MEASURING:
            return plan
        rate = records.rate(plan.bucket, time.time())
        if rate is None:
            say(tr("measuring how fast the way to the bucket is"))
            try:
                rate = await off_loop(Uplink(means, records.sender()).measure, "uplink")
            except (Offline, Throttled, Malformed):
                # It is no reason to give up: what is sent is sent again until it arrives.
                return plan
            if rate is not None:
                records.keep_rate(plan.bucket, rate, time.time())
        return replace(plan, rate=rate)

    async def _push(self, offer: PushOffer, place: Place, means: Means) -> None:
        from console.session.transfer.pushing import Push
        from console.session.transfer.sending import Stopped

        work = Push(offer.plan, place, means, self._remembered())
        job = Job(Work.PUSH, work.meter.progress(), offer=offer)
        try:
            stored = await self._jobs.shown(job, work.meter.progress, work.run)
        except Stopped:
            self._jobs.end(job, work.meter.progress, Stage.STOPPED)
        except Busy:
            self._jobs.end(job, work.meter.progress, Stage.FAILED, tr(_BUSY))
        except (SourceError, OSError) as error:
            self._jobs.end(job, work.meter.progress, Stage.FAILED, str(error))
        else:
            good = all(each.way is Way.ARRIVED for each in work.meter.progress().files)
            self._jobs.end(job, work.meter.progress, Stage.DONE if good else Stage.FAILED)
            self._watch.compared(_sent(offer, stored))
        finally:
            means.stop.set()
            self._watch.look()
            self._relist()


async def _forbidden(plan: PushPlan, means: Means) -> str:
    """Say that somebody would send for an hour and then not be let store it; empty if not."""
    if not plan.sent:
        return ""
    try:
        return lacking_permissions(plan, await off_loop(means.writer.lacking, "permissions"))
    except SourceError:
        # Whoever may not ask may still be let do it.
        return ""


def _offer(plan: PushPlan, place: Place, here: LocalFacts, region: str, refused: str) -> PushOffer:
    prices = packaged_prices()
    warnings = [
        tr("nobody looked into the files, their names have to do: {why}", why=here.unchecked)
        if here.unchecked
        else "",
        *(
            tr("left out: {name}: {why}", name=each.name, why=each.why)
            for each in here.known.left_out
        ),
        *dict.fromkeys(each.file.warning for each in plan.files),
        kept_text(place.bucket, plan),
        place.unseen,
    ]
    hurdles = {
        Hurdle.FAR: far_away(place.bucket.name, place.bucket.location, region),
        Hurdle.BESIDE: in_the_way(plan),
    }
    return PushOffer(
        plan=plan,
        region=place.region,
        month=keeping(place.bucket, plan, prices),
        sending=requests_price(place.bucket, plan, prices),
        priced=prices.date.isoformat(),
        refused=refused,
        hurdles=tuple((hurdle, problem) for hurdle, problem in hurdles.items() if problem),
        warnings=tuple(each for each in warnings if each),
    )


def _sent(offer: PushOffer, stored: Sequence[StoredObject | None]) -> list[tuple[Verified, int]]:
    """Return what a push found out: what it stored was read here, and its checksum compared."""
    return [
        (Verified(planned.file.name, planned.size, Verdict.SAME), found.generation)
        for planned, found in zip(offer.plan.files, stored, strict=True)
        if found is not None
    ]
