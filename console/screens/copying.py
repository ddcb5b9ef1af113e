"""Copying to the clipboard of whoever sits at the terminal."""

from __future__ import annotations

from textual.app import App

from console.terminal.clipboard import LONGEST, clipboard_sequence
from console.terminal.last_look import copied


def copy_text(app: App[object], text: str, what: str, multiplexer: str = "") -> str:
    """Ask the terminal to copy `text`, which is called `what`; return what to say of it."""
    text = copied(text)
    sequence = clipboard_sequence(text, multiplexer)
    if sequence is None:
        room = LONGEST * 3 // 4
        return f"{what} is too long to be copied: a terminal takes {room:,} bytes; save it instead"
    if multiplexer and app._driver is not None:
        app._driver.write(sequence)
    else:
        app.copy_to_clipboard(text)
    return f"{what}: given to the terminal to copy"
