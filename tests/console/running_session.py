"""A session at work, and waiting for what its store will say."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from console.config import Config
from console.model.images import Run, RunState
from console.model.service import ServiceState
from console.session.engine_session import Session
from console.store import Store

PATIENCE = 60.0
FLAGS = ["serve", "--host", "127.0.0.1", "--port", "0", "--exit-on-stdin-eof"]
SCRIPTED = [sys.executable, str(Path(__file__).with_name("scripted_engine.py")), *FLAGS]


def child(program: str) -> list[str]:
    """Return the command of a child that runs this Python program."""
    return [sys.executable, "-c", program]


@asynccontextmanager
async def running(
    config: Config,
    environment: Mapping[str, str],
    command: list[str] | None = None,
    **settings: float,
) -> AsyncIterator[Session]:
    """Run a session of the scripted engine, or of `command`; its engine has ended afterwards."""
    session = Session(
        Store(),
        config,
        command=SCRIPTED if command is None else command,
        environment=environment,
        jitter=lambda: 0.5,
        **settings,
    )
    task = asyncio.create_task(session.run())
    try:
        yield session
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(store: Store, true: Callable[[], bool]) -> None:
    """Wait until the store makes `true` so."""
    changed = asyncio.Event()
    unsubscribe = store.subscribe(lambda _: changed.set())
    try:
        async with asyncio.timeout(PATIENCE):
            while not true():
                changed.clear()
                await changed.wait()
    except TimeoutError:
        said = "\n".join(entry.message for entry in store.logs.tail(20))
        raise AssertionError(f"never so: {store.service}\n{store.runs}\n{said}") from None
    finally:
        unsubscribe()


async def service(store: Store, state: ServiceState) -> None:
    """Wait until the service is in `state`."""
    await until(store, lambda: store.service.state is state)


async def run_ended(store: Store, number: int) -> Run:
    """Return the run with this number once it has ended."""
    return await run_where(
        store, number, lambda run: run.state not in (RunState.WAITING, RunState.RUNNING)
    )


async def run_where(store: Store, number: int, true: Callable[[Run], bool]) -> Run:
    """Return the run with this number once `true` holds for it."""
    await until(store, lambda: len(store.runs) >= number and true(store.runs[number - 1]))
    return store.runs[number - 1]
