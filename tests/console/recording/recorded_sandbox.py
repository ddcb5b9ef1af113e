"""A short session with a sandbox put on record, and the session that replays it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from cloud_of_sandbox import joined
from running_session import run_ended, until

from console.config import Config
from console.contexts.opening import SANDBOX_SERVICE
from console.contexts.session_life import SessionLike
from console.model.contexts import SANDBOX
from console.model.service import ServiceState
from console.recording.clock import ReplayClock
from console.recording.reader import Recording, read
from console.recording.recorded_cloud import recorded_way
from console.recording.recorder import Recorder
from console.recording.replayer import Replayer
from console.recording.sessions import replayed_session
from console.recording.writer import Writer, open_new
from console.session.cloud_session import Cloud, CloudSession
from console.session.engine_session import utc_now
from console.session.polling import Intervals
from console.store import Store
from engine.schema import GenerationRequest, Size

OFTEN = Intervals(calm=0.3, changing=0.1, seldom=0.5)
PROMPT = GenerationRequest("a red circle", size=Size(64, 64), steps=2, seed=7)


def recorder(path: Path, monotonic: Callable[[], float] = time.monotonic) -> Recorder:
    writer = Writer(open_new(path), path.name)
    return Recorder(writer, utc_now, monotonic, "test")


@asynccontextmanager
async def at_work(session: SessionLike) -> AsyncIterator[None]:
    """Run a session, and end it."""
    task = asyncio.create_task(session.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def record_a_picture(config: Config, directory: Path, path: Path) -> Store:
    """Record how a prompt wakes the service of a sandbox, and return what was known at the end."""
    recording = recorder(path)
    recording.begin(SANDBOX)
    store = Store()
    async with joined(directory) as there:
        google = there.cloud

        @asynccontextmanager
        async def opened() -> AsyncIterator[Cloud]:
            yield Cloud.through(google, SANDBOX_SERVICE, asyncio.Event().wait)

        session = CloudSession(
            store, config, recorded_way(opened, recording), intervals=OFTEN, keep_pictures=False
        )
        async with at_work(session):
            await until(store, lambda: store.service.state is ServiceState.AT_ZERO)
            session.submit(PROMPT)
            await run_ended(store, 1)
            await until(store, lambda: any(each.ended for each in store.starts.starts))
            await until(store, lambda: store.service.weights is not None)
    recording.close()
    assert recording.problem is None
    return store


def replaying(config: Config, path: Path, speed: float) -> tuple[Store, SessionLike, Recording]:
    """Return the session that replays a recording, and its store."""
    recording = read(path)
    clock = ReplayClock(recording.header.recorded_at, recording.seconds, speed, time.monotonic)
    store = Store()
    return store, replayed_session(store, config, Replayer(recording, clock)), recording
