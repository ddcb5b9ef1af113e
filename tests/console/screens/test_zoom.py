"""One pane alone over the whole screen, and all of them again."""

from __future__ import annotations

import pytest
from cloud_scenes import clock, cloud_scene
from console_scenes import opened, scene, settled, text_of, write
from cost_screen_scenes import cost_scene
from deploy_screen_scenes import deploy_scene
from model_file_scenes import models_scene
from start_scenes import STARTS

from console.modes import MODES
from console.screens.base import ConsoleScreen
from console.store import Store


def everything() -> Store:
    """A store in which every screen has something to show."""
    store = cloud_scene("awake")
    store.set_starts(STARTS["slow"])
    store.set_cost(cost_scene("awake").cost)
    store.set_models(models_scene("differs").models)
    store.set_deploy(deploy_scene("fresh").deploy)
    return store


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (60, 16)], ids=str)
@pytest.mark.parametrize("mode", MODES)
async def test_z_shows_one_pane_alone_and_z_or_esc_all_again(
    mode: str, size: tuple[int, int]
) -> None:
    async with opened(everything(), size, restarts=False, clock=clock(), on=mode) as (app, pilot):
        if mode == "generate":
            await pilot.press("escape")
        await settled(app, pilot)
        screen = app.screen
        assert isinstance(screen, ConsoleScreen)
        for back in ("z", "escape"):
            await pilot.press("z")
            await settled(app, pilot)
            assert screen.maximized is not None
            assert screen.maximized.region.size == (size[0], size[1] - 1)
            assert "z All panes" in text_of(app).splitlines()[-1]
            assert "1 Overview" not in text_of(app)
            await pilot.press(back)
            await settled(app, pilot)
            assert screen.maximized is None
            assert "All panes" not in text_of(app)
            assert text_of(app).startswith(" Z-Image")


@pytest.mark.parametrize(
    ("mode", "focused"),
    [("coldstarts", "DiagnosisPane"), ("cost", "CostMeaning"), ("models", "FileFacts")],
)
async def test_the_pane_with_the_focus_goes_first(mode: str, focused: str) -> None:
    async with opened(everything(), (120, 36), restarts=False, clock=clock(), on=mode) as (
        app,
        pilot,
    ):
        pane = app.screen.query_one(focused)
        app.screen.set_focus(pane)
        await pilot.press("z")
        await settled(app, pilot)
        assert app.screen.maximized is pane


async def test_escape_leaves_the_zoom_before_anything_else() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("3", "v", "v", "z")
        await settled(app, pilot)
        assert "≥WARNING" in text_of(app)
        await pilot.press("escape")
        await settled(app, pilot)
        assert "≥WARNING" in text_of(app)
        assert "1 Overview" in text_of(app)
        await pilot.press("escape")
        await settled(app, pilot)
        assert "≥WARNING" not in text_of(app)


async def test_the_log_is_filtered_while_it_is_alone() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("3", "z", "ampersand")
        write(app, "ready", "find-text")
        await pilot.press("enter")
        await settled(app, pilot)
        assert app.screen.maximized is not None
        assert "1 of 4 lines    ready" in text_of(app)


async def test_what_gets_the_focus_is_seen() -> None:
    async with opened(scene("done"), (120, 36)) as (app, pilot):
        await pilot.press("5", "escape", "z")
        await settled(app, pilot)
        assert app.screen.maximized is not None
        await pilot.press("g", "x")
        await settled(app, pilot)
        assert app.screen.maximized is None
        assert "› " in text_of(app)


async def test_a_z_in_a_prompt_is_a_letter() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("g", "z")
        await settled(app, pilot)
        assert app.screen.maximized is None
        assert "› z" in text_of(app)


@pytest.mark.parametrize("size", [(40, 8), (20, 5), (1, 1)], ids=str)
@pytest.mark.parametrize("mode", MODES)
async def test_no_terminal_is_too_small_for_it(mode: str, size: tuple[int, int]) -> None:
    async with opened(everything(), size, restarts=False, clock=clock(), on=mode) as (app, pilot):
        await pilot.press("escape", "z")
        await settled(app, pilot)
        await pilot.press("z")
        await pilot.resize_terminal(80, 24)
        await settled(app, pilot)
        assert app.is_running
        assert text_of(app).startswith(" Z-Image")


async def test_each_screen_remembers_its_own() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("3", "z", "1")
        await settled(app, pilot)
        assert text_of(app).startswith(" Z-Image")
        await pilot.press("3")
        await settled(app, pilot)
        assert "z All panes" in text_of(app)
