"""An engine on this machine beside a service; only the mathematics is scripted."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from running_session import SCRIPTED, run_ended, run_where, until

from console.config import Config
from console.model.images import RunState, Target
from console.model.service import ServiceState
from console.session.engine_session import Session
from console.session.local_beside import LocalBeside
from console.store import Store
from engine.schema import GenerationRequest


@asynccontextmanager
async def beside(
    config: Config, environment: dict[str, str], command: Sequence[str] = SCRIPTED
) -> AsyncIterator[tuple[Store, LocalBeside]]:
    store = Store()

    def opened(own: Store, pictures: Store) -> Session:
        return Session(own, config, command=command, environment=environment, pictures=pictures)

    engine = LocalBeside(store, opened)
    task = asyncio.create_task(engine.run())
    try:
        yield store, engine
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_no_engine_is_started_before_a_picture_is_asked_for(
    config: Config, environment: dict[str, str]
) -> None:
    async with beside(config, environment) as (store, engine):
        await asyncio.sleep(0)
        assert store.beside is None
        engine.submit(GenerationRequest("a cat"))
        await until(store, lambda: store.beside is not None)


async def test_its_picture_is_kept_with_the_others_and_its_log_is_not(
    config: Config, environment: dict[str, str]
) -> None:
    async with beside(config, environment) as (store, engine):
        engine.submit(GenerationRequest("a cat", seed=5))
        run = await run_ended(store, 1)
        assert (run.state, run.target) == (RunState.DONE, Target.LOCAL)
        assert [picture.maker for picture in store.gallery] == ["local"]
        assert store.gallery[0].took is not None
        assert store.beside is not None
        assert store.beside.state is ServiceState.READY
        assert len(store.logs) == 0
        assert store.service.state is ServiceState.STOPPED


async def test_cancelling_stops_the_picture_being_made(
    config: Config, environment: dict[str, str]
) -> None:
    async with beside(config, environment) as (store, engine):
        assert not engine.cancel()
        engine.submit(GenerationRequest("stall"))
        await run_where(store, 1, lambda run: run.step == 1)
        assert engine.cancel()
        assert store.runs[0].state is RunState.CANCELLED


async def test_an_engine_that_failed_is_started_again_for_the_next_picture(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.touch()
    once = f"import os, sys; os.path.exists({str(broken)!r}) and sys.exit(3); "
    command = [sys.executable, "-c", once + f"os.execv(sys.executable, {SCRIPTED!r})"]
    async with beside(config, environment, command) as (store, engine):
        engine.submit(GenerationRequest("a cat"))
        failed = await run_ended(store, 1)
        assert failed.state is RunState.FAILED
        assert failed.problem is not None
        assert "exit code 3" in failed.problem
        broken.unlink()
        engine.submit(GenerationRequest("a dog"))
        assert (await run_ended(store, 2)).state is RunState.DONE
