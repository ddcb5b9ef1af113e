"""The doctor in a real terminal, as the console is started by a person."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from pty_terminal import CONSOLE, RESTORED, terminal

COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]+)")
WIDE = (120, 36)


@pytest.fixture
def no_model(tmp_path: Path) -> list[str]:
    """The console with a directory of models that is not there, which is what is wrong."""
    return [*CONSOLE, "--models", str(tmp_path / "nowhere"), "--pictures", str(tmp_path)]


def test_what_is_wrong_is_found_and_its_mend_is_copied(
    no_model: list[str], environment: dict[str, str]
) -> None:
    with terminal(no_model, environment, WIDE) as opened:
        opened.until("FAILED")
        opened.type("D")
        opened.until("examined at")
        opened.until("Doctor: 1 wrong, 5 ok")
        opened.until("120×36")
        opened.type("y")
        copied = base64.b64decode(opened.until(COPIED)[1]).decode()
        assert copied == f"python -m engine inspect {no_model[-3]}"
        opened.type("\x11")
        assert opened.ended() == 0
        assert RESTORED in opened.written


def test_nobody_waits_for_it_to_leave(no_model: list[str], environment: dict[str, str]) -> None:
    with terminal(no_model, environment) as opened:
        opened.until("Overview")
        opened.type("D")
        opened.until("under way")
        opened.type("\x11")
        assert opened.ended() == 0
        assert RESTORED in opened.written
