from __future__ import annotations

from pathlib import Path

import pytest
from console_scenes import opened, say, scene, settled, text_of, write
from textual.widgets import Input

from console.actions import ACTIONS, Scope
from console.app import ConsoleApp
from console.frame import Frame
from console.model.images import RunState
from console.model.log.lines import Severity
from console.screens.base import SCREENS
from console.screens.coldstarts import ColdStartsScreen
from console.screens.cost import CostScreen
from console.screens.deploy import DeployScreen
from console.screens.generate import GenerateScreen
from console.screens.logs import LogsScreen
from console.screens.modals.detail import DetailScreen
from console.screens.modals.help import HelpScreen
from console.screens.models import ModelsScreen
from console.screens.overview import OverviewScreen
from engine.schema import GenerationRequest, Size


def test_every_action_of_the_table_is_carried_out_somewhere() -> None:
    screens = (ColdStartsScreen, LogsScreen, CostScreen, GenerateScreen, ModelsScreen, DeployScreen)
    owners = {screen.SCOPE: (screen,) for screen in screens}
    owners[Scope.GLOBAL] = (ConsoleApp, Frame)
    assert set(owners) == set(Scope)
    for known in ACTIONS:
        name = f"do_{known.id.partition('.')[2]}"
        carried_out = any(callable(getattr(one, name, None)) for one in owners[known.scope])
        assert carried_out or known.id in SCREENS, known.id


async def test_digits_go_to_the_screens() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("3")
        assert isinstance(app.screen, LogsScreen)
        await pilot.press("1")
        assert isinstance(app.screen, OverviewScreen)
        await pilot.press("6")
        assert isinstance(app.screen, ModelsScreen)
        await pilot.press("5")
        assert isinstance(app.screen, GenerateScreen)


async def test_while_typing_digits_are_text_and_function_keys_go_to_the_screens() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("g", "3", "space", "q")
        assert app.screen.query_one("#prompt", Input).value == "3 q"
        await pilot.press("f3")
        assert isinstance(app.screen, LogsScreen)


async def test_escape_leaves_the_prompt() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("g", "x", "escape", "3")
        assert isinstance(app.screen, LogsScreen)


async def test_a_prompt_begun_on_one_screen_goes_on_on_the_other() -> None:
    async with opened(scene("ready")) as (app, pilot):
        write(app, "a cat")
        await pilot.press("f5")
        await settled(app, pilot)
        assert app.screen.query_one("#prompt", Input).value == "a cat"


async def test_enter_keeps_the_prompt_while_the_engine_loads() -> None:
    store = scene("starting")
    async with opened(store) as (app, pilot):
        await pilot.press("g", *"红圆", "enter")
        await settled(app, pilot)
        assert store.runs[-1].request == GenerationRequest("红圆", previews=3)
        assert "waiting for the engine (62 %" in text_of(app)


async def test_the_form_is_read_and_an_old_prompt_comes_back_with_up() -> None:
    store = scene("ready")
    async with opened(store) as (app, pilot):
        await pilot.press("5")
        write(app, "a cat")
        write(app, "256x128", "size")
        await pilot.press("tab", "4", "tab", "7", "enter")
        await settled(app, pilot)
        assert store.runs[-1].request == GenerationRequest(
            "a cat", Size(256, 128), 4, 7, previews=3
        )
        await pilot.press("g", "ctrl+u", "up")
        assert app.screen.query_one("#prompt", Input).value == "a cat"


@pytest.mark.parametrize(
    ("field", "written", "said"),
    [
        ("prompt", "", "the prompt is empty"),
        ("prompt", "x" * 10_000, "the prompt has 10,000 characters"),
        ("size", "100x100", "the nearest is 96x96"),
        ("seed", "lucky", "seed 'lucky' is not a whole number"),
    ],
)
async def test_what_makes_no_sense_is_said_under_the_prompt_and_nothing_is_lost(
    field: str, written: str, said: str
) -> None:
    store = scene("ready")
    async with opened(store, (120, 36)) as (app, pilot):
        await pilot.press("5")
        app.screen.query_one("#prompt", Input).value = "a cat"
        asked = app.screen.query_one(f"#{field}", Input)
        asked.value = written
        await pilot.press("enter")
        await settled(app, pilot)
        assert said in text_of(app)
        assert asked.value == written
        assert asked.has_focus
        assert not store.runs


