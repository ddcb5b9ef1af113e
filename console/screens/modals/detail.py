"""A text in full, over the screen that it belongs to."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from console.language import tr


class DetailScreen(ModalScreen[None]):
    """Shows a text that may be longer than the screen; esc, q or enter leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "back", show=False),
        Binding("j", "scroll_down", "down", show=False),
        Binding("k", "scroll_up", "up", show=False),
    ]

    def __init__(self, title: str, text: Content) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """Lay out one panel."""
        with VerticalScroll(classes="panel") as panel:
            panel.border_title = Content(self._title)
            panel.border_subtitle = Content(tr("esc goes back"))
            yield Static(self._text)

    def action_scroll_down(self) -> None:
        """Scroll by a row."""
        self.query_one(VerticalScroll).scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        """Scroll by a row."""
        self.query_one(VerticalScroll).scroll_up(animate=False)
