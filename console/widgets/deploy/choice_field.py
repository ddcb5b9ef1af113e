"""A field with a few values, one of which holds: the arrows or the space bar choose another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from console.language import tr


class ChoiceField(Widget, can_focus=True):
    """One row: `‹ value ›`, each value shown in the language that is spoken."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space,l", "choose(1)", "next", show=False),
        Binding("left,h", "choose(-1)", "previous", show=False),
    ]

    value: reactive[str] = reactive("")

    class Chosen(Message):
        """Another value holds."""

        def __init__(self, field: ChoiceField) -> None:
            super().__init__()
            self.field = field

        @property
        def control(self) -> ChoiceField:
            """The field."""
            return self.field

    def __init__(self, values: Sequence[str], value: str, *, id: str) -> None:
        super().__init__(id=id)
        self._values = tuple(values)
        self.set_reactive(ChoiceField.value, value)

    def render(self) -> Content:
        """Paint the value, and that there are others."""
        style = "bold reverse" if self.has_focus else ""
        return Content.assemble(
            ("‹ ", "$text-muted"), (tr(self.value), style), (" ›", "$text-muted")
        )

    def action_choose(self, by: int) -> None:
        """Let another value hold."""
        self.value = self._values[(self._values.index(self.value) + by) % len(self._values)]
        self.post_message(self.Chosen(self))

    def on_click(self) -> None:
        """Let the next value hold."""
        self.action_choose(1)
