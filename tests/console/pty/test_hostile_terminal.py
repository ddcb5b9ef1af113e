"""Nothing that came from outside is obeyed by the terminal that it is shown on."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from hostile_text import HOSTILE, OWNED
from pty_terminal import terminal
from terminal_state import TerminalState

ROOT = Path(__file__).parents[3]
CHILD = [sys.executable, str(Path(__file__).with_name("hostile_console.py"))]
PAINTING = {"CSI m", "CSI H", "CSI ?h", "CSI ?l", "CSI ?$p", "CSI >u", "CSI <u", "C 0d", "C 0a"}
"""All that Textual has a terminal obey: colours, places, modes, keyboards and ends of lines."""

BELL, TAB, NEWLINE = "C 07", "C 09", "C 0a"
POINTER = "22;default"
COPY = "52;c;"


def test_no_screen_lets_it_be_obeyed_even_if_nobody_made_it_safe(
    environment: dict[str, str],
) -> None:
    with terminal(CHILD, {**environment, "PYTHONPATH": str(ROOT)}, (120, 36)) as opened:
        assert opened.ended() == 0, opened.written[-4_000:].decode(errors="replace")
    state = TerminalState.after(opened.written)
    assert state.text.count(OWNED) > 100
    assert set(state.functions) <= PAINTING | {BELL}
    assert b"\x1b[7;5;31m" not in opened.written
    assert {kind for kind, _ in state.strings} == {"OSC"}
    copies = [body.removeprefix(COPY) for _, body in state.strings if body.startswith(COPY)]
    assert [body for _, body in state.strings if not body.startswith((COPY, POINTER))] == []
    assert state.is_as_before
    # What keys copy is what they showed, and does nothing where it is pasted.
    texts = [base64.b64decode(each).decode() for each in copies]
    assert len(texts) >= 5
    assert all(OWNED in text or "estimate" in text for text in texts)
    pasted = [TerminalState.after(text.encode()).functions for text in texts]
    assert set().union(*pasted) <= {NEWLINE, TAB}


def test_the_hostile_text_would_be_obeyed_by_a_terminal() -> None:
    state = TerminalState.after(HOSTILE.encode(errors="replace"))
    assert {body.partition(";")[0] for _, body in state.strings} >= {"0", "52", "8", "2"}
    assert set(state.functions) >= {"ESC c", "CSI J", "CSI n", "CSI i", "ESC (0", "C 0e"}
