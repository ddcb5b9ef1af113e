"""The one gate for what changes a service or costs money, tried with every action everywhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from cloud_scenes import NOW, cloud_scene
from console_scenes import opened, settled, text_of, write
from deploy_screen_scenes import deploy_scene
from model_file_scenes import models_scene
from textual.command import CommandPalette
from textual.pilot import Pilot

from console.actions import ACTIONS, Action, Scope, spelled, types_a_character
from console.app import ConsoleApp
from console.commands.carrying import Words
from console.frame import Frame
from console.modes import MODES
from console.screens.base import ConsoleScreen
from console.screens.coldstarts import ColdStartsScreen
from console.screens.cost import CostScreen
from console.screens.deploy import DeployScreen
from console.screens.generate import GenerateScreen
from console.screens.logs import LogsScreen
from console.screens.models import ModelsScreen
from console.screens.overview import OverviewScreen

SCREENS: dict[str, type[ConsoleScreen]] = {
    "overview": OverviewScreen,
    "coldstarts": ColdStartsScreen,
    "logs": LogsScreen,
    "cost": CostScreen,
    "generate": GenerateScreen,
    "models": ModelsScreen,
    "deploy": DeployScreen,
}
GATED = [each for each in ACTIONS if each.writes or each.spends]
OPENING = ("app.command", "app.palette")
"""Ways to actions: they go on doing what they do."""
MODE_OF = {screen.SCOPE: mode for mode, screen in SCREENS.items() if screen.SCOPE is not None}


@pytest.fixture
def carried_out(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the actions that were carried out; none but `OPENING` does anything."""
    called: list[str] = []

    def calls(identifier: str) -> Callable[..., None]:
        return lambda self: called.append(identifier)

    owners: dict[Scope, tuple[type, ...]] = {
        screen.SCOPE: (screen,) for screen in SCREENS.values() if screen.SCOPE is not None
    }
    owners[Scope.GLOBAL] = (ConsoleApp, Frame)
    for each in (one for one in ACTIONS if one.id not in OPENING):
        name = f"do_{each.id.partition('.')[2]}"
        for owner in owners[each.scope]:
            if hasattr(owner, name):
                monkeypatch.setattr(owner, name, calls(each.id))
    # The overview takes a prompt, too.
    monkeypatch.setattr(OverviewScreen, "do_run", calls("generate.run"))
    monkeypatch.setattr(OverviewScreen, "do_cancel", calls("generate.cancel"))
    return called


def only_to_read(on: str = "overview") -> AbstractAsyncContextManager[Any]:
    """A console that changes nothing, on a screen with all that is known of a service."""
    return opened(cloud_scene("awake"), (120, 36), restarts=False, read_only=True, on=on)


def works_on(each: Action, mode: str) -> bool:
    if each.id in OPENING or each.id.removeprefix("app.") in MODES:
        return False
    alone = each.scope is Scope.GLOBAL or each.scope is SCREENS[mode].SCOPE
    return alone or (mode == "overview" and each.id in ("generate.run", "generate.cancel"))


def test_every_mode_is_tried() -> None:
    assert tuple(SCREENS) == MODES


@pytest.mark.parametrize("mode", SCREENS)
@pytest.mark.parametrize("surroundings", [{"read_only": True}, {"live": False}], ids=str)
async def test_nothing_that_writes_or_spends_is_carried_out_anywhere(
    mode: str, surroundings: dict[str, Any], carried_out: list[str]
) -> None:
    async with opened(cloud_scene("awake"), restarts=False, **surroundings, on=mode) as (app, _):
        for each in ACTIONS:
            if not works_on(each, mode):
                continue
            carried_out.clear()
            await app.action_perform(each.id)
            gated = each.writes or each.spends
            assert carried_out == ([] if gated else [each.id]), each.id
        assert app.screen is app.screen_stack[0]


