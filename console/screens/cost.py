"""Cost: what is spent now and this month, and what another set-up would cost."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.getters import query_one
from textual.timer import Timer

from console.actions import Scope
from console.language import tr, tr_later
from console.model.cost.estimate import FreeTier
from console.model.cost.report import CostReport
from console.screens.base import ConsoleScreen, Surroundings
from console.screens.bindings import bindings
from console.screens.copying import copy_text
from console.screens.modals.prices import PricesScreen
from console.screens.modals.what_if import WhatIfScreen
from console.store import Topic
from console.terminal.sanitise import sanitise
from console.widgets.costs.amounts import SIGNS
from console.widgets.costs.cost_breakdown import CostBreakdown
from console.widgets.costs.cost_head import CostHead, counts_down
from console.widgets.costs.cost_meaning import CostMeaning
from console.widgets.costs.cost_text import cost_text

_COUNTING_INTERVAL = 1.0
_NO_REPORT = tr_later("no costs are known yet")
_NEXT_FREE = {
    FreeTier.NONE: FreeTier.SHARED,
    FreeTier.SHARED: FreeTier.ALONE,
    FreeTier.ALONE: FreeTier.NONE,
}
_FREE_SAID = {
    FreeTier.NONE: tr_later("reckoning without the free tier"),
    FreeTier.SHARED: tr_later("reckoning from all of the free tier to none of it"),
    FreeTier.ALONE: tr_later("reckoning with all of the free tier"),
}


class CostScreen(ConsoleScreen):
    """The screen of costs."""

    CSS_PATH = "cost.tcss"
    ACTION: ClassVar[str] = "app.cost"
    SCOPE: ClassVar[Scope | None] = Scope.COST
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.COST)]

    head = query_one(CostHead)
    breakdown = query_one(CostBreakdown)
    meaning = query_one(CostMeaning)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._counting: Timer | None = None

    @property
    def report(self) -> CostReport | None:
        """The newest report; None before the first one."""
        return self.store.cost.report

    def body(self) -> ComposeResult:
        """Lay out the head, the breakdown, and what it means."""
        yield CostHead()
        yield CostBreakdown(colour=self.surroundings.colour)
        yield CostMeaning()

    def on_mount(self) -> None:
        """Begin with the breakdown; a timer counts only while something goes on by the clock."""
        self.breakdown.border_title = tr("What for")
        self.breakdown.border_subtitle = tr(SIGNS)
        self.meaning.border_title = tr("What it means")
        self._counting = self.set_interval(_COUNTING_INTERVAL, self._count, pause=True)
        self.set_focus(self.breakdown)

    def show(self, topics: frozenset[Topic]) -> None:
        """Paint what changed."""
        if Topic.COST not in topics:
            return
        report = self.report
        self.breakdown.show(report)
        self.set_class(report is None, "-unknown")
        if report is not None:
            self.meaning.show(report)
        self._count()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """In a low terminal, give room to what is read."""
        self.set_class(event.widget is self.meaning, "-reading")
        super().on_descendant_focus(event)

    def on_screen_suspend(self) -> None:
        """Count nothing that nobody sees."""
        if self._counting is not None:
            self._counting.pause()

    def do_lines(self) -> None:
        """Show what the part under the cursor is made of, or hide it."""
        self.breakdown.toggle()

    def do_what_if(self) -> None:
        """Say what a month would cost with one thing changed."""
        if (report := self._known()) is not None:
            self.app.push_screen(WhatIfScreen(report))

    def do_prices(self) -> None:
        """Show every price that counts here."""
        if (report := self._known()) is not None:
            self.app.push_screen(PricesScreen(report))

    def do_free(self) -> None:
        """Reckon with more of the free tier, after all of it with none."""
        report, operator = self._known(), self.surroundings.operator
        if report is not None and operator is not None:
            free = _NEXT_FREE[report.free]
            operator.reckon(free)
            self._say(tr(_FREE_SAID[free]))

    def do_copy(self) -> None:
        """Copy what is known of costs as text."""
        if (report := self._known()) is not None:
            text = cost_text(report, self.surroundings.clock())
            self._say(copy_text(self.app, text, tr("the costs"), self.surroundings.multiplexer))

    def _known(self) -> CostReport | None:
        if self.report is None:
            self._say(tr(_NO_REPORT))
        return self.report

    def _say(self, text: str) -> None:
        self.app.notify(sanitise(text), markup=False)

    def _count(self) -> None:
        """Say what is spent now; go on with that only while it changes with the clock."""
        now = self.surroundings.clock()
        self.head.show(self.store.cost, now)
        if self._counting is None:
            return
        if self.is_current and (counts_down(self.report, now) or self.store.cost.fresh.ages):
            self._counting.resume()
        else:
            self._counting.pause()
