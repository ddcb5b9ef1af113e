"""The session: what keeps the store true, and what carries actions out.

It looks after one engine on this machine through all its lives: started, followed, restarted
after it died or when asked to, and always ended in the end. No Textual here; the screens read
the store and call the session.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final

from console.config import Config
from console.language import tr, tr_later
from console.model.contexts import LOCAL
from console.model.cost.estimate import FreeTier
from console.model.images import MadePicture, Run, Target
from console.model.log.lines import Severity
from console.model.service import ServiceSnapshot, ServiceState
from console.model.starts.measurement import Measured, MeasurePlan, local_plan
from console.model.text import SafeText
from console.session.album import Album
from console.session.clock import utc_now
from console.session.costs.cost_facts import facts_here
from console.session.costs.cost_watch import CostWatch
from console.session.costs.price_watch import PriceWatch
from console.session.engine_watch import ServiceWatch
from console.session.engines import EngineAnswers, Engines, OwnEngines, RunningEngine
from console.session.history.keeper import HistoryKeeper
from console.session.history.local_starts import LocalStarts
from console.session.measuring import Say, measured_here
from console.session.models_watch import ModelsWatch
from console.session.models_work import ModelsWork
from console.session.racing import first_of
from console.session.run_queue import RunQueue
from console.sources.base import EngineFailed, Offline, SourceError
from console.sources.local_engine import QUIET_SECONDS, serve_command
from console.sources.prices import packaged_prices
from console.sources.tools import BUNDLED
from console.store import Store
from console.terminal.sanitise import sanitise
from engine.schema import GenerationRequest, Phase, Readiness

Clock = Callable[[], datetime]

_OWN: Final = OwnEngines()
_DEATH_NEWS_SECONDS: Final = 2.0
_RESTARTED: Final = tr_later(
    "the engine was restarted before the picture was finished; ask for it again"
)


class Session:
    """One console session: the engine it looks after and the prompts it was given.

    `command` starts the engine, the bundled one when it is None; `environment` is what the engine
    inherits. With `keep_pictures` every picture is saved to the configured directory. Runs and
    pictures go to the store `pictures`, if that is another. Starts are kept in the file `history`.
    `zone` is the one whose days and months count for costs. `engines` starts engines and reaches
    them, and `monotonic` is a clock in seconds, by which pictures are timed.
    """

    def __init__(
        self,
        store: Store,
        config: Config,
        *,
        clock: Clock = utc_now,
        command: Sequence[str] | None = None,
        environment: Mapping[str, str] = os.environ,
        jitter: Callable[[], float] = random.random,
        keep_pictures: bool = True,
        quiet_limit: float = QUIET_SECONDS,
        pictures: Store | None = None,
        zone: tzinfo = UTC,
        history: Path | None = None,
        engines: Engines = _OWN,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self.config = config
        self._engines = engines
        self._clock = clock
        self._command = serve_command(config.models) if command is None else list(command)
        self._environment = environment
        self._quiet_limit = quiet_limit
        self._watch = ServiceWatch(store, clock, jitter)
        self._album = Album(
            config.pictures_directory,
            clock,
            lambda why: self._watch.log(Severity.ERROR, why),
            keep=keep_pictures,
        )
        self._runs = RunQueue(
            pictures or store, self._album.add, self._explained, monotonic=monotonic
        )
        known = self._history = HistoryKeeper(
            store,
            LOCAL,
            clock,
            lambda why: self._watch.log(Severity.WARNING, why),
            history,
        )
        self._starts = LocalStarts(store, pictures or store, known, clock)
        prices = PriceWatch(packaged_prices(), None, clock, jitter)
        self._costs = CostWatch(
            store, lambda: facts_here(store.starts, known), known, prices, clock, zone=zone
        )
        models = BUNDLED if config.models is None else Path(config.models)
        files = ModelsWatch(store, models, environment, clock)
        self.models = ModelsWork(store, files, environment, mounts=False)
        self._engine: RunningEngine | None = None
        self._restart = asyncio.Event()
        self._closed = asyncio.Event()

    async def run(self) -> None:
        """Start the engine and keep the store true until cancelled or closed.

        However it ends, the engine has ended with it.
        """
        try:
            await first_of(
                self._look_after(),
                self._costs.run(),
                self._history.run(),
                self.models.watch.run(),
            )
        finally:
            try:
                await self.models.close()
                await self.close()
            finally:
                self._history.close()

    async def _look_after(self) -> None:
        while not self._closed.is_set():
            self._restart.clear()
            try:
                await self._live()
            except SourceError as error:
                self._runs.fail_running(error.message)
                self._watch.failed(error.message)
                await first_of(self._restart.wait(), self._closed.wait())

    def submit(self, request: GenerationRequest, to: Target | None = None) -> Run:
        """Take a request; it is carried out when its turn comes and the engine is ready.

        Whatever `to` says, there is only the engine on this machine. Raises `InvalidRequest` for
        a request that never can be carried out.
        """
        return self._runs.submit(request)

    def cancel(self) -> bool:
        """Cancel the run being made, else the last one waiting; False when there is none."""
        return self._runs.cancel()

    def give_up(self, problem: SafeText) -> None:
        """Fail every picture that is not finished, because of `problem`."""
        self._runs.fail_all(problem)

    async def restart(self) -> None:
        """End the engine and start a new one; what waits is kept."""
        self._restart.set()
        if self._engine is not None:
            await self._engine.stop()

    def refresh(self) -> None:
        """Look at the model files anew; the engine itself tells of every change."""
        self.models.watch.look()

    def pause(self) -> bool:
        """Pause nothing, for the same reason; returns False."""
        return False

    @property
    def known(self) -> HistoryKeeper:
        """What is known of starts and lives, in this session and before."""
        return self._history

    async def older_starts(self) -> bool:
        """Show older starts, as many again; says whether there were any."""
        return await self._history.more()

    def reckon(self, free: FreeTier) -> None:
        """Reckon costs with so much of the free tier from now on."""
        self._costs.reckon(free)

    def measure_plan(self) -> MeasurePlan:
        """Return what measuring a start would do."""
        return local_plan(self.store.service, self.store.starts)

    async def measure_start(self, say: Say) -> Measured:
        """Start the engine again, and say how long that took; raises `SourceError`."""
        return await measured_here(self.store, self.restart, self._maker, say)

    async def _maker(self) -> EngineAnswers:
        """Return a client of the engine that runs now; raises `SourceError`."""
        engine = self._engine
        if engine is None:
            raise EngineFailed(sanitise(tr("the engine does not run")))
        return await self._engines.connect(await engine.opened(self._quiet_limit), engine.key)

    async def save(self, picture: MadePicture, path: Path | None = None) -> Path:
        """Save a copy and return where; nothing is ever overwritten. Raises `OSError`."""
        return await self._album.save(picture, path)

    async def close(self) -> None:
        """End the engine; within a quarter of a second, if need be by force."""
        self._closed.set()
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.stop()
        self._starts.ended()
        self._watch.stopped()

    async def _live(self) -> None:
        """Look after one engine until a restart is asked for; raises `SourceError` if it fails."""
        self._watch.began(
            ServiceSnapshot(
                state=ServiceState.STARTING,
                models_directory=self.config.models,
                readiness=Readiness(
                    False, Phase.PROCESS_START, 0, tr("starting the engine process")
                ),
            )
        )
        self._starts.began()
        engine = await self._engines.start(
            self._command, self._environment, self._watch.heard, self._clock
        )
        self._engine = engine
        try:
            await first_of(
                self._follow(engine),
                self._death(engine),
                self._restart.wait(),
                self._closed.wait(),
            )
            self._runs.fail_running(sanitise(tr(_RESTARTED)))
        except Offline as error:
            raise EngineFailed(await self._explained(error)) from None
        finally:
            self._engine = None
            await engine.stop()

    async def _follow(self, engine: RunningEngine) -> None:
        """Follow an engine from its first sign of life; raises `SourceError`."""
        service = self.store.service
        self.store.set_service(replace(service, pid=engine.pid))
        url = await engine.opened(self._quiet_limit)
        client = await self._engines.connect(url, engine.key)
        try:
            self.store.set_service(replace(self.store.service, url=url))
            await self._watch.until_ready(client)
            await first_of(self._runs.drain(client), self._watch.while_ready(client))
        finally:
            await client.aclose()

    async def _death(self, engine: RunningEngine) -> None:
        reason = await engine.ended()
        if not (self._restart.is_set() or self._closed.is_set()):
            raise EngineFailed(reason)

    async def _explained(self, error: SourceError) -> SafeText:
        """Prefer why the process died to the broken connection that this looked like."""
        if self._engine is None:
            return error.message
        with suppress(TimeoutError):
            async with asyncio.timeout(_DEATH_NEWS_SECONDS):
                return await self._engine.ended()
        return error.message
