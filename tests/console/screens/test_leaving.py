"""Leaving while files are on their way: asked once, and nothing is lost by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from cloud_scenes import NOW
from console_scenes import opened, settled, text_of
from in_languages import in_every_language
from model_file_scenes import PUSHING, models_scene

from console.model.images import Run, RunState
from console.model.models.snapshot import Job, Stage, Work
from console.screens.modals.confirm import ConfirmScreen
from engine.schema import GenerationRequest


@in_every_language
@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
async def test_quitting_asks_once_and_says_what_stops(
    size: tuple[int, int], matches_golden: Callable[[str, str], None]
) -> None:
    async with opened(
        models_scene("pushing"), size, restarts=False, clock=lambda: NOW, on="models"
    ) as (app, pilot):
        await pilot.press("q")
        await settled(app, pilot)
        matches_golden(f"models-leaving-{size[0]}x{size[1]}", text_of(app))
        await pilot.press("n")
        assert not isinstance(app.screen, ConfirmScreen)
        assert app.return_code is None
        await pilot.press("q", "y")
        assert app.return_value == 0


async def test_who_asks_to_quit_twice_has_answered() -> None:
    async with opened(models_scene("pushing"), restarts=False, clock=lambda: NOW) as (app, pilot):
        await pilot.press("ctrl+q")
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("ctrl+q")
        assert app.return_value == 0


@pytest.mark.parametrize(
    "job",
    [
        None,
        Job(Work.PUSH, PUSHING, Stage.DONE),
        Job(Work.PUSH, PUSHING, Stage.STOPPED),
        Job(Work.VERIFY, PUSHING),
    ],
    ids=["nothing", "done", "stopped", "verify"],
)
async def test_what_would_lose_nothing_is_left_without_a_question(job: Job | None) -> None:
    store = models_scene("pushing")
    store.set_models(replace(store.models, job=job))
    async with opened(store, restarts=False, clock=lambda: NOW) as (app, pilot):
        await pilot.press("q")
        assert app.return_value == 0


async def test_ctrl_c_says_what_the_second_one_stops() -> None:
    async with opened(models_scene("pushing"), (120, 36), restarts=False, clock=lambda: NOW) as (
        app,
        pilot,
    ):
        await pilot.press("ctrl+c")
        await settled(app, pilot)
        shown = text_of(app)
        assert "a push goes on" in shown
        assert "press ctrl+c again to stop it and quit" in shown
        await pilot.press("ctrl+c")
        assert app.return_value == 0


async def test_another_context_is_gone_to_only_when_that_is_confirmed() -> None:
    store = models_scene("pushing")
    store.put_run(Run(1, GenerationRequest("a red circle"), RunState.RUNNING, total=8))
    async with opened(store, (120, 36), restarts=False, clock=lambda: NOW) as (app, pilot):
        app.switch.chosen("sandbox")
        await settled(app, pilot)
        shown = text_of(app)
        assert "A push goes on: 6.1 GB of 7.8 GB sent; what has arrived is kept." in shown
        assert "1 picture is not finished. Leave local and cancel?" in shown
        await pilot.press("enter")
        await settled(app, pilot)
        assert app.surroundings.context == "local"
        assert store.models.job is not None
        assert store.models.job.running
