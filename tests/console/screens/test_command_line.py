"""What a person does in the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from console_places import ScriptedPlaces, console_with
from console_scenes import opened, scene, settled, text_of, write
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.commands.history import CommandHistory
from console.commands.palette import Palette
from console.config import Config
from console.language import spoken
from console.screens.deploy import DeployScreen
from console.screens.generate import GenerateScreen
from console.screens.logs import LogsScreen
from console.screens.modals.command_line import CommandLine
from console.screens.modals.context_picker import ContextPicker
from console.screens.modals.help import HelpScreen
from console.screens.overview import OverviewScreen


async def open_line(app: ConsoleApp, pilot: Pilot[int]) -> CommandLine:
    await pilot.press("colon")
    await settled(app, pilot)
    assert isinstance(app.screen, CommandLine)
    return app.screen


async def command(app: ConsoleApp, pilot: Pilot[int], line: str) -> None:
    await open_line(app, pilot)
    write(app, line, "command")
    await pilot.press("enter")
    await settled(app, pilot)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("logs", LogsScreen),
        ("LOGS", LogsScreen),
        (":deploy", DeployScreen),
        ("help", HelpScreen),
        ("generate", GenerateScreen),
        ("gener", GenerateScreen),
        ("  ", OverviewScreen),
    ],
)
async def test_a_command_is_carried_out_by_its_name(line: str, shown: type) -> None:
    async with opened(scene("ready")) as (app, pilot):
        await command(app, pilot, line)
        assert isinstance(app.screen, shown)


async def test_what_is_typed_before_the_line_is_there_is_written_into_it() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("colon", *"logs", "enter")
        await settled(app, pilot)
        assert isinstance(app.screen, LogsScreen)


async def test_quitting_by_name() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await command(app, pilot, "q")
        assert app.return_value == 0


async def test_an_unknown_command_stays_with_the_nearest_one_beside_it() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await command(app, pilot, "lgos")
        assert isinstance(app.screen, CommandLine)
        assert "there is no command 'lgos'; did you mean logs?" in text_of(app)
        await pilot.press("x")
        await settled(app, pilot)
        assert "did you mean" not in text_of(app)
        assert app.screen.line.value == "lgosx"


async def test_a_query_that_cannot_be_read_stays_too() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await command(app, pilot, "logs severity>=LOUD")
        assert isinstance(app.screen, CommandLine)
        assert "severity 'LOUD' is not known" in text_of(app)
        write(app, "logs severity>=WARNING", "command")
        await pilot.press("enter")
        await settled(app, pilot)
        assert isinstance(app.screen, LogsScreen)
        assert "1 of 4 lines    ≥WARNING" in text_of(app)


async def test_tab_and_the_arrow_complete() -> None:
    async with opened(scene("ready")) as (app, pilot):
        line = await open_line(app, pilot)
        await pilot.press(*"overv", "tab")
        assert line.line.value == "overview"
        await pilot.press("ctrl+u", *"lan", "tab")
        assert line.line.value == "lang "
        await pilot.press("z", "right")
        assert line.line.value == "lang zh"
        await pilot.press("home", "right")
        assert (line.line.value, line.line.cursor_position) == ("lang zh", 1)


async def test_nothing_is_left_by_escape_or_backspace() -> None:
    async with opened(scene("ready")) as (app, pilot):
        for key in ("escape", "backspace"):
            await open_line(app, pilot)
            await pilot.press(key)
            await settled(app, pilot)
            assert isinstance(app.screen, OverviewScreen)
        await open_line(app, pilot)
        await pilot.press("x", "backspace", "3")
        await settled(app, pilot)
        assert isinstance(app.screen, CommandLine)


async def test_up_brings_back_what_was_written_before(tmp_path: Path) -> None:
    file = tmp_path / "commands.json"
    CommandHistory(file).add("cost")
    async with opened(scene("ready")) as (app, pilot):
        app.frame._history = CommandHistory(file)
        await command(app, pilot, "logs ready")
        line = await open_line(app, pilot)
        await pilot.press("l", "up")
        assert line.line.value == "logs ready"
        await pilot.press("up", "up")
        assert line.line.value == "cost"
        await pilot.press("down", "down")
        assert line.line.value == "l"
    assert CommandHistory(file).commands == ("cost", "logs ready")


async def test_what_means_nothing_is_not_remembered_nor_what_is_to_be_painted_written(
    tmp_path: Path,
) -> None:
    file = tmp_path / "commands.json"
    async with opened(scene("ready")) as (app, pilot):
        app.frame._history = CommandHistory(file)
        await command(app, pilot, "lgos")
        await pilot.press("escape")
        await command(app, pilot, "generate a red fox")
        assert app.frame.history.commands == ("generate a red fox",)
    assert not file.exists()


async def test_an_action_of_another_screen_goes_there_first() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await command(app, pilot, "logs.severity")
        assert isinstance(app.screen, LogsScreen)
        assert "≥INFO" in text_of(app)


async def test_only_the_beginning_of_what_changes_something_is_not_enough() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await command(app, pilot, "resta")
        assert isinstance(app.screen, CommandLine)
        assert app.screen.line.value == "restart"
        assert "enter carries Restart out" in text_of(app)


async def test_another_language_is_spoken_at_once() -> None:
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("3")
        await command(app, pilot, "lang zh")
        assert spoken() == "zh"
        assert isinstance(app.screen, LogsScreen)
        assert " 1 概览  2 冷启动" in text_of(app)
        await command(app, pilot, "概览")
        assert isinstance(app.screen, OverviewScreen)
        await command(app, pilot, "lang en")
        assert " 1 Overview  2 Cold starts" in text_of(app)


async def test_contexts_are_offered_and_gone_to(config: Config) -> None:
    places = ScriptedPlaces(config)
    async with console_with(places) as (app, pilot):
        await open_line(app, pilot)
        await pilot.press(*"context ")
        await settled(app, pilot)
        assert "context sandbox" in text_of(app)
        await pilot.press(*"sa", "tab", "enter")
        await settled(app, pilot)
        assert app.surroundings.context == "sandbox"
        await command(app, pilot, "context")
        assert isinstance(app.screen, ContextPicker)


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (40, 8), (1, 1)], ids=str)
async def test_no_terminal_is_too_small_for_it(size: tuple[int, int]) -> None:
    async with opened(scene("ready"), size) as (app, pilot):
        line = await open_line(app, pilot)
        await pilot.press(*"logs", "tab")
        await settled(app, pilot)
        if size[1] >= 16:
            assert ": logs" in text_of(app)
            assert line.line.region.bottom <= size[1]
        await pilot.press("enter")
        await settled(app, pilot)
        assert isinstance(app.screen, LogsScreen)


async def test_what_is_behind_goes_on() -> None:
    async with opened(scene("starting")) as (app, pilot):
        await open_line(app, pilot)
        app.store.set_service(scene("ready").service)
        await settled(app, pilot)
        assert "● READY" in text_of(app)


@pytest.mark.parametrize("language", ["zh"], indirect=True)
async def test_the_palette_speaks_the_language_and_knows_english_names(
    language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Palette, "_NO_MATCHES_COUNTDOWN", 0.01)
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("ctrl+p", *"restart")
        await settled(app, pilot)
        assert "重启  (ctrl+r)" in text_of(app)
        await pilot.press(*"xyz")
        await settled(app, pilot)
        await pilot.pause(0.1)
        assert "没有匹配项" in text_of(app)
        assert "No matches" not in text_of(app)
