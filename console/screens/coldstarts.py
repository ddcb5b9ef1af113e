"""Cold starts: why each took as long as it did, and whether that is usual."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from console.actions import Scope
from console.screens.base import ConsoleScreen
from console.screens.bindings import bindings
from console.store import Topic


class ColdStartsScreen(ConsoleScreen):
    """The screen of cold starts."""

    ACTION: ClassVar[str] = "app.coldstarts"
    SCOPE: ClassVar[Scope | None] = Scope.COLD_STARTS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.COLD_STARTS)]

    def body(self) -> ComposeResult:
        """Lay out the starts."""
        yield Static(id="starts", markup=False)

    def show(self, topics: frozenset[Topic]) -> None:
        """Paint what changed."""
