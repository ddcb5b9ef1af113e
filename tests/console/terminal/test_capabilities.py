from __future__ import annotations

import pytest

from console.terminal.capabilities import Colour, Pictures, can_host_screen, detect

XTERM = {"TERM": "xterm-256color", "LANG": "en_US.UTF-8"}
TRUE = {**XTERM, "COLORTERM": "truecolor"}


@pytest.mark.parametrize(
    ("environment", "colour"),
    [
        (XTERM, Colour.ANSI),
        (TRUE, Colour.TRUE),
        ({**TRUE, "COLORTERM": "24bit"}, Colour.TRUE),
        ({**TRUE, "NO_COLOR": "1"}, Colour.NONE),
        ({**TRUE, "NO_COLOR": ""}, Colour.TRUE),
        ({"TERM": "xterm-kitty"}, Colour.TRUE),
        ({}, Colour.ANSI),
    ],
)
def test_colours_follow_the_environment(environment: dict[str, str], colour: Colour) -> None:
    assert detect(environment).colour is colour


@pytest.mark.parametrize(
    ("environment", "pictures"),
    [
        (TRUE, Pictures.HALF),
        ({**TRUE, "KITTY_WINDOW_ID": "1"}, Pictures.KITTY),
        ({**TRUE, "TERM": "xterm-ghostty"}, Pictures.KITTY),
        ({**TRUE, "TERM_PROGRAM": "WezTerm"}, Pictures.SIXEL),
        ({**TRUE, "TERM_PROGRAM": "iTerm.app"}, Pictures.SIXEL),
        ({**TRUE, "TERM": "foot-extra"}, Pictures.SIXEL),
        ({**TRUE, "TERM_PROGRAM": "vscode"}, Pictures.HALF),
        ({**TRUE, "TERM": "foot", "SSH_TTY": "/dev/pts/1"}, Pictures.HALF),
        ({**TRUE, "TERM_PROGRAM": "WezTerm", "STY": "1.pts"}, Pictures.HALF),
        ({**TRUE, "KITTY_WINDOW_ID": "1", "SSH_CONNECTION": "a b c d"}, Pictures.HALF),
        ({**TRUE, "KITTY_WINDOW_ID": "1", "TMUX": "/tmp/x"}, Pictures.HALF),
        ({**TRUE, "KITTY_WINDOW_ID": "1", "NO_COLOR": "1"}, Pictures.HALF),
        ({**TRUE, "KITTY_WINDOW_ID": "1", "LANG": "en_US.ISO-8859-1"}, Pictures.HALF),
    ],
)
def test_pictures_are_drawn_as_well_as_is_safe(
    environment: dict[str, str], pictures: Pictures
) -> None:
    assert detect(environment).pictures is pictures


def test_the_configuration_overrules_how_pictures_are_drawn() -> None:
    remote = {**TRUE, "SSH_CONNECTION": "a b c d"}
    assert detect(remote, images="kitty").pictures is Pictures.KITTY
    assert detect(remote, images="sixel").pictures is Pictures.SIXEL


@pytest.mark.parametrize(
    ("environment", "between"),
    [
        (XTERM, ""),
        ({**XTERM, "TMUX": "/tmp/tmux-0/default,1,0"}, "tmux"),
        ({"TERM": "tmux-256color"}, "tmux"),
        ({"TERM": "screen-256color", "STY": "1.pts"}, "screen"),
    ],
)
def test_a_multiplexer_is_noticed(environment: dict[str, str], between: str) -> None:
    assert detect(environment).multiplexer == between


def test_a_connection_from_elsewhere_is_noticed() -> None:
    assert detect({**XTERM, "SSH_TTY": "/dev/pts/1"}).remote
    assert not detect(XTERM).remote


@pytest.mark.parametrize(("term", "can"), [("xterm", True), ("dumb", False), ("", False)])
def test_a_terminal_without_a_cursor_hosts_no_screen(term: str, can: bool) -> None:
    assert can_host_screen({"TERM": term}) is can
