"""One question, answered in one line."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from console.language import tr
from console.widgets.line_input import LineInput


class AskScreen(ModalScreen[str | None]):
    """Returns what was written, or None when it was left with esc.

    Nothing written is None too, unless it `may_be_empty`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "back", show=False)]

    def __init__(self, question: str, proposal: str, *, may_be_empty: bool = False) -> None:
        super().__init__()
        self._may_be_empty = may_be_empty
        self._question = question
        self._proposal = proposal

    def compose(self) -> ComposeResult:
        """Lay out one panel with one input."""
        with Vertical(classes="panel ask") as panel:
            panel.border_title = Content(self._question)
            panel.border_subtitle = Content(tr("enter answers, esc goes back"))
            yield LineInput(self._proposal, compact=True, select_on_focus=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer."""
        event.stop()
        written = event.value.strip()
        self.dismiss(written if written or self._may_be_empty else None)

    def action_leave(self) -> None:
        """Go back without an answer."""
        self.dismiss(None)
