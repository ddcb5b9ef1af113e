from __future__ import annotations

import pytest
from console_places import SERVICE, ScriptedPlaces, console_with
from console_scenes import made, settled, text_of, write
from deploy_screen_scenes import Desk
from textual.pilot import Pilot
from textual.widgets import Input

from console.app import ConsoleApp
from console.config import Config
from console.model.images import RunState
from console.screens.generate import GenerateScreen
from console.screens.logs import LogsScreen
from console.screens.modals.confirm import ConfirmScreen
from console.screens.modals.context_picker import ContextPicker
from console.screens.overview import OverviewScreen
from console.screens.welcome import WelcomeScreen
from console.store import Store


@pytest.fixture
def places(config: Config) -> ScriptedPlaces:
    return ScriptedPlaces(config)


async def choose(app: ConsoleApp, pilot: Pilot[int], text: str) -> None:
    await pilot.press("c")
    app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await settled(app, pilot)


async def test_another_context_ends_the_session_of_the_old_one_before_it_begins(
    places: ScriptedPlaces,
) -> None:
    async with console_with(places) as (app, pilot):
        before = app.store
        await choose(app, pilot, "sandbox")
        assert app.surroundings.context == "sandbox"
        assert app.store is not before
        assert app.store.service.source == "sandbox"
    assert places.journal == ["local began", "local ended", "sandbox began", "sandbox ended"]


@pytest.mark.parametrize(
    ("key", "screen"), [("f1", OverviewScreen), ("f3", LogsScreen), ("f5", GenerateScreen)]
)
async def test_the_screen_stays_the_same(
    key: str, screen: type[object], places: ScriptedPlaces
) -> None:
    async with console_with(places) as (app, pilot):
        await pilot.press(key, "escape")
        await choose(app, pilot, "sandbox")
        assert isinstance(app.screen, screen)
        assert "sandbox" in text_of(app).splitlines()[0]


async def test_what_deploys_to_a_context_ends_with_it(places: ScriptedPlaces) -> None:
    desks: dict[str, Desk] = {}

    def opening(context: str, store: Store) -> Desk | None:
        assert store is app.store
        return None if context == "local" else desks.setdefault(context, Desk())

    async with console_with(places, str(SERVICE), open_deployer=opening) as (app, pilot):
        assert desks == {}
        await pilot.press("f7")
        await settled(app, pilot)
        assert desks[str(SERVICE)].asked == ["wanted"]
        await choose(app, pilot, "local")
        assert desks[str(SERVICE)].asked == ["wanted", "close"]
        assert "nothing is deployed to this machine" in text_of(app)
        await choose(app, pilot, "sandbox")
        assert desks["sandbox"].asked == ["wanted"]
    assert desks["sandbox"].asked == ["wanted", "close"]


async def test_what_the_old_context_still_says_is_not_heard(places: ScriptedPlaces) -> None:
    async with console_with(places) as (app, pilot):
        before = app.store
        await choose(app, pilot, "sandbox")
        shown = text_of(app)
        before.add_picture(made())
        await settled(app, pilot)
        assert text_of(app) == shown


async def test_pictures_and_prompts_of_this_console_come_along(places: ScriptedPlaces) -> None:
    async with console_with(places) as (app, pilot):
        app.store.add_picture(made())
        await pilot.press("f5")
        write(app, "a cat")
        await pilot.press("escape")
        await choose(app, pilot, "sandbox")
        assert app.screen.query_one("#prompt", Input).value == "a cat"
        assert app.store.gallery == (made(),)


async def test_a_service_typed_in_full_is_taken_without_asking_anybody(
    places: ScriptedPlaces,
) -> None:
    async with console_with(places) as (app, pilot):
        await choose(app, pilot, SERVICE)
        assert app.surroundings.context == SERVICE


async def test_there_and_back_again(places: ScriptedPlaces) -> None:
    async with console_with(places) as (app, pilot):
        await choose(app, pilot, "sandbox")
        await choose(app, pilot, "local")
        assert app.surroundings.context == "local"
        assert app.surroundings.restarts
    assert places.journal[-2:] == ["local began", "local ended"]


async def test_choosing_what_is_looked_at_already_changes_nothing(places: ScriptedPlaces) -> None:
    async with console_with(places) as (app, pilot):
        before = app.store
        await choose(app, pilot, "local")
        assert app.store is before
        assert "local is what you look at" in text_of(app)


async def test_while_a_picture_is_made_it_is_confirmed_and_the_picture_is_said_to_be_cancelled(
    places: ScriptedPlaces,
) -> None:
    async with console_with(places) as (app, pilot):
        before = app.store
        await pilot.press("f5")
        write(app, "a cat")
        await pilot.press("enter", "escape")
        await choose(app, pilot, "sandbox")
        assert isinstance(app.screen, ConfirmScreen)
        assert "1 picture is not finished" in text_of(app)
        await pilot.press("enter")
        await settled(app, pilot)
        assert app.store is before
        await choose(app, pilot, "sandbox")
        await pilot.press("y")
        await settled(app, pilot)
        assert app.surroundings.context == "sandbox"
        assert before.runs[-1].state is RunState.CANCELLED
        assert "1 picture is cancelled" in text_of(app)


async def test_escape_leaves_everything_as_it_was(places: ScriptedPlaces) -> None:
    async with console_with(places) as (app, pilot):
        await pilot.press("c")
        assert isinstance(app.screen, ContextPicker)
        await pilot.press("escape")
        assert isinstance(app.screen, OverviewScreen)
    assert places.journal == ["local began", "local ended"]


async def test_the_palette_goes_to_a_context_by_its_name(places: ScriptedPlaces) -> None:
    async with console_with(places) as (app, pilot):
        await pilot.press("ctrl+p", *"sandbox")
        await settled(app, pilot)
        await pilot.press("enter")
        await settled(app, pilot)
        assert app.surroundings.context == "sandbox"


async def test_without_places_there_is_nowhere_to_go() -> None:
    from console_scenes import opened, scene

    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("c")
        await settled(app, pilot)
        assert "nothing else to look after" in text_of(app)


async def test_a_first_run_asks_what_to_look_after_and_starts_nothing_before(
    places: ScriptedPlaces,
) -> None:
    async with console_with(places, context="") as (app, pilot):
        assert isinstance(app.screen, WelcomeScreen)
        await pilot.press("3", "f5", "ctrl+r", "5")
        assert places.journal == []
        await pilot.press("escape", "2")
        await settled(app, pilot)
        assert isinstance(app.screen, OverviewScreen)
        assert app.surroundings.context == "sandbox"
    assert places.journal == ["sandbox began", "sandbox ended"]


async def test_enter_takes_the_first_answer_which_is_this_machine(places: ScriptedPlaces) -> None:
    async with console_with(places, context="") as (app, pilot):
        await pilot.press("enter")
        await settled(app, pilot)
        assert app.surroundings.context == "local"


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_a_first_run_can_be_left(key: str, places: ScriptedPlaces) -> None:
    async with console_with(places, context="") as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert app.return_value == 0
    assert places.journal == []
