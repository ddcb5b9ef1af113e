from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from console_scenes import NOON, QuietSession, opened, scene, settled, text_of
from in_languages import in_every_language
from textual.theme import Theme

from console.app import ConsoleApp
from console.config import THEMES as CHOICES
from console.config import Config
from console.looks.theme import ANSI, DARK, HIGH_CONTRAST, LIGHT, THEMES, theme_for
from console.screens.base import ConsoleScreen, Surroundings
from console.screens.logs import LogsScreen
from console.screens.overview import OverviewScreen
from console.store import Topic
from console.terminal.capabilities import Pictures, detect
from console.widgets.tabs import ScreenTabs

XTERM = {"TERM": "xterm-256color"}
TRUE = {**XTERM, "COLORTERM": "truecolor"}


@pytest.mark.parametrize(
    ("environment", "choice", "theme"),
    [
        (TRUE, "auto", DARK),
        (XTERM, "auto", DARK),
        ({**TRUE, "COLORFGBG": "0;15"}, "auto", LIGHT),
        ({**TRUE, "COLORFGBG": "15;default;0"}, "auto", DARK),
        ({"TERM": "linux"}, "auto", ANSI),
        ({"TERM": "linux"}, "dark", DARK),
        (TRUE, "light", LIGHT),
        (TRUE, "high-contrast", HIGH_CONTRAST),
        (TRUE, "ansi", ANSI),
        ({**TRUE, "NO_COLOR": "1"}, "auto", ANSI),
        ({**TRUE, "NO_COLOR": "1"}, "light", ANSI),
    ],
)
def test_the_theme_follows_the_choice_and_the_terminal(
    environment: dict[str, str], choice: str, theme: Theme
) -> None:
    assert theme_for(choice, detect(environment)) is theme


def test_every_theme_can_be_chosen() -> None:
    assert [theme_for(choice, detect(TRUE)) for choice in CHOICES[1:]] == list(THEMES)


@in_every_language
async def test_without_colour_pictures_are_grey_characters(
    language: str,
    matches_golden: Callable[[str, str], None],
) -> None:
    async with opened(scene("done"), colour=False, on="generate") as (app, _):
        matches_golden("generate-done-plain-80x24", text_of(app))


async def test_pictures_that_are_switched_off_are_named_but_not_drawn() -> None:
    async with opened(scene("done"), pictures=Pictures.NONE, on="generate") as (app, _):
        assert "pictures are not drawn here" in text_of(app)
        assert "seed 42" in text_of(app)


async def test_an_answer_without_news_paints_nothing() -> None:
    painted: list[frozenset[Topic]] = []
    store = scene("ready")
    async with opened(store) as (app, pilot):
        watched = OverviewScreen(app.surroundings)
        show = watched.show

        def counted(topics: frozenset[Topic]) -> None:
            painted.append(topics)
            show(topics)

        watched.show = counted  # type: ignore[method-assign]
        await app.push_screen(watched)
        await settled(app, pilot)
        before = len(painted)
        store.set_service(replace(store.service, fetched_at=NOON))
        await settled(app, pilot)
        assert len(painted) == before
        store.set_service(replace(store.service, url="http://127.0.0.1:1"))
        await settled(app, pilot)
        assert len(painted) == before + 1


async def test_a_click_on_a_tab_goes_there() -> None:
    async with opened(scene("ready")) as (app, pilot):
        tabs = text_of(app).splitlines()[1]
        await pilot.click(ScreenTabs, offset=(tabs.index("3 Logs") + 1, 0))
        await settled(app, pilot)
        assert isinstance(app.screen, LogsScreen)


async def test_the_session_begins_only_after_the_first_frame() -> None:
    painted: list[bool] = []

    def open_session(store: object) -> QuietSession:
        screen = app.screen
        painted.append(isinstance(screen, ConsoleScreen) and screen.region.area > 0)
        return QuietSession(app.store, Config())

    app = ConsoleApp(Surroundings(scene("starting"), lambda: 0.0), open_session)
    async with app.run_test() as pilot:
        await settled(app, pilot)
        await app.end_session()
    assert painted == [True]


async def test_what_fails_in_the_background_is_said_and_the_console_stays() -> None:
    async def fail() -> None:
        raise OSError("disk full")

    async with opened(scene("ready")) as (app, pilot):
        app.run_worker(fail(), group="restart", exit_on_error=False)
        await pilot.pause()
        await pilot.pause()
        assert "restart: disk full" in text_of(app)
        assert app.is_running
