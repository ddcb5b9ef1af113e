"""Choosing a service of Google Cloud by steps."""

from __future__ import annotations

import pytest
from console_places import ScriptedDirectory, ScriptedPlaces, console_with
from console_scenes import settled, text_of
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.config import Config
from console.model.projects import GcloudSettings, Project
from console.sources.base import Denied, Offline
from console.terminal.sanitise import sanitise

DENIED = Denied(sanitise("cannot list projects: permission is missing"))


async def answer(app: ConsoleApp, pilot: Pilot[int], *texts: str) -> None:
    for text in texts:
        app.screen.query_one(Input).value = text
        await pilot.press("enter")
        await settled(app, pilot)


def places(config: Config, directory: ScriptedDirectory) -> ScriptedPlaces:
    return ScriptedPlaces(config, scripted=directory)


async def test_project_region_and_service_lead_to_a_context(config: Config) -> None:
    async with console_with(places(config, ScriptedDirectory())) as (app, pilot):
        await pilot.press("c")
        await answer(app, pilot, "another", "shop-prod", "us-central1", "z-image-gpu")
        assert app.surroundings.context == "shop-prod/us-central1/z-image-gpu"


async def test_the_project_of_gcloud_is_the_first_suggestion(config: Config) -> None:
    async with console_with(places(config, ScriptedDirectory())) as (app, pilot):
        await pilot.press("c")
        await answer(app, pilot, "another", "")
        assert "shop-test › region" in text_of(app)


async def test_names_typed_in_full_are_taken_where_listing_is_denied(config: Config) -> None:
    denied = ScriptedDirectory(DENIED, DENIED, DENIED)
    async with console_with(places(config, denied)) as (app, pilot):
        await pilot.press("c")
        await answer(app, pilot, "another")
        assert "cannot list projects: permission is missing" in text_of(app)
        await answer(app, pilot, "my-project", "europe-west4")
        assert "the services here cannot be listed" in text_of(app)
        await answer(app, pilot, "z-image")
        assert app.surroundings.context == "my-project/europe-west4/z-image"


async def test_a_whole_context_is_taken_at_the_first_question(config: Config) -> None:
    async with console_with(places(config, ScriptedDirectory(None)), context="") as (app, pilot):
        await pilot.press("3")
        await pilot.pause()
        app.screen.query_one(Input).value = "a-project/us-east1/images"
        await pilot.press("enter")
        await settled(app, pilot)
        assert app.surroundings.context == "a-project/us-east1/images"


async def test_what_cannot_be_a_name_is_refused_in_words(config: Config) -> None:
    async with console_with(places(config, ScriptedDirectory())) as (app, pilot):
        await pilot.press("c")
        await answer(app, pilot, "another", "No Such Thing!")
        assert "'No Such Thing!' cannot be a name here; type a project" in text_of(app)
        assert app.surroundings.context == "local"


async def test_escape_goes_back_one_question_at_a_time(config: Config) -> None:
    async with console_with(places(config, ScriptedDirectory())) as (app, pilot):
        await pilot.press("c")
        await answer(app, pilot, "another", "shop-prod")
        await pilot.press("escape")
        await settled(app, pilot)
        assert "images-lab" in text_of(app)
        await pilot.press("escape", "escape")
        await settled(app, pilot)
        assert not app.screen.is_modal


async def test_after_trouble_control_r_asks_again(config: Config) -> None:
    directory = ScriptedDirectory(Offline(sanitise("cannot list projects: nothing answers")))
    async with console_with(places(config, directory)) as (app, pilot):
        await pilot.press("c")
        await answer(app, pilot, "another")
        assert "nothing answers" in text_of(app)
        directory.projects_answer = (Project("found-again", sanitise("found-again")),)
        await pilot.press("ctrl+r")
        await settled(app, pilot)
        assert "found-again" in text_of(app)
        assert "nothing answers" not in text_of(app)


async def test_trouble_that_nobody_foresaw_is_said_and_names_can_be_typed(config: Config) -> None:
    class Broken(ScriptedDirectory):
        async def settings(self) -> GcloudSettings:
            raise RuntimeError("out of luck")

    async with console_with(places(config, Broken())) as (app, pilot):
        await pilot.press("c")
        app.screen.query_one(Input).value = "another"
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert "out of luck" in text_of(app)
        app.screen.query_one(Input).value = "a-project/us-east1/images"
        await pilot.press("enter")
        await settled(app, pilot)
        assert app.surroundings.context == "a-project/us-east1/images"


async def test_one_list_is_enough_when_the_other_is_denied(config: Config) -> None:
    async with console_with(places(config, ScriptedDirectory(regions_answer=DENIED))) as (
        app,
        pilot,
    ):
        await pilot.press("c")
        await answer(app, pilot, "another", "shop-prod")
        assert "us-central1" in text_of(app)
        assert "2 services" in text_of(app)


async def test_the_arrows_choose_while_the_cursor_stays_in_the_line(config: Config) -> None:
    async with console_with(places(config, ScriptedDirectory())) as (app, pilot):
        await pilot.press("c", "down", "enter")
        await settled(app, pilot)
        assert app.surroundings.context == "sandbox"


@pytest.mark.parametrize("name", ["\x1b[31m", "[bold]x[/bold]"])
async def test_hostile_names_are_harmless_text(name: str, config: Config) -> None:
    hostile = ScriptedDirectory([Project(name, sanitise(name))])
    async with console_with(places(config, hostile)) as (app, pilot):
        await pilot.press("c")
        await answer(app, pilot, "another")
        assert "\x1b" not in text_of(app)
        assert app.is_running
