from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from console_places import NOON, SERVICE, ScriptedDirectory, ScriptedPlaces, console_with
from console_scenes import settled, text_of, write
from in_languages import in_every_language
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.config import Config
from console.model.contexts import Recent
from console.model.text import SafeText
from console.sources.base import Denied, Offline

SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
DENIED = Denied(
    SafeText("cannot list projects: permission resourcemanager.projects.get is missing"),
    "resourcemanager.projects.get",
    "roles/browser",
)
OFFLINE = Offline(SafeText("cannot list projects: nothing answers"))
RECENTS = (
    Recent("sandbox", NOON - timedelta(minutes=3)),
    Recent("shop-prod/us-central1/z-image-gpu", NOON - timedelta(days=2)),
)
FOUND = ScriptedDirectory
MOMENTS: dict[str, tuple[ScriptedDirectory, Sequence[str], str]] = {
    "start": (FOUND(), (), ""),
    "typed": (FOUND(), (), "my-project/europe-west4/z-image"),
    "loading": (FOUND(projects_answer=None), ("another",), ""),
    "projects": (FOUND(), ("another",), ""),
    "denied": (FOUND(projects_answer=DENIED), ("another",), ""),
    "offline": (FOUND(projects_answer=OFFLINE, project_of_gcloud=""), ("another",), "shop-prod"),
    "regions": (FOUND(), ("another", "shop-prod"), ""),
    "services": (FOUND(), ("another", "shop-prod", "us-central1"), ""),
}


@in_every_language
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_picker_at_every_step_and_in_every_trouble(
    moment: str,
    size: str,
    language: str,
    config: Config,
    matches_golden: Callable[[str, str], None],
) -> None:
    directory, answers, typed = MOMENTS[moment]
    places = ScriptedPlaces(config, SERVICE, RECENTS, directory)
    async with console_with(places, size=SIZES[size]) as (app, pilot):
        await pilot.press("c")
        for answer in answers:
            await painted(pilot)
            app.screen.query_one(Input).value = answer
            await pilot.press("enter")
        await painted(pilot)
        app.screen.query_one(Input).value = typed
        await painted(pilot)
        matches_golden(f"picker-{moment}-{size}", panel_of(app))


def panel_of(app: ConsoleApp) -> str:
    """The characters of the panel alone, without the screen under it."""
    region = app.screen.query_one(".panel").region
    strips = app.screen._compositor.render_strips()[region.y : region.bottom]
    return "".join(f"{strip.crop(region.x, region.right).text}\n" for strip in strips)


async def painted(pilot: Pilot[int]) -> None:
    """Wait until all that is known is painted; an answer may never come."""
    for _ in range(3):
        await pilot.pause()


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_the_first_run(
    size: str, language: str, config: Config, matches_golden: Callable[[str, str], None]
) -> None:
    places = ScriptedPlaces(config, scripted=ScriptedDirectory())
    async with console_with(places, "", SIZES[size]) as (app, pilot):
        matches_golden(f"welcome-{size}", text_of(app))
        await pilot.press("3")
        await settled(app, pilot)
        matches_golden(f"welcome-cloud-{size}", panel_of(app))


@pytest.mark.parametrize("size", [(60, 16), (40, 10), (20, 3)])
async def test_a_small_terminal_shows_as_much_of_the_first_run_as_fits(
    size: tuple[int, int], config: Config
) -> None:
    async with console_with(ScriptedPlaces(config), "", size) as (app, pilot):
        await pilot.press("down", "down")
        await settled(app, pilot)
        if size[1] > 8:
            assert "Your service" in text_of(app)
        await pilot.press("up", "enter")
        await settled(app, pilot)
        assert app.surroundings.context == "sandbox"


@in_every_language
async def test_leaving_an_unfinished_picture_is_asked(
    language: str, config: Config, matches_golden: Callable[[str, str], None]
) -> None:
    async with console_with(ScriptedPlaces(config)) as (app, pilot):
        write(app, "a cat")
        await pilot.press("enter", "escape", "c", "down", "enter")
        await settled(app, pilot)
        matches_golden("confirm-80x24", panel_of(app))
