"""How pictures are drawn where something lies between console and terminal."""

from __future__ import annotations

import pytest

from console.startup import launch
from console.terminal.capabilities import Pictures, detect

TRUE = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "en_US.UTF-8"}


@pytest.mark.parametrize(
    ("between", "wanted", "passes", "drawn"),
    [
        ({}, "kitty", False, Pictures.KITTY),
        ({}, "sixel", False, Pictures.SIXEL),
        ({"TMUX": "/tmp/x,1,0"}, "kitty", True, Pictures.KITTY),
        ({"TMUX": "/tmp/x,1,0"}, "kitty", False, Pictures.HALF),
        ({"TMUX": "/tmp/x,1,0"}, "sixel", False, Pictures.SIXEL),
        ({"STY": "1.pts"}, "kitty", True, Pictures.HALF),
        ({"STY": "1.pts"}, "sixel", True, Pictures.HALF),
        ({"STY": "1.pts"}, "none", True, Pictures.NONE),
    ],
)
def test_pictures_in_full_only_where_they_come_through(
    between: dict[str, str],
    wanted: str,
    passes: bool,
    drawn: Pictures,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(launch, "tmux_passes_on", lambda _: passes)
    assert launch._drawable(detect({**TRUE, **between}, wanted)) is drawn
