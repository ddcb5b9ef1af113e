"""The starts of an engine on this machine, kept as those of a service are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from running_session import PATIENCE, SCRIPTED, child, until

from console.config import Config
from console.model.freshness import Standing
from console.model.service import ServiceState
from console.model.starts.reconstruction import LOCAL
from console.model.starts.start import FailureKind, Moment, Reason
from console.session.engine_session import Session
from console.session.history.database import History
from console.store import Store
from engine.schema import GenerationRequest, Size

PICTURE = GenerationRequest("a red circle", size=Size(64, 64), steps=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "history.sqlite3"


@asynccontextmanager
async def engine(
    path: Path,
    config: Config,
    environment: dict[str, str],
    command: Sequence[str] = SCRIPTED,
    first: GenerationRequest | None = None,
) -> AsyncIterator[Session]:
    session = Session(
        Store(), config, command=command, environment=environment, keep_pictures=False, history=path
    )
    if first is not None:
        session.submit(first)
    running = asyncio.create_task(session.run())
    try:
        yield session
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def ready(session: Session, starts: int = 1) -> None:
    store = session.store
    await until(store, lambda: store.service.state is ServiceState.READY)
    await until(store, lambda: sum(1 for each in store.starts.starts if each.total) == starts)


async def heard(session: Session, true: Callable[[], bool]) -> None:
    """Wait until what is known of lives makes `true` so."""
    changed = asyncio.Event()
    end = session.known.subscribe(changed.set)
    async with asyncio.timeout(PATIENCE):
        while not true():
            changed.clear()
            await changed.wait()
    end()


async def test_a_start_is_kept_with_its_moments_and_files(
    path: Path, config: Config, environment: dict[str, str]
) -> None:
    async with engine(path, config, environment) as session:
        await until(session.store, lambda: session.store.starts.going_on is not None)
        await ready(session)
        (start,) = session.store.starts.starts
        assert start.reason is Reason.LOCAL
        assert start.instance == f"local-{session.store.service.pid}"
        assert {Moment.PORT_OPEN, Moment.WEIGHTS_READ, Moment.READY} <= set(start.moments)
        assert [each.name for each in start.files] == ["scripted.gguf"]
        assert session.store.starts.going_on is None
        assert session.store.starts.fresh.standing is Standing.FRESH
        assert not start.waited

    async with engine(path, config, environment) as session:
        await ready(session, 2)
        assert session.store.starts.starts[1] == start


async def test_every_restart_is_one_start(
    path: Path, config: Config, environment: dict[str, str]
) -> None:
    async with engine(path, config, environment) as session:
        for count in (1, 2, 3):
            await ready(session, count)
            if count < 3:
                await session.restart()
        instances = {each.instance for each in session.store.starts.starts}
        assert len(instances) == 3
        (lives,) = session.known.lives.values()
        assert [each.end is None for each in lives] == [False, False, True]
    history = History.open(path)
    assert history.count("local") == 3
    history.close()


async def test_the_picture_that_waited_ends_its_start(
    path: Path, config: Config, environment: dict[str, str]
) -> None:
    async with engine(path, config, environment, first=PICTURE) as session:
        store = session.store
        await until(
            store, lambda: any(Moment.ANSWERED in each.moments for each in store.starts.starts)
        )
        await until(store, lambda: store.starts.starts[0].first_image is not None)
        (start,) = store.starts.starts
        (request,) = start.requests
        assert start.total is not None
        assert (request.status, request.path) == (200, "/v1/images/generations")
        assert start.moments[Moment.ANSWERED] > start.moments[Moment.READY]
        assert start.began == request.arrived

        session.submit(PICTURE)
        await until(store, lambda: len(store.gallery) == 2)
        await heard(session, lambda: len(session.known.lives[LOCAL][0].requests) == 2)
        assert [each.requests for each in store.starts.starts] == [(request,)]


async def test_an_engine_that_dies_on_the_way_is_a_start_that_failed(
    path: Path, config: Config, environment: dict[str, str]
) -> None:
    command = child("import sys; sys.exit('no such model')")
    async with engine(path, config, environment, command) as session:
        store = session.store
        await until(store, lambda: store.starts.in_all == 1)
        (start,) = store.starts.starts
        assert start.failure is not None
        assert start.failure.kind is FailureKind.EXITED
        assert "no such model" in start.failure.says
        assert store.starts.timings[0].failed
        assert store.starts.going_on is None


async def test_the_history_is_no_reason_not_to_start(
    tmp_path: Path, config: Config, environment: dict[str, str]
) -> None:
    async with engine(tmp_path, config, environment) as session:
        await ready(session)
        said = [each.message for each in session.store.logs if "cannot be kept" in each.message]
        assert len(said) == 1