async def test_escape_outside_the_prompt_cancels_the_run() -> None:
    store = scene("ready")
    async with opened(store) as (app, pilot):
        await pilot.press("5")
        write(app, "a cat")
        await pilot.press("enter")
        await settled(app, pilot)
        await pilot.press("escape")
        assert store.runs[-1].state is RunState.WAITING
        await pilot.press("escape")
        assert store.runs[-1].state is RunState.CANCELLED


async def test_control_c_cancels_and_pressed_again_twice_quits() -> None:
    store = scene("ready")
    async with opened(store) as (app, pilot):
        write(app, "a cat")
        await pilot.press("enter", "ctrl+c")
        assert store.runs[-1].state is RunState.CANCELLED
        await pilot.press("ctrl+c")
        assert app.is_running
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert app.return_value == 0


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_quitting(key: str) -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert app.return_value == 0


async def test_choosing_an_older_picture_shows_it_and_reuses_its_request() -> None:
    async with opened(scene("done")) as (app, pilot):
        await pilot.press("5", "escape", "right_square_bracket", "left_square_bracket")
        await settled(app, pilot)
        assert "seed 7" in text_of(app)
        await pilot.press("u")
        values = [app.screen.query_one(f"#{name}", Input).value for name in ("prompt", "seed")]
        assert values == ["一个蓝色的三角形，背景是黄色", "7"]


async def test_another_seed_for_the_picture_shown() -> None:
    store = scene("done")
    async with opened(store) as (app, pilot):
        await pilot.press("5", "escape", "R")
        await settled(app, pilot)
        prompt = "a red circle on a white background"
        assert store.runs[-1].request == GenerationRequest(prompt, Size(128, 128), 8, previews=3)


async def test_saving_a_copy_asks_where_and_says_where(tmp_path: Path) -> None:
    async with opened(scene("done"), (120, 36), saved_to=tmp_path) as (app, pilot):
        await pilot.press("5", "ctrl+s")
        app.screen.query_one(Input).value = str(tmp_path / "copy.png")
        await pilot.press("enter")
        await settled(app, pilot)
        assert (tmp_path / "copy.png").read_bytes() == app.store.gallery[0].png
        assert "saved as" in text_of(app)


async def test_a_copy_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with opened(scene("done"), (120, 36)) as (app, pilot):
        await pilot.press("5", "ctrl+s")
        app.screen.query_one(Input).value = str(tmp_path / "file" / "x.png")
        await pilot.press("enter")
        await settled(app, pilot)
        assert "✗ not saved" in text_of(app)


async def test_help_shows_the_keys_of_this_screen_and_goes_away() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("3", "question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert "Find text, or after ~" in text_of(app)
        await pilot.press("escape")
        assert isinstance(app.screen, LogsScreen)


async def test_the_palette_finds_an_action_by_name() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("ctrl+p", *"help")
        await settled(app, pilot)
        await pilot.press("enter")
        await settled(app, pilot)
        assert isinstance(app.screen, HelpScreen)


async def test_logs_are_filtered_by_severity_and_text_and_searched() -> None:
    store = scene("ready")
    say(store, *((Severity.INFO, f"step {number} of 8") for number in range(1, 9)))
    async with opened(store) as (app, pilot):
        await pilot.press("3", "v", "v")
        assert "1 of 12 lines    ≥WARNING" in text_of(app)
        await pilot.press("escape", "ampersand")
        write(app, "step", "find-text")
        await pilot.press("enter")
        assert "8 of 12 lines    step" in text_of(app)
        await pilot.press("slash")
        write(app, "step 3", "find-text")
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert isinstance(app.screen, DetailScreen)
        assert "step 3 of 8" in text_of(app)


async def test_lines_that_arrive_while_paused_are_counted() -> None:
    store = scene("ready")
    async with opened(store) as (app, pilot):
        await pilot.press("3", "up")
        say(store, (Severity.INFO, "one"), (Severity.INFO, "two"))
        await settled(app, pilot)
        assert "+2 new, G to follow" in text_of(app)
        await pilot.press("G")
        await settled(app, pilot)
        assert "following" in text_of(app)


async def test_read_only_refuses_what_spends_from_every_screen() -> None:
    store = scene("done")
    async with opened(store, read_only=True) as (app, pilot):
        runs = store.runs
        write(app, "a cat")
        await pilot.press("enter", "escape", "5", "enter", "escape", "R", "ctrl+r")
        await settled(app, pilot)
        assert store.runs == runs
        assert "read-only" in text_of(app)
