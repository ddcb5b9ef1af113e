"""The row in which is written what a log is searched or filtered for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Input, Label

from console.terminal.sanitise import sanitise
from console.widgets.line_input import LineInput


class Purpose(StrEnum):
    """What is being written; the value stands before it."""

    SEARCH = "/"
    FILTER = "&"


class LogFindBar(Horizontal):
    """An input that is there only while something is written in it."""

    sign = query_one("#find-sign", Label)
    input = query_one("#find-text", Input)
    said = query_one("#find-said", Label)

    @dataclass
    class Written(Message):
        """Something was written; `final` says that it is finished."""

        purpose: Purpose
        text: str
        final: bool

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, classes="row")
        self.display = False
        self._purpose = Purpose.SEARCH

    def compose(self) -> ComposeResult:
        """Lay out the sign, the input, and beside it what is wrong with it."""
        yield Label(id="find-sign", classes="mark")
        yield LineInput(id="find-text", compact=True)
        yield Label(id="find-said", markup=False)

    def open(self, purpose: Purpose, text: str) -> None:
        """Ask for something; `text` is what it is now."""
        self._purpose = purpose
        self.sign.update(Content(purpose.value))
        self.say("")
        self.input.value = text
        self.display = True
        # At once, so that what is typed next arrives here.
        self.screen.set_focus(self.input)

    def close(self) -> None:
        """Ask no more."""
        self.display = False

    def say(self, problem: str) -> None:
        """Say what is wrong with what is written; nothing is."""
        said = f"✗ {sanitise(problem)}" if problem else ""
        if said != str(self.said.content):
            self.said.update(Content(said))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell what is written so far."""
        event.stop()
        if self.display:
            self.post_message(self.Written(self._purpose, event.value.strip(), False))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Tell what was written."""
        event.stop()
        self.post_message(self.Written(self._purpose, event.value.strip(), True))
