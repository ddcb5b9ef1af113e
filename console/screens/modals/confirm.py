"""One question that is answered with yes or no."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from console.language import tr


class ConfirmScreen(ModalScreen[bool]):
    """Returns whether `y` was pressed; enter alone says no, so that it is never said by chance."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "yes", show=False),
        Binding("escape,n,q,enter", "dismiss(False)", "no", show=False),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        """Lay out one panel."""
        with Vertical(classes="panel") as panel:
            panel.border_title = Content(tr("Sure?"))
            panel.border_subtitle = Content(tr("y yes, esc no"))
            yield Static(Content(self._question))
