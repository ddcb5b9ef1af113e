"""What if: the changes that could be made, and what each would do to a month and to waiting."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from console.language import tr, tr_later
from console.model.cost.report import CostReport
from console.model.cost.what_if import Dimension, WhatIf
from console.widgets.costs.what_if_rows import (
    by_saving,
    dimension_row,
    dimensions,
    what_if_detail,
    what_if_rows,
)
from console.widgets.laid_text import Fitted

_NONE = tr_later(
    "– nothing can be said: the shape of the service or the size of its model is not known"
)


class WhatIfScreen(ModalScreen[None]):
    """The changes of one report; tab goes to the next dimension, esc, q or w leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,w", "dismiss", "back", show=False),
        Binding("tab,right,l", "dimension(1)", "next dimension", show=False, priority=True),
        Binding(
            "shift+tab,left,h", "dimension(-1)", "previous dimension", show=False, priority=True
        ),
        Binding("j", "move('cursor_down')", "down", show=False),
        Binding("k", "move('cursor_up')", "up", show=False),
    ]

    changes = query_one(OptionList)
    heads = query_one("#heads", Static)
    choice = query_one("#dimensions", Static)
    detail = query_one("#change", Fitted)

    def __init__(self, report: CostReport) -> None:
        super().__init__()
        self._report = report
        self._dimensions: tuple[Dimension | None, ...] = (None, *dimensions(report.what_ifs))
        self._place = 0
        self._shown: tuple[WhatIf, ...] = ()

    def compose(self) -> ComposeResult:
        """Lay out the dimensions, the changes, and the one that is highlighted in full."""
        with Vertical(classes="panel what-if") as panel:
            panel.border_title = Content(tr("What if   {label}", label=self._report.label))
            panel.border_subtitle = tr("tab next kind, esc goes back")
            yield Static(id="dimensions", markup=False)
            yield Static(id="heads", markup=False)
            yield OptionList(markup=False, compact=True)
            yield Fitted(id="change", markup=False)

    def on_mount(self) -> None:
        """Begin with all changes."""
        self.changes.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the columns out anew."""
        self.call_after_refresh(self._show)

    def action_dimension(self, by: int) -> None:
        """Show the changes of the next dimension, after the last one of all again."""
        self._place = (self._place + by) % len(self._dimensions)
        self._show()

    def action_move(self, how: str) -> None:
        """Move the highlight."""
        getattr(self.changes, f"action_{how}")()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say the change under the highlight in full."""
        event.stop()
        self._describe()

    def _show(self) -> None:
        dimension = self._dimensions[self._place]
        self._shown = by_saving(self._report.what_ifs, dimension)
        self.choice.update(dimension_row(self._dimensions, self._place))
        head, rows = what_if_rows(self._shown, max(self.changes.content_size.width - 1, 1))
        self.heads.update(head)
        self.changes.clear_options()
        self.changes.add_options(Option(row) for row in rows)
        self.changes.highlighted = 0 if rows else None
        self._describe()

    def _describe(self) -> None:
        place = self.changes.highlighted
        if place is None or place >= len(self._shown):
            self.detail.update(Content.styled("" if self._shown else tr(_NONE), "$text-muted"))
            return
        width = self.detail.content_size.width
        self.detail.update(what_if_detail(self._shown[place], width))
