"""The real console, driven by keys, against real engine processes: the bundled model's, or one
whose mathematics is scripted."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from console_scenes import settled, text_of
from PIL import Image
from running_session import SCRIPTED, run_ended, run_where, service
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.config import Config
from console.model.images import RunState
from console.model.service import ServiceState
from console.screens.base import Surroundings
from console.screens.generate import GenerateScreen
from console.session.engine_session import Session
from console.store import Store

Opened = tuple[ConsoleApp, Store, Pilot[int]]


@asynccontextmanager
async def console(
    config: Config, environment: dict[str, str], command: Sequence[str] | None = None
) -> AsyncIterator[Opened]:
    store = Store()
    app = ConsoleApp(
        Surroundings(store, time.monotonic),
        lambda one: Session(one, config, command=command, environment=environment),
        repaint_interval=0.0,
    )
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        try:
            yield app, store, pilot
        finally:
            await app.end_session()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_prompt_typed_while_the_engine_loads_becomes_a_picture_that_is_seen_and_saved(
    config: Config, environment: dict[str, str]
) -> None:
    async with console(config, environment) as (app, store, pilot):
        await service(store, ServiceState.STARTING)
        await pilot.press("5", *"红色的圆", "enter")
        assert store.runs[0].state is RunState.WAITING
        await settled(app, pilot)
        assert "waiting for the engine" in text_of(app)

        run = await run_ended(store, 1)
        assert run.state is RunState.DONE, run.problem
        await settled(app, pilot)

        picture = run.result
        assert picture is not None
        assert picture.path is not None
        saved = await asyncio.to_thread(picture.path.read_bytes)
        assert Image.open(BytesIO(saved)).size == (picture.size.width, picture.size.height)
        assert isinstance(app.screen, GenerateScreen)
        assert app.screen.picture.drawn == saved
        assert "▀▀▀▀" in text_of(app)
        assert f"seed {picture.seed} · saved as {picture.path.name}" in text_of(app)
        pid = store.service.pid
        assert pid is not None
    assert not is_running(pid)


async def test_an_engine_that_dies_is_explained_and_started_again_by_a_key(
    config: Config, environment: dict[str, str]
) -> None:
    async with console(config, environment, SCRIPTED) as (app, store, pilot):
        await service(store, ServiceState.READY)
        await pilot.press("g", *"die", "enter")
        run = await run_ended(store, 1)
        assert run.state is RunState.FAILED
        await service(store, ServiceState.FAILED)
        await settled(app, pilot)
        assert "✗ FAILED" in text_of(app)
        assert "out of luck" in text_of(app)
        assert "ctrl+r starts the engine again" in text_of(app)

        await pilot.press("ctrl+r")
        await service(store, ServiceState.READY)
        await pilot.press(*"a cat", "enter")
        assert (await run_ended(store, 2)).state is RunState.DONE


async def test_control_c_stops_the_picture_being_made_and_the_next_one_is_made(
    config: Config, environment: dict[str, str]
) -> None:
    async with console(config, environment, SCRIPTED) as (app, store, pilot):
        await service(store, ServiceState.READY)
        await pilot.press("5", *"stall", "enter")
        await run_where(store, 1, lambda run: run.state is RunState.RUNNING and run.step == 1)
        await settled(app, pilot)
        assert "step 1 of 8" in text_of(app)
        await pilot.press("ctrl+c")
        assert (await run_ended(store, 1)).state is RunState.CANCELLED
        await pilot.press(*"a cat", "enter")
        assert (await run_ended(store, 2)).state is RunState.DONE


async def test_a_model_directory_that_is_missing_is_one_line_and_the_console_stays(
    config: Config, environment: dict[str, str], tmp_path: Path
) -> None:
    missing = replace(config, models=str(tmp_path / "nowhere"))
    async with console(missing, environment) as (app, store, pilot):
        await service(store, ServiceState.FAILED)
        await settled(app, pilot)
        problem = store.service.problem
        assert problem is not None
        assert "nowhere" in problem
        assert "\n" not in problem
        assert problem[:30] in text_of(app)
        assert app.is_running
