"""Keys that a person chose: how they are written, what is refused, and where they work."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_scenes import opened, scene, settled, text_of
from textual.keys import _character_to_key
from textual.widgets import Input

from console.actions import ACTIONS, InvalidKey, action, keymap, present, use_keys
from console.actions.keys import key_named, spelled, types_a_character
from console.config import ConfigError, load
from console.screens.logs import LogsScreen
from console.screens.modals.help import HelpScreen
from console.screens.overview import OverviewScreen


@pytest.fixture(autouse=True)
def keys_as_they_come() -> Iterator[None]:
    yield
    use_keys({})


@pytest.mark.parametrize("sign", string.punctuation)
def test_a_sign_is_the_key_that_writes_it(sign: str) -> None:
    assert key_named(sign) == _character_to_key(sign)
    assert spelled(key_named(sign)) == sign
    assert types_a_character(key_named(sign))


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("x", "x"),
        ("X", "X"),
        ("日", "日"),
        ("esc", "escape"),
        ("F9", "f9"),
        ("Ctrl+X", "ctrl+X"),
        ("ctrl+s", "ctrl+s"),
        ("shift+ctrl+up", "ctrl+shift+up"),
        ("ctrl+/", "ctrl+slash"),
        ("space", "space"),
        ("question_mark", "question_mark"),
    ],
)
def test_keys_are_written_as_people_do(written: str, key: str) -> None:
    assert key_named(written) == key


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("entr", "did you mean 'enter'?"),
        ("hyper+x", "write it as ?, x, X, f9, ctrl+x or space"),
        ("", "write it as"),
        ("ctrl+", "write it as"),
        ("f25", "did you mean 'f"),
        ("ctrl+m", "does not tell ctrl+m from enter"),
        ("ctrl+[", "does not tell ctrl+[ from escape"),
    ],
)
def test_a_key_that_does_not_exist_is_refused(written: str, said: str) -> None:
    with pytest.raises(InvalidKey) as refused:
        key_named(written)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_action_that_does_not_exist_is_refused_with_the_nearest() -> None:
    with pytest.raises(InvalidKey, match=r"no action 'app\.quitt'; did you mean 'app\.quit'\?"):
        keymap({"app.quitt": "x"})
    with pytest.raises(InvalidKey, match="the page of keys names all"):
        keymap({"§": "x"})


@pytest.mark.parametrize("value", ["", "  ", 3, ["q"], None])
def test_keys_are_text(value: object) -> None:
    with pytest.raises(InvalidKey, match="must be text in quotes"):
        keymap({"app.quit": value})


def test_a_key_given_twice_in_one_place_names_both() -> None:
    with pytest.raises(InvalidKey, match=r"f is given to both app\.quit and logs\.follow"):
        keymap({"app.quit": "f"})
    with pytest.raises(InvalidKey, match=r"v is given to both logs\.search and logs\.severity"):
        keymap({"logs.search": "v"})


def test_a_key_means_two_things_in_two_places_and_may_be_changed_for_another() -> None:
    assert keymap({"logs.search": "P"}) == {"logs.search": ("P",)}
    swapped = {"logs.follow": "/", "logs.search": "f, f, ctrl+f"}
    assert keymap(swapped) == {"logs.follow": ("slash",), "logs.search": ("f", "ctrl+f")}


def test_what_nobody_chose_stays() -> None:
    use_keys(keymap({"app.quit": "Q"}))
    assert action("app.quit").keys == ("Q",)
    changed = [each.id for each in present() if each not in ACTIONS]
    assert changed == ["app.quit"]
    use_keys({})
    assert action("app.quit").keys == ("q", "ctrl+q")


def test_the_configuration_file_says_which(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[keys]\n"app.quit" = "Q, ctrl+q"\n', encoding="utf-8")
    assert load({}, {}, file).keys == {"app.quit": ("Q", "ctrl+q")}
    for wrong, said in {
        '[keys]\n"app.quitt" = "Q"\n': "did you mean 'app.quit'?",
        'keys = "Q"\n': "must be a table, [keys]",
        '[keys]\n"app.quit" = "?"\n': "given to both app.help and app.quit",
        '[key]\n"app.quit" = "Q"\n': "did you mean 'keys'?",
    }.items():
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(ConfigError) as refused:
            load({}, {}, file)
        assert said in str(refused.value)
        assert str(file) in str(refused.value)


async def test_footer_help_and_screens_follow() -> None:
    use_keys(
        keymap({"app.logs": "f9", "app.help": "f12", "logs.follow": "ctrl+f", "app.zoom": "+"})
    )
    async with opened(scene("ready"), (120, 36)) as (app, pilot):
        await pilot.press("3")
        assert isinstance(app.screen, OverviewScreen)
        await pilot.press("f9")
        assert isinstance(app.screen, LogsScreen)
        await settled(app, pilot)
        assert "ctrl+f Follow" in text_of(app)
        assert " f9 Logs" in text_of(app)
        following = app.screen.lines.following
        await pilot.press("f")
        assert app.screen.lines.following is following
        await pilot.press("ctrl+f")
        assert app.screen.lines.following is not following
        await pilot.press("plus")
        assert app.screen.maximized is not None
        await pilot.press("f12")
        assert isinstance(app.screen, HelpScreen)
        await settled(app, pilot)
        assert "│   ctrl+f            Keep the newest line in sight" in text_of(app)


async def test_a_key_that_writes_is_text_in_an_input_whatever_it_was_before() -> None:
    use_keys(keymap({"app.quit": "x, ctrl+q", "app.logs": "f3"}))
    async with opened(scene("ready")) as (app, pilot):
        await pilot.press("g", "x", "3")
        assert app.is_running
        assert app.screen.query_one("#prompt", Input).value == "x3"
        await pilot.press("escape", "x")
        await pilot.pause()
        assert app.return_value == 0
