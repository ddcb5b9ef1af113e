"""What is done with model files at somebody's wish: pushing them, and comparing them.

Both go on while other screens are shown, in threads of their own. What was stopped can be gone on
with: how far uploads came is remembered on disk.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from console import paths
from console.model.models.bucket_check import region_problem
from console.model.models.patience import Patience
from console.model.models.push_offer import (
    PushOffer,
    in_the_way,
    keeping,
    kept_text,
    requests_price,
)
from console.model.models.push_plan import PushPlan
from console.model.models.push_progress import FileStage, PushProgress
from console.model.models.snapshot import Job, Stage, Work
from console.model.models.verification import Verdict, Verified, against_file
from console.model.storage import Kept, StoredObject
from console.session.models_watch import NO_BUCKET_HERE, NO_DIRECTORY, ModelsWatch
from console.session.transfer.place import NoPlace, Place, look_into
from console.session.transfer.upload_records import Busy, UploadRecords
from console.sources.base import EngineFailed, Malformed, Offline, SourceError, Throttled
from console.sources.off_loop import off_loop
from console.sources.prices import packaged_prices
from console.store import Store
from console.terminal.sanitise import sanitise

if TYPE_CHECKING:
    from console.session.cloud_session import Cloud
    from console.session.transfer.meter import PushMeter
    from console.session.transfer.push_planning import LocalFacts
    from console.session.transfer.sending import Means

Say = Callable[[str], None]

WORTH_MEASURING: Final = 64_000_000
"""What is smaller is sent sooner than it is measured how long that takes."""

_THREADS: Final = 8
_SHOW_SECONDS: Final = 0.3
_NO_WAY: Final = "there is no way to the bucket now"
_BUSY: Final = "another process on this machine pushes to this bucket; wait for it, or end it"


class ModelsWork:
    """Pushes and compares what `watch` knows of; `relist` asks for the bucket's list anew.

    `mounts` says whether a bucket can belong to what is looked after. Uploads are remembered in
    `records`, by default where the verb `models push` remembers them too.
    """

    def __init__(
        self,
        store: Store,
        watch: ModelsWatch,
        environment: Mapping[str, str] = os.environ,
        *,
        mounts: bool,
        relist: Callable[[], None] = lambda: None,
        records: UploadRecords | None = None,
    ) -> None:
        self.watch = watch
        self._store = store
        self._environment = environment
        self._mounts = mounts
        self._relist = relist
        self._records = records
        self._cloud: Cloud | None = None
        self._offered: tuple[PushOffer, Place, Means] | None = None
        self._stop = threading.Event()
        self._task: asyncio.Task[None] | None = None

    def reach(self, cloud: Cloud | None) -> None:
        """Work by this way to the cloud from now on; None if there is none."""
        self._cloud = cloud

    def wanted(self) -> None:
        """Somebody comes to see the files."""
        self.watch.wanted()

    def look_at(self, directory: str) -> None:
        """Look into another directory from now on."""
        self.watch.look_at(Path(directory).expanduser().absolute())

    @property
    def busy(self) -> bool:
        """Whether something is done."""
        return self._task is not None and not self._task.done()

    async def offer(self, say: Say) -> PushOffer:
        """Return what a push would do now; `say` hears what is looked at. Raises `SourceError`."""
        from console.session.transfer.push_planning import look_here, plan_push

        cloud, directory = self._way(), self._directory()
        if self.busy:
            raise EngineFailed(
                sanitise("something is done with the files; wait for it, or stop it")
            )
        say(f"looking into {directory}")
        here = await look_here(directory, self._environment)
        say("looking into the bucket")
        assert cloud.storage is not None
        place = await look_into(cloud.storage, cloud.services, cloud.name, None)
        records = self._remembered()
        plan = await plan_push(
            here, place, records.of(place.bucket.name), lambda name: say(f"comparing {name}")
        )
        self._stop = threading.Event()
        means = await self._means(cloud, place)
        plan = await self._measured(plan, means, records, say)
        offer = _offer(plan, place, here, cloud.name.region)
        self._offered = offer, place, means
        return offer

    def push(self, offer: PushOffer) -> None:
        """Carry out what was offered last."""
        if self._offered is None or self._offered[0] is not offer or self.busy or offer.refused:
            return
        _, place, means = self._offered
        self._offered = None
        self._begin(self._push(offer, place, means))

    def verify(self) -> None:
        """Read the files here, and compare them with what is in the bucket; raises `SourceError`.

        Nothing is read of the bucket: it tells the checksums of what it has.
        """
        directory = self._directory()
        known = self._store.models
        if not self._mounts:
            raise NoPlace(NO_BUCKET_HERE)
        if known.there is None:
            raise Offline(sanitise("what is in the bucket is not known yet"))
        if self.busy:
            return
        self._stop = threading.Event()
        self._begin(self._verify(directory, known.there.found.of(Kept.LIVE)))

    def stop(self) -> bool:
        """Stop what is done; says whether anything was. A push can be gone on with."""
        self._stop.set()
        return self.busy

    async def close(self) -> None:
        """Stop, and leave threads to end by themselves."""
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.create_task(work, name="models")

    def _way(self) -> Cloud:
        if not self._mounts:
            raise NoPlace(NO_BUCKET_HERE)
        cloud = self._cloud
        if cloud is None or cloud.storage is None or cloud.uploads is None:
            raise Offline(sanitise(_NO_WAY))
        return cloud

    def _directory(self) -> Path:
        if self.watch.directory is None:
            raise NoPlace(NO_DIRECTORY)
        return self.watch.directory

    def _remembered(self) -> UploadRecords:
        return self._records or UploadRecords(paths.uploads_directory())

    async def _means(self, cloud: Cloud, place: Place) -> Means:
        from console.session.transfer.bandwidth import Bandwidth
        from console.session.transfer.sending import Means

        assert cloud.uploads is not None
        return Means(
            writer=await cloud.uploads.writer(place.bucket.name),
            threads=_THREADS,
            bandwidth=Bandwidth(None, time.monotonic, self._stop.wait),
            patience=Patience(),
            clock=time.monotonic,
            jitter=random.random,
            stop=self._stop,
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
            say("measuring how fast the way to the bucket is")
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
            stored = await self._shown(job, work.meter, work.run)
        except Stopped:
            self._end(job, work.meter, Stage.STOPPED)
        except Busy:
            self._end(job, work.meter, Stage.FAILED, _BUSY)
        except (SourceError, OSError) as error:
            self._end(job, work.meter, Stage.FAILED, str(error))
        else:
            failed = any(each.stage is FileStage.FAILED for each in work.meter.progress().files)
            self._end(job, work.meter, Stage.FAILED if failed else Stage.DONE)
            self.watch.compared(_sent(offer, stored))
        finally:
            means.stop.set()
            self.watch.look()
            self._relist()

    async def _verify(self, directory: Path, stored: Sequence[StoredObject]) -> None:
        from console.session.transfer.meter import FileMeter, PushMeter
        from console.session.transfer.push_planning import described
        from console.session.transfer.sending import Stopped
        from console.session.transfer.verifying import digests_here

        meter = PushMeter([], time.monotonic)
        job = Job(Work.VERIFY, PushProgress(()))
        live = {str(each.name): each for each in stored}
        try:
            known = (await described(directory, self._environment)).known
            pairs = [(each, live[sanitise(each.name)]) for each in known.files if each.name in live]
            meters = [FileMeter(each.name, there.size, time.monotonic) for each, there in pairs]
            meter = PushMeter(meters, time.monotonic)

            def check() -> None:
                if self._stop.is_set():
                    raise Stopped

            def read() -> list[tuple[Verified, int]]:
                return [
                    (
                        against_file(each.name, digests_here(Path(each.path), check, one), there),
                        there.generation,
                    )
                    for (each, there), one in zip(pairs, meters, strict=True)
                ]

            verdicts = await self._shown(job, meter, read)
        except Stopped:
            self._end(job, meter, Stage.STOPPED)
        except (SourceError, OSError) as error:
            self._end(job, meter, Stage.FAILED, str(error))
        else:
            self._end(job, meter, Stage.DONE)
            self.watch.compared(verdicts)

    async def _shown(self, job: Job, meter: PushMeter, work: Callable[[], Any]) -> Any:
        """Do something in a thread, and say meanwhile how far it is."""
        began = time.monotonic()
        doing = asyncio.ensure_future(off_loop(work, str(job.work)))
        try:
            while not doing.done():
                seconds = time.monotonic() - began
                self.watch.job(replace(job, progress=meter.progress(), seconds=seconds))
                await asyncio.wait({doing}, timeout=_SHOW_SECONDS)
            return await doing
        finally:
            doing.cancel()

    def _end(self, job: Job, meter: PushMeter, stage: Stage, problem: str = "") -> None:
        seconds = self._store.models.job.seconds if self._store.models.job else 0.0
        why = sanitise(problem) if problem else None
        self.watch.job(
            replace(job, progress=meter.progress(), stage=stage, problem=why, seconds=seconds)
        )


def _offer(plan: PushPlan, place: Place, here: LocalFacts, region: str) -> PushOffer:
    prices = packaged_prices()
    warnings = [
        f"nobody looked into the files, their names have to do: {here.unchecked}"
        if here.unchecked
        else "",
        *(f"left out: {each.name}: {each.why}" for each in here.known.left_out),
        *dict.fromkeys(each.file.warning for each in plan.files),
        kept_text(place.bucket, plan),
        place.unseen,
    ]
    refused = region_problem(place.bucket.name, place.bucket.location, region) or in_the_way(plan)
    return PushOffer(
        plan=plan,
        region=place.region,
        month=keeping(place.bucket, plan, prices),
        sending=requests_price(place.bucket, plan, prices),
        priced=prices.date.isoformat(),
        refused=refused,
        warnings=tuple(each for each in warnings if each),
    )


def _sent(offer: PushOffer, stored: Sequence[StoredObject | None]) -> list[tuple[Verified, int]]:
    """Return what a push found out: what it stored was read here, and its checksum compared."""
    return [
        (Verified(planned.file.name, planned.size, Verdict.SAME), found.generation)
        for planned, found in zip(offer.plan.files, stored, strict=True)
        if found is not None
    ]
