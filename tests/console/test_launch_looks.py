"""How the console is launched in terminals of every kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from every_screen import VIEWS, viewed
from textual.widgets import Input, LoadingIndicator

from console.app import ConsoleApp
from console.config import Config
from console.looks.theme import ANSI, DARK, LIGHT
from console.startup import launch
from console.store import Store
from console.terminal.painting import ASCII_ONLY

UTF8 = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "zh_CN.UTF-8"}


@dataclass
class Nowhere:
    """A beginning without anything to look after."""

    first: str | None = None

    def store(self, context: str) -> Store:
        return Store()

    def restarts(self, context: str) -> bool:
        return True

    def open_session(self, context: str, store: Store) -> Any:
        raise AssertionError(context)


def launched(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], config: Config
) -> ConsoleApp:
    """The application that would run in a terminal with this environment."""
    apps: list[ConsoleApp] = []

    async def remember(app: ConsoleApp) -> int:
        apps.append(app)
        return 0

    # What a launch changes of the whole process is not to be changed for the tests after this one.
    monkeypatch.setattr(launch, "use_keys", lambda _: None)
    # The suite is run without motion.
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "full")
    monkeypatch.setattr(launch, "collect_seldom", lambda: None)
    monkeypatch.setattr(launch, "_until_left", remember)
    monkeypatch.setattr(launch.os, "environ", dict(environment))
    assert launch.run(config, launch.Stage(Nowhere(), None)) == 0
    return apps[0]


def in_ascii(app: ConsoleApp) -> bool:
    return ASCII_ONLY in app.get_line_filters()


def test_a_terminal_that_can_do_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    app = launched(monkeypatch, UTF8, Config())
    assert (app.theme, app.animation_level, in_ascii(app)) == (DARK.name, "full", False)
    assert app.surroundings.colour


@pytest.mark.parametrize(
    "environment", [{"TERM": "linux"}, {**UTF8, "TERM": "linux"}, {**UTF8, "LANG": "zh_CN.GBK"}]
)
def test_where_no_more_than_ascii_can_be_shown(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = launched(monkeypatch, environment, Config())
    assert in_ascii(app)
    assert not app.surroundings.colour, "half blocks are no ASCII"
    assert not in_ascii(launched(monkeypatch, environment, Config(ascii=False)))


def test_ascii_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert in_ascii(launched(monkeypatch, UTF8, Config(ascii=True)))


def test_a_theme_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert launched(monkeypatch, UTF8, Config(theme="light")).theme == LIGHT.name
    app = launched(monkeypatch, UTF8, Config(theme="ansi"))
    assert app.theme == ANSI.name
    assert not app.surroundings.colour


@pytest.mark.parametrize(("value", "colours"), [("1", False), ("", True)])
def test_no_color_counts_when_it_is_not_empty(
    value: str, colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = launched(monkeypatch, {**UTF8, "NO_COLOR": value}, Config(theme="light"))
    assert (app.theme == LIGHT.name) is colours
    assert app.no_color is not colours


@pytest.mark.parametrize("name", ["SSH_CONNECTION", "SSH_TTY", "MOSH_IP"])
def test_nothing_moves_over_a_network(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = launched(monkeypatch, {**UTF8, name: "10.0.0.1 22"}, Config())
    assert app.animation_level == "none"


@pytest.mark.parametrize("view", VIEWS)
async def test_nothing_blinks_or_spins(view: str) -> None:
    async with viewed(view) as (app, _):
        assert not [one.id for one in app.screen.query(Input) if one.cursor_blink]
        assert not [one for one in app.screen.query(LoadingIndicator) if one.visible]


async def test_a_key_changes_the_theme() -> None:
    async with viewed("overview-split") as (app, pilot):
        await pilot.press("L")
        await pilot.pause()
        assert app.theme == LIGHT.name


async def test_the_terminals_own_colours_are_not_changed_by_a_key() -> None:
    async with viewed("overview-split", looks={"theme": ANSI.name}) as (app, pilot):
        await pilot.press("L")
        await pilot.pause()
        assert app.theme == ANSI.name
