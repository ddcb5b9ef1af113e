"""From the configured context to the session that looks after it.

Nothing heavy is imported here: what a context needs is imported when its session runs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from console import paths
from console.config import Config
from console.language import tr
from console.model.contexts import LOCAL, SANDBOX, in_sandbox
from console.model.service import ServiceName
from console.session.clock import utc_now
from console.sources.base import EngineFailed, ServiceSource, StorageSource
from console.sources.google_channel import Endpoints, GoogleCloud, connect
from console.sources.sandbox_process import RunningSandbox, SandboxProcess, open_sandbox
from console.sources.storage_channel import connect_storage
from console.sources.writing import UploadSource
from console.store import Store
from console.terminal.sanitise import sanitise

if TYPE_CHECKING:
    from console.recording.recorder import Recorder
    from console.session.cloud_session import Cloud, CloudSession, Lost
    from console.session.engine_session import Session
    from console.session.snapshots import Snapshots

SANDBOX_SERVICE: Final = ServiceName("sandbox", "local-1", "zimage")


def open_session(
    store: Store,
    config: Config,
    *,
    keep_pictures: bool = True,
    snapshots: Snapshots | None = None,
    zone: tzinfo = UTC,
    recorder: Recorder | None = None,
) -> Session | CloudSession:
    """Return the session for the configured context; nothing is started before it runs.

    What is known of a cloud is kept in `snapshots`, for the next session to begin with. `zone` is
    the one whose days and months count for costs. With a `recorder` everything that is answered is
    put on record, and nothing is read of what was kept before: a recording has to be whole.
    """
    if recorder is not None:
        return _recorded_session(store, config, recorder, keep_pictures, zone)
    history = paths.history_file()
    if config.context == LOCAL:
        from console.session.engine_session import Session

        return Session(store, config, keep_pictures=keep_pictures, zone=zone, history=history)
    from console.session.cloud_session import CloudSession
    from console.session.costs.price_cache import PriceCache

    return CloudSession(
        store,
        config,
        partial(open_cloud, config.context),
        keep_pictures=keep_pictures,
        snapshots=snapshots,
        zone=zone,
        price_cache=PriceCache(paths.prices_file(_cloud_name(config.context))),
        history=history,
    )


def _recorded_session(
    store: Store, config: Config, recorder: Recorder, keep_pictures: bool, zone: tzinfo
) -> Session | CloudSession:
    from console.recording.recorded_cloud import recorded_way
    from console.recording.recorded_engines import RecordedEngines
    from console.session.cloud_session import CloudSession
    from console.session.engine_session import Session
    from console.session.engines import OwnEngines

    recorder.begin(config.context, config.models)
    if config.context == LOCAL:
        engines = RecordedEngines(OwnEngines(), recorder)
        return Session(store, config, keep_pictures=keep_pictures, zone=zone, engines=engines)
    way = recorded_way(partial(open_cloud, config.context), recorder)
    return CloudSession(store, config, way, keep_pictures=keep_pictures, zone=zone)


def _cloud_name(context: str) -> str:
    """Return whose prices a context has: those of the sandbox are for practice."""
    return SANDBOX if in_sandbox(context) else "google"


@asynccontextmanager
async def open_cloud(
    context: str,
    environment: Mapping[str, str] = os.environ,
    command: Sequence[str] | None = None,
) -> AsyncIterator[Cloud]:
    """Open the way to the service of a context other than local; raises `SourceError`.

    The sandbox is one that runs already, else a child process; by `command` if that is given.
    """
    if not in_sandbox(context):
        async with _connected(ServiceName.parse(context), Endpoints(), environment, _never) as real:
            yield real
        return
    process: SandboxProcess | RunningSandbox
    if command is None:
        process = await open_sandbox(_sandbox_directory(), environment)
    else:
        process = await SandboxProcess.start(command, environment)
    try:
        async with _connected(
            service_of(context) or SANDBOX_SERVICE, process.endpoints, environment, process.lost
        ) as sandbox:
            yield sandbox
    finally:
        await process.stop()


@asynccontextmanager
async def open_google(
    context: str, environment: Mapping[str, str] = os.environ
) -> AsyncIterator[GoogleCloud]:
    """Open the way to the cloud that a context is on, Google's for a local one.

    Raises `SourceError`.
    """
    async with _endpoints(context, environment) as endpoints:
        google = await connect(endpoints, environment, utc_now)
        try:
            yield google
        finally:
            await google.aclose()


@asynccontextmanager
async def _endpoints(context: str, environment: Mapping[str, str]) -> AsyncIterator[Endpoints]:
    """Yield where the cloud of a context answers; a sandbox is started if none runs."""
    if not in_sandbox(context):
        yield Endpoints()
        return
    process = await open_sandbox(_sandbox_directory(), environment)
    try:
        yield process.endpoints
    finally:
        await process.stop()


@dataclass(frozen=True, slots=True)
class Buckets:
    """The way to the buckets of a cloud; `services` may know which one a service mounts."""

    storage: StorageSource
    uploads: UploadSource
    services: ServiceSource | None = None


@asynccontextmanager
async def open_buckets(
    context: str, *, services: bool, environment: Mapping[str, str] = os.environ
) -> AsyncIterator[Buckets]:
    """Open the way to the buckets of the cloud that a context is on, Google's for a local one.

    With `services` the way to its services too, which takes longer. Raises `SourceError`.
    """
    if services:
        async with open_google(context, environment) as google:
            yield Buckets(google.storage, google.uploads, google.services)
        return
    async with _endpoints(context, environment) as endpoints:
        storage = await connect_storage(endpoints, environment)
        try:
            yield Buckets(storage, storage)
        finally:
            await storage.aclose()


def service_of(context: str) -> ServiceName | None:
    """Return the service of a context, None for a local one."""
    if context == LOCAL:
        return None
    return SANDBOX_SERVICE if context == SANDBOX else ServiceName.parse(context)


@asynccontextmanager
async def _connected(
    name: ServiceName, endpoints: Endpoints, environment: Mapping[str, str], lost: Lost
) -> AsyncIterator[Cloud]:
    from console.session.cloud_session import Cloud

    google = await connect(endpoints, environment, utc_now)
    try:
        yield Cloud.through(google, name, lost)
    finally:
        await google.aclose()


def _sandbox_directory() -> Path:
    directory = paths.sandbox_directory()
    try:
        return paths.make_private_directory(directory)
    except OSError as error:
        raise EngineFailed(
            sanitise(
                tr(
                    "cannot make {directory} for the sandbox: {why}",
                    directory=directory,
                    why=error.strerror or error,
                )
            )
        ) from None


async def _never() -> None:
    await asyncio.Event().wait()