@pytest.mark.parametrize("mode", SCREENS)
async def test_without_a_gate_everything_is_carried_out(mode: str, carried_out: list[str]) -> None:
    async with opened(cloud_scene("awake"), restarts=False, on=mode) as (app, _):
        wanted = [each.id for each in ACTIONS if works_on(each, mode)]
        for each in wanted:
            await app.action_perform(each)
        assert carried_out == wanted


@pytest.mark.parametrize("each", GATED, ids=lambda each: each.id)
async def test_its_keys_are_refused_in_words(each: Action, carried_out: list[str]) -> None:
    async with only_to_read(MODE_OF.get(each.scope, "overview")) as (app, pilot):
        for key in each.keys:
            if types_a_character(key):
                app.screen.set_focus(None)
            await pilot.press(key)
            await settled(app, pilot)
            said = f"{each.label}: refused because the console is read-only"
            assert said in text_of(app), spelled(key)
        assert carried_out == []


async def asked_by_palette(pilot: Pilot[int], app: ConsoleApp, each: Action) -> None:
    await pilot.press("ctrl+p")
    assert isinstance(app.screen, CommandPalette)
    await settled(app, pilot)
    await pilot.press(*each.label.lower(), "down", "enter")
    await settled(app, pilot)


async def asked_by_name(pilot: Pilot[int], app: ConsoleApp, each: Action) -> None:
    await pilot.press("escape", "colon")
    await settled(app, pilot)
    write(app, each.id, "command")
    await pilot.press("enter")
    await settled(app, pilot)


@pytest.mark.thorough
@pytest.mark.parametrize("mode", SCREENS)
async def test_a_name_is_no_way_around_the_gate(mode: str, carried_out: list[str]) -> None:
    async with only_to_read() as (app, pilot):
        for each in GATED:
            await app.show_screen(mode)
            app.screen.set_focus(None)
            await asked_by_name(pilot, app, each)
            assert carried_out in ([], ["generate.cancel"], ["logs.clear"], ["deploy.enough"]), each
            carried_out.clear()
        assert "refused because the console is read-only" in text_of(app)


@pytest.mark.thorough
@pytest.mark.parametrize("each", GATED, ids=lambda each: each.id)
async def test_the_palette_is_no_way_around_the_gate(each: Action, carried_out: list[str]) -> None:
    async with only_to_read(MODE_OF.get(each.scope, "overview")) as (app, pilot):
        app.screen.set_focus(None)
        await asked_by_palette(pilot, app, each)
        assert each.id not in carried_out
        assert f"{each.label}: refused" in text_of(app)


@pytest.mark.parametrize(
    ("mode", "store"),
    [("models", lambda: models_scene("differs")), ("deploy", lambda: deploy_scene("fresh"))],
    ids=["models", "deploy"],
)
async def test_every_key_there_is_leads_to_no_question_that_could_be_confirmed(
    mode: str, store: Callable[[], Any]
) -> None:
    """Whatever is pressed where there would be something to do, nothing asks to do it."""
    here = (Scope.GLOBAL, SCREENS[mode].SCOPE)
    keys = [key for each in GATED if each.scope in here for key in each.keys]
    async with opened(store(), restarts=False, read_only=True, clock=lambda: NOW, on=mode) as (
        app,
        pilot,
    ):
        await pilot.press(*keys)
        await settled(app, pilot)
        assert isinstance(app.screen, SCREENS[mode])
        assert app.store.runs == ()


async def test_a_prompt_written_as_a_command_is_not_sent() -> None:
    async with opened(cloud_scene("awake"), restarts=False) as (app, pilot):
        await pilot.press("colon")
        await settled(app, pilot)
        write(app, "generate a red fox", "command")
        await pilot.press("enter")
        await settled(app, pilot)
        assert isinstance(app.screen, GenerateScreen)
        assert app.screen.form.prompt.value == "a red fox"
        assert app.store.runs == ()


def test_no_command_is_carried_out_but_by_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line has no way of its own to what an action does."""
    names = {name for name in dir(Words) if name.startswith("do_")}
    assert not names
