"""A session with a service on Google Cloud: what keeps the store true, and who makes pictures.

Nothing is sent to the service itself but the pictures that are asked for: a question would wake
an instance, and an instance costs money. Whether it is awake is read from its log.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from console.config import Config
from console.language import tr, tr_later
from console.model.contexts import LOCAL, in_sandbox
from console.model.cost.estimate import FreeTier
from console.model.images import MadePicture, Run, Target
from console.model.log.lines import LogQuery, LogRecord, Severity
from console.model.service import ServiceFacts, ServiceName
from console.model.starts.measurement import Measured, MeasurePlan, cloud_plan
from console.model.text import SafeText
from console.session.album import Album
from console.session.clock import utc_now
from console.session.cloud_watch import CloudWatch
from console.session.costs.cloud_costs import CloudCosts
from console.session.costs.price_cache import PriceCache
from console.session.engine_session import Session
from console.session.history.cloud_history import CloudHistory
from console.session.history.keeper import HistoryKeeper
from console.session.local_beside import LocalBeside
from console.session.log_feed import LogFeed
from console.session.measuring import Say, TracedMaker, measured
from console.session.models_watch import Bucket, ModelsWatch
from console.session.models_work import ModelsWork
from console.session.polling import Intervals
from console.session.racing import first_of
from console.session.run_queue import RunQueue
from console.session.service_caller import ServiceCaller
from console.session.snapshots import Memory, Snapshots, memory_of
from console.sources.base import (
    EngineFailed,
    IdentitySource,
    LogSource,
    MeterSource,
    MetricSource,
    Offline,
    PriceSource,
    RegistrySource,
    ServiceSource,
    SourceError,
    StorageSource,
)
from console.sources.tools import BUNDLED
from console.sources.writing import UploadSource
from console.store import Store
from console.terminal.sanitise import sanitise
from engine.schema import GenerationRequest

if TYPE_CHECKING:
    from console.sources.google_channel import GoogleCloud

_USUAL: Final = Intervals()
_AGAIN_SECONDS: Final = 30.0
_KEEP_SECONDS: Final = 30.0
_NO_RESTART: Final = tr_later(
    "Cloud Run starts and ends instances by itself; deploy the service again to have new ones"
)


Lost = Callable[[], Coroutine[Any, Any, None]]
"""Ends, or raises `SourceError`, when the way to a cloud is no longer there."""


Caller = Callable[[Callable[[], Awaitable[ServiceFacts]], IdentitySource], TracedMaker]
"""Returns who makes pictures by the service that the first one tells of."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """A way to a service: who tells of it, of its log, who we are to it, and when it is lost.

    `metrics` tells what is measured, where something is, and `storage` what is in buckets;
    `prices` what Google charges, `registry` which images are kept, and `meters` what was used. By
    `uploads` objects are put into buckets, and `caller` makes pictures.
    """

    name: ServiceName
    services: ServiceSource
    logs: LogSource
    identity: IdentitySource
    lost: Lost
    metrics: MetricSource | None = None
    storage: StorageSource | None = None
    prices: PriceSource | None = None
    registry: RegistrySource | None = None
    meters: MeterSource | None = None
    uploads: UploadSource | None = None
    caller: Caller = ServiceCaller

    @classmethod
    def through(cls, google: GoogleCloud, name: ServiceName, lost: Lost) -> Cloud:
        """Return the way to a service by a connection to Google Cloud."""
        return cls(
            name,
            google.services,
            google.logs,
            google.identity,
            lost,
            google.metrics,
            google.storage,
            google.prices,
            google.registry,
            google.meters,
            google.uploads,
        )


class CloudSession:
    """One console session with the service that `open_cloud` leads to.

    Pictures can be asked of an engine on this machine too; `beside` opens its session, given a
    store of its own and the one for runs and pictures.

    `open_cloud` may take its time and raise `SourceError`; it is tried again then. With
    `keep_pictures` every picture is saved to the configured directory; what is known is kept in
    `snapshots`, for the next session to begin with, and prices in `price_cache`. What outlives the
    log is kept in the file `history`. `zone` is the one whose days and months count for costs.
    `environment` is what a process that looks into model files inherits, and `monotonic` a clock
    in seconds, by which pictures are timed.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        open_cloud: Callable[[], AbstractAsyncContextManager[Cloud]],
        *,
        clock: Callable[[], datetime] = utc_now,
        jitter: Callable[[], float] = random.random,
        keep_pictures: bool = True,
        again_seconds: float = _AGAIN_SECONDS,
        snapshots: Snapshots | None = None,
        intervals: Intervals = _USUAL,
        beside: Callable[[Store, Store], Session] | None = None,
        zone: tzinfo = UTC,
        price_cache: PriceCache | None = None,
        history: Path | None = None,
        environment: Mapping[str, str] = os.environ,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._environment = environment
        self._open_cloud = open_cloud
        self._clock = clock
        self._jitter = jitter
        self._again_seconds = again_seconds
        self._context = config.context
        self._snapshots = snapshots
        self._kept_at = store.service.fresh.service.at
        self._watch = CloudWatch(store, config.context, clock, jitter, intervals)
        self._album = Album(
            config.pictures_directory,
            clock,
            lambda why: self._watch.say(Severity.ERROR, why),
            keep=keep_pictures,
            maker=config.context,
        )
        self._runs = RunQueue(store, self._album.add, _as_it_is, Target.DEPLOYED, monotonic)
        here = beside or self._session_beside(config, keep_pictures, history)
        self._beside = LocalBeside(store, here)
        self._history = HistoryKeeper(
            store,
            config.context,
            clock,
            lambda why: self._watch.say(Severity.WARNING, why),
            history,
        )
        self._costs = CloudCosts(
            store,
            self._watch,
            self._history,
            clock,
            jitter,
            intervals,
            zone=zone,
            cache=price_cache,
        )
        self._watch.listed = self._costs.questions.listed
        self.models = self._model_files(config)
        self._costs.told = self.models.watch.changed
        self._feed: LogFeed | None = None
        self._caller: TracedMaker | None = None

    async def run(self) -> None:
        """Keep the store true until cancelled."""
        try:
            await first_of(
                self._look_after(),
                self._remember(),
                self._beside.run(),
                self._costs.run(),
                self._history.run(),
                self.models.watch.run(),
            )
        finally:
            await self.models.close()
            self._keep(self._news())
            self._history.close()

    def _session_beside(
        self, config: Config, keep: bool, history: Path | None
    ) -> Callable[[Store, Store], Session]:
        here = replace(config, context=LOCAL)

        def opened(own: Store, pictures: Store) -> Session:
            return Session(
                own,
                here,
                clock=self._clock,
                keep_pictures=keep,
                pictures=pictures,
                history=history,
            )

        return opened

    def _model_files(self, config: Config) -> ModelsWork:
        """Return what looks after model files; the sandbox practises with those of the demo."""
        here = BUNDLED if in_sandbox(config.context) else None
        if config.models is not None:
            here = Path(config.models)
        bucket = Bucket(lambda: self._costs.questions.bucket, lambda: self._costs.prices)
        watch = ModelsWatch(self.store, here, self._environment, self._clock, bucket)
        return ModelsWork(
            self.store, watch, self._environment, mounts=True, relist=self._watch.refresh
        )

    async def _look_after(self) -> None:
        while True:
            try:
                async with self._open_cloud() as cloud:
                    await self._live(cloud)
            except SourceError as error:
                self._runs.fail_running(error.message)
                self._watch.failed(error.message)
            await asyncio.sleep(self._again_seconds * (0.75 + self._jitter() / 2))

    def submit(self, request: GenerationRequest, to: Target | None = None) -> Run:
        """Take a request for the service, or for an engine on this machine, in its turn.

        Raises `InvalidRequest` for one that never can be carried out.
        """
        return self._beside.submit(request) if to is Target.LOCAL else self._runs.submit(request)

    def cancel(self) -> bool:
        """Cancel the run being made, else the last one waiting, here and there; False if none."""
        there, here = self._runs.cancel(), self._beside.cancel()
        return there or here

    async def restart(self) -> None:
        """Refuse, with a `SourceError` that says why: instances are not the console's to end."""
        raise EngineFailed(sanitise(tr(_NO_RESTART)))

    def refresh(self) -> None:
        """Ask everything now."""
        self._watch.refresh()
        self.models.watch.look()

    def pause(self) -> bool:
        """Ask nothing more until this is called again; returns whether it is paused now."""
        return self._watch.pause()

    def reckon(self, free: FreeTier) -> None:
        """Reckon costs with so much of the free tier from now on."""
        self._costs.reckon(free)

    def measure_plan(self) -> MeasurePlan:
        """Return what measuring a cold start would do and cost."""
        return cloud_plan(self.store.service, self.store.cost)

    async def measure_start(self, say: Say) -> Measured:
        """Wait until the service is at zero, wake it, and say how long that took.

        Raises `SourceError`; cancel it at any time.
        """
        if self._caller is None:
            words = tr("no start can be measured now: there is no way to the cloud")
            raise Offline(sanitise(words))
        return await measured(self.store, self._caller, say)

    async def save(self, picture: MadePicture, path: Path | None = None) -> Path:
        """Save a copy and return where; nothing is ever overwritten. Raises `OSError`."""
        return await self._album.save(picture, path)

    @property
    def known(self) -> HistoryKeeper:
        """What is known of starts and lives, in this session and before."""
        return self._history

    async def older_starts(self) -> bool:
        """Show older starts, as many again; says whether there were any."""
        return await self._history.more()

    @property
    def log_begins(self) -> datetime | None:
        """From when on every line of the log is in the store; None as long as nobody knows."""
        return None if self._feed is None else self._feed.begins

    async def search_log(
        self, query: LogQuery, since: datetime, limit: int
    ) -> tuple[LogRecord, ...]:
        """Put the latest `limit` lines that `query` means into the store, and return them all.

        Raises `SourceError`.
        """
        if self._feed is None:
            raise Offline(sanitise(tr("the log cannot be read now: there is no way to the cloud")))
        return await self._feed.search(query, since, limit)

    async def close(self) -> None:
        """End what was started: nothing outlives `run`."""

    async def _remember(self) -> None:
        """Keep what is known on disk, now and then."""
        while True:
            await asyncio.sleep(_KEEP_SECONDS)
            await asyncio.to_thread(self._keep, self._news())

    def _news(self) -> Memory | None:
        """Return what is worth keeping, if anything was answered since the last time."""
        memory = memory_of(self.store, self._context)
        if memory is None or memory.kept_at == self._kept_at:
            return None
        self._kept_at = memory.kept_at
        return memory

    def _keep(self, memory: Memory | None) -> None:
        if self._snapshots is not None and memory is not None:
            # What cannot be kept is asked for again the next time; nobody misses it now.
            with suppress(OSError):
                self._snapshots.keep(memory)

    async def _live(self, cloud: Cloud) -> None:
        watch = self._watch
        history = CloudHistory(
            self.store, self._history, cloud.logs, cloud.name, self._clock, self._jitter
        )

        def heard(record: LogRecord) -> None:
            history.note(record)
            watch.heard(record)

        feed = LogFeed(cloud.logs, cloud.name, heard, watch.log_trouble, self._clock, self._jitter)
        self._feed = feed
        self.models.reach(cloud)
        try:
            await first_of(
                watch.follow(cloud.services, cloud.name, cloud.metrics, cloud.storage),
                feed.run(),
                history.run(cloud.services, feed),
                self._costs.ask(cloud),
                self._make_pictures(cloud),
                cloud.lost(),
            )
        finally:
            self._feed = self._caller = None
            self.models.reach(None)

    async def _make_pictures(self, cloud: Cloud) -> None:
        await self._watch.facts()
        self._caller = cloud.caller(self._watch.facts, cloud.identity)
        await self._runs.drain(self._caller)


async def _as_it_is(error: SourceError) -> SafeText:
    return error.message
