"""One of a few rows, chosen by the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from console.language import tr

Row = Callable[[int], Content]
"""Returns a row for a width in cells."""


class ChooseScreen(ModalScreen[str | None]):
    """Returns the value of the chosen row, or None when it was left with esc.

    `rows` are values with what stands for them; `chosen` is the place of the first to be under the
    cursor.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "back", show=False),
        Binding("j", "move('cursor_down')", "down", show=False),
        Binding("k", "move('cursor_up')", "up", show=False),
    ]

    options = query_one(OptionList)

    def __init__(self, title: str, rows: Sequence[tuple[str, Row]], chosen: int = 0) -> None:
        super().__init__()
        self._title = title
        self._rows = tuple(rows)
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """Lay out one panel with the rows."""
        with Vertical(classes="panel choose") as panel:
            panel.border_title = Content(self._title)
            panel.border_subtitle = Content(tr("enter chooses, esc goes back"))
            yield OptionList(markup=False, compact=True)

    def on_mount(self) -> None:
        """Begin with what is most likely wanted."""
        self.options.focus()
        self.call_after_refresh(self._lay_out)

    def on_resize(self, event: events.Resize) -> None:
        """Lay the rows out for the new width."""
        self.call_after_refresh(self._lay_out)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return what was chosen."""
        event.stop()
        self.dismiss(self._rows[event.option_index][0])

    def action_move(self, how: str) -> None:
        """Move the highlight."""
        getattr(self.options, f"action_{how}")()

    def _lay_out(self) -> None:
        width = max(self.options.content_size.width - 1, 1)
        before = self.options.highlighted
        self.options.clear_options()
        self.options.add_options(Option(row(width)) for _, row in self._rows)
        self.options.highlighted = self._chosen if before is None else before
