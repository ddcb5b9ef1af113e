"""Cost: what is spent now and this month, and what another set-up would cost."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from console.actions import Scope
from console.screens.base import ConsoleScreen
from console.screens.bindings import bindings
from console.store import Topic


class CostScreen(ConsoleScreen):
    """The screen of costs."""

    ACTION: ClassVar[str] = "app.cost"
    SCOPE: ClassVar[Scope | None] = Scope.COST
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.COST)]

    def body(self) -> ComposeResult:
        """Lay out the costs."""
        yield Static(id="costs", markup=False)

    def show(self, topics: frozenset[Topic]) -> None:
        """Paint what changed."""
