"""From this machine to a practice cloud and back, with real engines and the real sandbox."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from console_scenes import settled, text_of
from running_session import run_ended, service, until
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.config import Config
from console.contexts.destinations import Destinations
from console.contexts.recents import Recents, utc_now
from console.model.images import RunState, Target
from console.model.service import ServiceState
from console.screens.base import Surroundings
from console.store import Store


@asynccontextmanager
async def console(
    config: Config, recents: Path, context: str
) -> AsyncIterator[tuple[ConsoleApp, Pilot[int]]]:
    places = Destinations(config, Recents(recents, utc_now))
    app = ConsoleApp(
        Surroundings(Store(), time.monotonic, context=context, restarts=places.restarts(context)),
        lambda store: places.open_session(context, store),
        places=places,
        repaint_interval=0.0,
    )
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        try:
            yield app, pilot
        finally:
            await app.end_session()


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered, the sandbox's state too, belongs to this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


async def choose(app: ConsoleApp, pilot: Pilot[int], text: str) -> None:
    """Choose by typing; the app's worker that goes there is waited for, pictures are not."""
    await pilot.press("c", *text, "enter")
    await until_context(app, text)


async def until_context(app: ConsoleApp, context: str) -> None:
    for worker in tuple(app.workers):
        if worker.group == "switch":
            await worker.wait()
    assert app.surroundings.context == context


async def test_there_and_back_the_engine_of_each_context_ends_with_it(
    config: Config, tiny_model_directory: Path, tmp_path: Path
) -> None:
    recents = tmp_path / "contexts.json"
    here = replace(config, models=str(tiny_model_directory))
    async with console(here, recents, "local") as (app, pilot):
        await service(app.store, ServiceState.READY)
        engine = app.store.service.pid
        assert engine is not None

        await choose(app, pilot, "sandbox")
        with pytest.raises(ProcessLookupError):
            os.kill(engine, 0)
        await service(app.store, ServiceState.AT_ZERO)
        await settled(app, pilot)
        assert "sandbox › local-1 › zimage" in text_of(app)

        await choose(app, pilot, "local")
        await service(app.store, ServiceState.READY)
    assert [recent.context for recent in Recents(recents, utc_now).load()] == ["local", "sandbox"]


async def test_one_prompt_becomes_the_same_picture_by_the_service_and_by_this_machine(
    config: Config, tmp_path: Path
) -> None:
    async with console(config, tmp_path / "contexts.json", "sandbox") as (app, pilot):
        await service(app.store, ServiceState.AT_ZERO)
        await pilot.press("f5", "ctrl+t", "ctrl+t", *"a red circle", "enter")
        await until(app.store, lambda: app.store.beside is not None)
        runs = [await run_ended(app.store, number) for number in (1, 2)]
        assert [run.state for run in runs] == [RunState.DONE] * 2, [run.problem for run in runs]
        assert [run.target for run in runs] == [Target.LOCAL, Target.DEPLOYED]
        await settled(app, pilot)
        shown = text_of(app)
        assert "─ Deployed ─" in shown
        assert "─ Local ─" in shown
        assert ") · identical" in shown
        assert {picture.maker for picture in app.store.gallery} == {"local", "sandbox"}
        await until(app.store, lambda: len(app.store.service.starts) == 1)
