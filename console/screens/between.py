"""What is on screen while one context has been left and the next is not there yet."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from console.language import tr


class BetweenScreen(Screen[None]):
    """One line; the engine or the sandbox that is being left may take seconds to end."""

    def __init__(self, left: str) -> None:
        super().__init__()
        self._left = left

    def compose(self) -> ComposeResult:
        """Lay out the line."""
        said = (
            tr(" leaving {context} …", context=self._left)
            if self._left
            else tr(" leaving the start …")
        )
        yield Static(Content.styled(said, "$text-muted"))
