from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.terminal.clipboard import LONGEST, clipboard_sequence


def received(sequence: str) -> str:
    """What a terminal puts into its clipboard."""
    found = re.fullmatch(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\a", sequence)
    assert found is not None
    return base64.b64decode(found[1]).decode()


def unwrapped(sequence: str, multiplexer: str) -> str:
    """What a multiplexer passes on of what is wrapped for it."""
    if multiplexer == "tmux":
        found = re.fullmatch(r"\x1bPtmux;(.*)\x1b\\", sequence, re.DOTALL)
        assert found is not None
        return found[1].replace("\x1b\x1b", "\x1b")
    if multiplexer == "screen":
        pieces = re.findall(r"\x1bP(.*?)\x1b\\", sequence, re.DOTALL)
        assert all(len(piece) <= 512 for piece in pieces)
        return "".join(pieces)
    return sequence


@pytest.mark.parametrize("multiplexer", ["", "tmux", "screen"])
@given(text=st.text(max_size=2_000))
def test_the_terminal_gets_the_text_whatever_lies_between(multiplexer: str, text: str) -> None:
    sequence = clipboard_sequence(text, multiplexer)
    assert sequence is not None
    assert received(unwrapped(sequence, multiplexer)) == text


def test_what_a_terminal_would_cut_off_is_not_sent() -> None:
    assert clipboard_sequence("x" * (LONGEST * 3 // 4 - 3)) is not None
    assert clipboard_sequence("x" * LONGEST) is None
