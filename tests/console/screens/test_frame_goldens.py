"""What the frame itself shows: help, tabs, command line, zoom, commands by hand, last errors."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from cloud_scenes import SOON, clock, cloud_scene, without
from console_scenes import opened, settled, text_of, write
from cost_screen_scenes import cost_scene
from deploy_screen_scenes import at_deploy, deploy_scene
from in_languages import in_every_language
from model_file_scenes import models_scene
from start_scenes import STARTS

from console.app import ConsoleApp
from console.model.freshness import Standing
from console.model.text import SafeText
from console.modes import MODES
from console.store import Store

SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
CONTEXT = "sandbox/local-1/zimage"
LINES = {
    "empty": "",
    "begun": "co",
    "unknown": "lgos",
    "context": "context ",
    "no-such-language": "lang fr",
    "gated": "resta",
}


def panel_of(app: ConsoleApp, selector: str = ".panel") -> str:
    """The characters of the panel that is open; what lies behind it is another's to look at."""
    region = app.screen.query_one(selector).region
    strips = app.screen._compositor.render_strips()[region.y : region.bottom]
    rows = [strip.crop(region.x, region.right).text.rstrip() for strip in strips]
    return "\n".join(rows) + "\n"


def everything() -> Store:
    """A store in which every screen has something to show."""
    store = cloud_scene("awake")
    store.set_starts(STARTS["slow"])
    store.set_cost(cost_scene("awake").cost)
    store.set_models(models_scene("differs").models)
    return store


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_help_of_every_screen(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    async with opened(everything(), SIZES[size], restarts=False, clock=clock()) as (app, pilot):
        for mode in MODES:
            await app.show_screen(mode)
            await settled(app, pilot)
            app.screen.set_focus(None)
            await pilot.press("question_mark")
            await settled(app, pilot)
            matches_golden(f"frame-help-{mode}-{size}", panel_of(app))
            await pilot.press("escape")


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", LINES)
async def test_the_command_line(
    name: str, size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    async with opened(everything(), SIZES[size], restarts=False, clock=clock()) as (app, pilot):
        await pilot.press("3", "colon")
        await settled(app, pilot)
        if line := LINES[name]:
            write(app, line, "command")
        if name in ("unknown", "no-such-language", "gated"):
            await pilot.press("enter")
        await settled(app, pilot)
        matches_golden(f"frame-command-{name}-{size}", panel_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_one_pane_alone(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    async with opened(everything(), SIZES[size], restarts=False, clock=clock()) as (app, pilot):
        for mode in ("overview", "logs"):
            await app.show_screen(mode)
            await pilot.press("z")
            await settled(app, pilot)
            matches_golden(f"frame-zoom-{mode}-{size}", text_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_tabs_and_keys_of_every_screen(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    shown = []
    async with opened(everything(), SIZES[size], restarts=False, clock=clock()) as (app, pilot):
        for mode in MODES:
            await app.show_screen(mode)
            await settled(app, pilot)
            shown += [panel_of(app, selector) for selector in ("ScreenTabs", "KeyBar")]
    matches_golden(f"frame-rows-{size}", "".join(shown))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_commands_by_hand(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    async with opened(
        everything(), SIZES[size], restarts=False, clock=clock(), context=CONTEXT
    ) as (app, pilot):
        for mode in MODES[:-1]:
            await app.show_screen(mode)
            if mode == "generate":
                write(app, "a red fox")
            if mode == "logs":
                await pilot.press("v", "v")
            await settled(app, pilot)
            app.screen.set_focus(None)
            await pilot.press("C")
            await settled(app, pilot)
            matches_golden(f"frame-by-hand-{mode}-{size}", panel_of(app))
            await pilot.press("escape")


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_the_commands_of_a_plan_by_hand(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    async with at_deploy(deploy_scene("fresh"), size=SIZES[size]) as (app, pilot):
        await settled(app, pilot)
        await pilot.press("C")
        await settled(app, pilot)
        matches_golden(f"frame-by-hand-plan-{size}", panel_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_the_last_errors(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    store = everything()
    async with opened(store, SIZES[size], restarts=False, clock=clock()) as (app, pilot):
        await pilot.press("exclamation_mark")
        await settled(app, pilot)
        matches_golden(f"frame-errors-none-{size}", panel_of(app))
        await pilot.press("escape")
        frame, now = app.frame, clock()()
        known = without("log", Standing.DENIED, "not allowed to read", "logging.logEntries.list")
        frame.troubles.look({"Log": known.log}, now)
        offline = "cannot read sandbox/local-1/zimage: monitoring.googleapis.com is out of reach"
        known = without("metrics", Standing.ERROR, offline)
        assert known.metrics.again_at == SOON
        frame.troubles.look({"Metrics": known.metrics}, now)
        known = without("access", Standing.ERROR, "no answer")
        frame.troubles.look({"Access": known.access}, now)
        frame.troubles.look({"Access": cloud_scene("awake").service.fresh.service}, now)
        for _ in range(3):
            frame.said(SafeText("models: refused by hand"), error=False)
        await pilot.press("exclamation_mark")
        await settled(app, pilot)
        matches_golden(f"frame-errors-{size}", panel_of(app))


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_the_palette(
    size: str, matches_golden: Callable[[str, str], None], language: str
) -> None:
    async with opened(everything(), SIZES[size], restarts=False, clock=clock()) as (app, pilot):
        await pilot.press("3", "ctrl+p")
        await settled(app, pilot)
        matches_golden(f"frame-palette-{size}", panel_of(app, "#--container"))
