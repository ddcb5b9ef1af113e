"""Copying to the clipboard of whoever sits at the terminal."""

from __future__ import annotations

import os

from textual.app import App

from console.language import tr
from console.terminal.clipboard import LONGEST, clipboard_sequence
from console.terminal.desktop import Desktop
from console.terminal.last_look import copied


def copy_text(
    app: App[object],
    text: str,
    what: str,
    multiplexer: str = "",
    desktop: Desktop | None = None,
) -> str:
    """Copy `text`, which is called `what`; return what was done, and how sure that is.

    A program of the desktop does it where the person sits at this machine; else the terminal is
    asked. `desktop` is that of this process; without a terminal there is none.
    """
    text = copied(text)
    app._clipboard = text  # What is pasted within the console.
    desktop = desktop or desktop_of(app)
    if desktop is not None:
        if program := desktop.copy(text):
            return tr("{what}: copied with {program}", what=what, program=program)
        if multiplexer == "tmux" and (said := _by_tmux(desktop, text, what)):
            return said
    return _by_terminal(app, text, what, multiplexer)


def _by_tmux(desktop: Desktop, text: str, what: str) -> str:
    """Let tmux copy, which answers for its own buffer alone; nothing if it does not run here."""
    fits = clipboard_sequence(text) is not None
    if not desktop.to_tmux(text, onward=fits):
        return ""
    if fits:
        return tr(
            "{what}: in tmux's buffer, and given to the terminal, which may refuse", what=what
        )
    return tr("{what}: in tmux's buffer alone; it is too long for the terminal", what=what)


def _by_terminal(app: App[object], text: str, what: str, multiplexer: str) -> str:
    sequence = clipboard_sequence(text, multiplexer)
    plain = clipboard_sequence(text)
    if sequence is None or plain is None:
        return tr(
            "{what} is too long to be copied: a terminal takes {room:,} bytes; save it instead",
            what=what,
            room=LONGEST * 3 // 4,
        )
    if multiplexer == "tmux":
        # It obeys the one, passes on the other, or neither, as it is set up; both do no harm.
        sequence = plain + sequence
    if multiplexer and app._driver is not None:
        app._driver.write(sequence)
    else:
        app.copy_to_clipboard(text)
    return tr("{what}: given to the terminal to copy (OSC 52); it may refuse", what=what)


_OF_THIS_PROCESS: list[Desktop] = []


def desktop_of(app: App[object]) -> Desktop | None:
    """Return the desktop of this process; None where the console is on no terminal."""
    if app.is_headless:
        return None
    if not _OF_THIS_PROCESS:
        _OF_THIS_PROCESS.append(Desktop(os.environ))
    return _OF_THIS_PROCESS[0]
