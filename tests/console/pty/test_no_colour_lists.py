"""The row that is chosen, where there are no colours at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pty_terminal import CONSOLE, terminal

UNDERLINED = re.compile(rb"\x1b\[(?:[0-9]*;)*4(?:;[0-9]*)*m[^\x1b]*")
DOWN = "\x1b[B"


@pytest.mark.parametrize(
    ("keys", "there", "chosen"),
    [("D", "examined at", "engine"), ("c", "enter chooses", "sandbox")],
)
def test_it_is_underlined(
    keys: str, there: str, chosen: str, environment: dict[str, str], tmp_path: Path
) -> None:
    command = [*CONSOLE, "--models", str(tmp_path / "nowhere"), "--pictures", str(tmp_path)]
    with terminal(command, {**environment, "NO_COLOR": "1"}) as opened:
        opened.until("FAILED")
        opened.type(keys)
        opened.until(there)
        opened.type(DOWN)
        opened.until(re.compile(UNDERLINED.pattern + chosen.encode()))
