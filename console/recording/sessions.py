"""Sessions of a recording: those of a context, with sources that answer from a file.

Nothing is asked of anybody, started, made or changed, and nothing is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from console.config import Config
from console.language import tr
from console.model.contexts import LOCAL
from console.model.images import Run, Target
from console.model.log.lines import Severity
from console.model.models.pull_offer import PullOffer, PullWish
from console.model.models.push_offer import PushOffer
from console.model.service import ServiceFacts, ServiceName
from console.model.starts.measurement import Measured
from console.recording.recorded_cloud import LOST, OPEN, OpenCloud
from console.recording.replayed_engines import ReplayedEngines, answer
from console.recording.replayed_pictures import NOTHING_IS_DONE, ReplayedPictures
from console.recording.replayer import Replayer, outcome
from console.session.cloud_session import Cloud, CloudSession
from console.session.engine_session import Session
from console.session.measuring import Say, TracedMaker
from console.session.models_push import Say as SayLine
from console.session.models_watch import Bucket, ModelsWatch
from console.session.models_work import ModelsWork
from console.session.polling import Intervals
from console.session.racing import first_of
from console.sources.base import EngineFailed, IdentitySource, Offline
from console.store import Store
from console.terminal.sanitise import sanitise
from engine.schema import GenerationRequest, InvalidRequest

_AGAIN_SECONDS: Final = 1.0
_LEAST_SECONDS: Final = 0.05
_STEADY: Final = 0.5


def replayed_session(
    store: Store, config: Config, replayer: Replayer
) -> ReplayedSession | ReplayedCloudSession:
    """Return the session of what was recorded; nothing happens before it runs."""
    header = replayer.recording.header
    config = replace(config, context=header.context, models=header.models)
    if header.context == LOCAL:
        return ReplayedSession(store, config, replayer)
    return ReplayedCloudSession(store, config, replayer)


def _refused() -> Offline:
    return Offline(sanitise(tr(NOTHING_IS_DONE)))


class _NoModels(ModelsWork):
    """Looks into no directory of this machine, and sends and fetches nothing."""

    def __init__(self, store: Store, watch: ModelsWatch, *, mounts: bool) -> None:
        super().__init__(store, watch, {}, mounts=mounts)

    def look_at(self, directory: str) -> None:
        """Look nowhere."""

    async def offer(self, say: SayLine) -> PushOffer:
        """Refuse."""
        raise _refused()

    async def pull_offer(self, wish: PullWish, say: SayLine) -> PullOffer:
        """Refuse."""
        raise _refused()

    def verify(self) -> None:
        """Refuse."""
        raise _refused()


class ReplayedSession(Session):
    """A session with an engine on the machine where it was recorded."""

    def __init__(self, store: Store, config: Config, replayer: Replayer) -> None:
        clock = replayer.clock
        self._pictures = ReplayedPictures(replayer, super().submit, super().cancel)
        self._lives = ReplayedEngines(replayer, self._pictures)
        self._replayer = replayer
        super().__init__(
            store,
            config,
            clock=clock.now,
            command=(),
            environment={},
            jitter=lambda: _STEADY,
            keep_pictures=False,
            engines=self._lives,
            monotonic=clock.elapsed,
        )
        self.models = _NoModels(store, ModelsWatch(store, None, {}, clock.now), mounts=False)

    async def run(self) -> None:
        """Show what was recorded, until cancelled or closed."""
        await first_of(
            super().run(),
            self._pictures.run(),
            self._lives.lives(lambda: self._restart.set()),
            _announced(self._replayer, self._watch.log),
        )

    def submit(self, request: GenerationRequest, to: Target | None = None) -> Run:
        """Refuse, by `InvalidRequest`."""
        raise InvalidRequest("prompt", tr(NOTHING_IS_DONE))

    def cancel(self) -> bool:
        """Cancel nothing: what was cancelled is cancelled again."""
        return False

    async def restart(self) -> None:
        """Refuse, by `EngineFailed`."""
        raise EngineFailed(sanitise(tr(NOTHING_IS_DONE)))

    async def measure_start(self, say: Say) -> Measured:
        """Refuse, by `Offline`."""
        raise _refused()


class ReplayedCloudSession(CloudSession):
    """A session with a service that is looked after no more."""

    def __init__(self, store: Store, config: Config, replayer: Replayer) -> None:
        clock = replayer.clock
        self._replayer = replayer
        self._pictures = ReplayedPictures(replayer, super().submit, super().cancel)
        super().__init__(
            store,
            config,
            _way(replayer, self._pictures),
            clock=clock.now,
            jitter=lambda: _STEADY,
            keep_pictures=False,
            again_seconds=_faster(_AGAIN_SECONDS, clock.speed),
            intervals=_intervals(clock.speed),
            environment={},
            monotonic=clock.elapsed,
        )

    async def run(self) -> None:
        """Show what was recorded, until cancelled."""
        await first_of(
            super().run(),
            self._pictures.run(),
            _announced(self._replayer, self._watch.say),
        )

    def submit(self, request: GenerationRequest, to: Target | None = None) -> Run:
        """Refuse, by `InvalidRequest`."""
        raise InvalidRequest("prompt", tr(NOTHING_IS_DONE))

    def cancel(self) -> bool:
        """Cancel nothing: what was cancelled is cancelled again."""
        return False

    async def measure_start(self, say: Say) -> Measured:
        """Refuse, by `Offline`."""
        raise _refused()

    def _model_files(self, config: Config) -> ModelsWork:
        bucket = Bucket(lambda: self._costs.questions.bucket, lambda: self._costs.prices)
        watch = ModelsWatch(self.store, None, {}, self._clock, bucket)
        return _NoModels(self.store, watch, mounts=True)


def _way(replayer: Replayer, pictures: ReplayedPictures) -> OpenCloud:
    def maker(
        facts: Callable[[], Awaitable[ServiceFacts]], identity: IdentitySource
    ) -> TracedMaker:
        return pictures

    @asynccontextmanager
    async def opened() -> AsyncIterator[Cloud]:
        name = await answer(replayer, OPEN, {}, ServiceName, again=False)
        source = replayer.source
        yield Cloud(
            name,
            source("services"),
            source("logs"),
            Nobody(),
            _lost(replayer),
            source("metrics"),
            source("storage"),
            source("prices"),
            source("registry"),
            source("meters"),
            caller=maker,
        )

    return opened


def _lost(replayer: Replayer) -> Callable[[], Coroutine[Any, Any, None]]:
    async def lost() -> None:
        try:
            entries = await replayer.answers(LOST, {}, again=False)
        except Offline:
            await asyncio.Event().wait()
            raise
        outcome(entries[-1].said(), "answer")

    return lost


class Nobody:
    """Whoever replays a recording is nobody to any service."""

    async def token(self, audience: str) -> str | None:
        """Refuse, by `Offline`."""
        raise _refused()


async def _announced(replayer: Replayer, say: Callable[[Severity, str], None]) -> None:
    """Say in the log what this is, what is wrong with it, and when it is over; for ever."""
    recording, clock = replayer.recording, replayer.clock
    begins = tr(
        "a replay of what was recorded on {time:%Y-%m-%d %H:%M:%S} UTC, {speed:g} times as fast",
        time=recording.header.recorded_at,
        speed=clock.speed,
    )
    say(Severity.INFO, begins)
    await clock.until(recording.seconds)
    say(Severity.INFO, tr("the recording ends here; nothing changes any more"))
    if recording.damage is not None:
        say(Severity.WARNING, recording.damage)
    await asyncio.Event().wait()


def _intervals(speed: float) -> Intervals:
    usual = Intervals()
    return Intervals(
        _faster(usual.calm, speed), _faster(usual.changing, speed), _faster(usual.seldom, speed)
    )


def _faster(seconds: float, speed: float) -> float:
    return max(_LEAST_SECONDS, seconds / speed)
