"""The panel that says what costs mean: which storage class to take, and facts beside it."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.getters import query_one

from console.language import tr, tr_later
from console.model.cost.report import CostReport
from console.widgets.costs.class_table import class_table
from console.widgets.costs.cost_insights import insights
from console.widgets.laid_text import Laid

_MORE = tr_later("tab and ↓ show more")


class CostMeaning(VerticalScroll):
    """Storage classes, and one fact for each row; side by side where there is room."""

    classes_table = query_one("#classes", Laid)
    facts = query_one("#facts", Laid)

    def compose(self) -> ComposeResult:
        """Lay out both."""
        yield Laid(id="classes")
        yield Laid(id="facts")

    def show(self, report: CostReport) -> None:
        """Show what another report means."""
        self.classes_table.show(lambda width: class_table(report, width))
        self.facts.show(lambda width: insights(report, width))

    def watch_virtual_size(self) -> None:
        """Say that there is more than can be seen, where it is so."""
        self.call_after_refresh(self._hint)

    def on_resize(self, event: events.Resize) -> None:
        """Say that there is more than can be seen, where it is so."""
        self.call_after_refresh(self._hint)

    def _hint(self) -> None:
        said = tr(_MORE) if self.max_scroll_y > 0 else ""
        if said != (self.border_subtitle or ""):
            self.border_subtitle = said
