"""Cold starts: why each took as long as it did, and whether that is usual."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.getters import query_one
from textual.timer import Timer

from console.actions import Scope
from console.language import tr, tr_many
from console.model.service import ServiceSnapshot
from console.model.starts.diagnosis import diagnose, headline
from console.model.starts.findings import Finding
from console.model.starts.reckoned import reckon
from console.model.starts.snapshot import StartsSnapshot
from console.model.starts.spans import phase_spans
from console.model.starts.start import ColdStart, Reason
from console.model.starts.statistics import LEAST_FOR_USUAL
from console.model.starts.window import Window
from console.model.starts.words import instance_text, seconds_text, time_text
from console.screens.base import ConsoleScreen, Surroundings
from console.screens.bindings import bindings
from console.screens.copying import copy_text
from console.screens.logs import LogsScreen
from console.screens.modals.measure import MeasureScreen
from console.screens.starts_in_sight import StartsInSight, View
from console.store import Topic
from console.terminal.sanitise import sanitise
from console.widgets.laid_text import Fitted
from console.widgets.starts.diagnosis_pane import DiagnosisPane, diagnosis
from console.widgets.starts.start_bars import Drawn
from console.widgets.starts.start_figures import StartFigures
from console.widgets.starts.start_row import Mark
from console.widgets.starts.start_state import nothing_shown, start_problem
from console.widgets.starts.start_table import StartTable
from console.widgets.starts.start_text import start_text
from console.widgets.starts.start_waterfall import StartWaterfall

_GROWTH_INTERVAL = 0.5
_AT_ONCE = 500
"""What so many starts have in common is reckoned before the screen is painted."""


class ColdStartsScreen(ConsoleScreen):
    """The screen of cold starts."""

    CSS_PATH = "coldstarts.tcss"
    ACTION: ClassVar[str] = "app.coldstarts"
    SCOPE: ClassVar[Scope | None] = Scope.COLD_STARTS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.COLD_STARTS)]

    table = query_one(StartTable)
    waterfall = query_one(StartWaterfall)
    diagnosis = query_one(DiagnosisPane)
    figures = query_one(StartFigures)
    problem = query_one("#start-problem", Fitted)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._sight = StartsInSight()
        self._growth: Timer | None = None
        self._painted: StartsSnapshot | None = None

    @property
    def window(self) -> Window:
        """How far back starts are looked at."""
        return self._sight.window

    def body(self) -> ComposeResult:
        """Lay out the starts, and below them what is known of the chosen one."""
        yield StartTable(
            phase_spans, self._sight.mark, lambda start: headline(self._findings(start))
        )
        yield Fitted(id="start-problem", markup=False)
        with Container(id="start-below"):
            yield StartWaterfall()
            yield StartFigures()
            yield DiagnosisPane()

    def on_mount(self) -> None:
        """Begin in the table; bars that go on grow by a timer that runs only while one does."""
        self.diagnosis.border_title = tr("Why")
        self._growth = self.set_interval(_GROWTH_INTERVAL, self._grow, pause=True)
        self.set_focus(self.table)

    def show(self, topics: frozenset[Topic]) -> None:
        """Paint what changed; an answer that brings no news is none."""
        known = replace(self.store.starts, fresh=self.store.starts.fresh.without_time)
        if Topic.STARTS in topics and known != self._painted:
            self._painted = known
            self._look()

    def show_age(self, service: ServiceSnapshot, now: datetime) -> None:
        """Say how well the starts are known."""
        self._describe(now)

    def on_start_table_chosen(self, event: StartTable.Chosen) -> None:
        """Show what is known of another start."""
        self._show_chosen()

    def on_start_table_reached_end(self) -> None:
        """Read starts of before."""
        if self._sight.older:
            self._read_older()

    async def do_logs(self) -> None:
        """Show the log of the chosen start's instance, from its beginning on."""
        start = self.table.chosen
        if start is None:
            return
        await self.app.run_action("app.perform('app.logs')")
        if isinstance(screen := self.app.screen, LogsScreen):
            here = start.reason is Reason.LOCAL
            screen.show_from(start.began, "" if here else start.instance)

    def do_measure(self) -> None:
        """Ask whether to measure a start, and do so."""
        operator = self.surroundings.operator
        if operator is not None:
            here = self.surroundings.restarts
            self.app.push_screen(MeasureScreen(operator, self.surroundings.monotonic, here=here))

    def do_compare(self) -> None:
        """Show the next of diagnosis, figures and comparisons."""
        both = self.has_class("-wide") and self.has_class("-high")
        self._sight.view = self._sight.view.next(both=both)
        self._show_chosen()

    def do_window(self) -> None:
        """Look at the next longer window of time."""
        self._sight.window = self._sight.window.next
        self._look()

    def do_copy(self) -> None:
        """Copy the chosen start and its diagnosis."""
        start = self.table.chosen
        if start is not None:
            text = start_text(self._drawn(start), self._findings(start))
            said = copy_text(self.app, text, tr("the start"), self.surroundings.multiplexer)
            self.app.notify(sanitise(said), markup=False)

    def _look(self) -> None:
        """Take in what is known; what thousands have in common is reckoned beside the screen."""
        now = self.surroundings.clock()
        if self._sight.look(self.store.starts, now):
            if len(self._sight.timings) > _AT_ONCE:
                self._reckon_beside()
            else:
                self._sight.reckoned = reckon(self._sight.timings)
        self._paint_starts(now)
        if self._growth is not None:
            if self._sight.going_on:
                self._growth.resume()
            else:
                self._growth.pause()

    @work(group="reckon", exclusive=True, exit_on_error=False)
    async def _reckon_beside(self) -> None:
        # No argument, for a worker describes itself by spelling out all that it is given.
        timings = self._sight.timings
        reckoned = await asyncio.to_thread(reckon, timings)
        if timings is self._sight.timings:
            self._sight.reckoned = reckoned
            self._paint_starts(self.surroundings.clock())

    @work(group="older starts", exit_on_error=False)
    async def _read_older(self) -> None:
        operator = self.surroundings.operator
        if operator is not None:
            await operator.older_starts()

    def _paint_starts(self, now: datetime) -> None:
        older = self._sight.older
        self.table.more = tr("… {count:,} older: end reads on", count=older) if older else ""
        self.table.show(self._sight.starts, now)
        self._describe(now)
        self._show_chosen()

    def _show_chosen(self) -> None:
        """Show the chosen start as a waterfall, why it was slow, and what it is compared with."""
        start = self.table.chosen
        self.waterfall.show(None if start is None else self._drawn(start))
        self.waterfall.border_title = Content(
            tr("Start-up") if start is None else self._title(start)
        )
        self.waterfall.border_subtitle = Content("" if start is None else self._against(start))
        self.diagnosis.show(diagnosis(() if start is None else self._findings(start)))
        self.set_class(self._sight.view is not View.DIAGNOSIS, "-figures")
        title, figures = self._sight.figures(start)
        self.figures.border_title = Content(title)
        self.figures.show(figures)

    def _drawn(self, start: ColdStart) -> Drawn:
        now = self.surroundings.clock() if self._goes_on(start) else None
        known = self._sight.reckoned
        return Drawn(start, phase_spans(start), known.usual_for(start), known.notable(start), now)

    def _goes_on(self, start: ColdStart) -> bool:
        return self._sight.mark(start) is Mark.GOING_ON

    def _findings(self, start: ColdStart) -> Sequence[Finding]:
        return diagnose(start, self._sight.reckoned.usual, self.store.starts.setting)

    def _title(self, start: ColdStart) -> str:
        now = self.surroundings.clock()
        seconds = (now - start.began).total_seconds() if self._goes_on(start) else start.total
        total = seconds_text(seconds) if start.failure is None else tr("failed")
        mark = self._sight.mark(start).value
        return f"{time_text(start.began, now)}  {instance_text(start)}  {total} {mark}".rstrip()

    def _against(self, start: ColdStart) -> str:
        known = self._sight.reckoned.usual.total
        if known is None or known.count < LEAST_FOR_USUAL:
            return ""
        return tr(
            "│ usually {seconds}, by {count:,} starts",
            seconds=seconds_text(known.median),
            count=known.count,
        )

    def _grow(self) -> None:
        """Let what goes on be as long as it is now."""
        if self.is_current:
            self.table.grow(self.surroundings.clock())
            start = self.table.chosen
            if start is not None and self._goes_on(start):
                self.waterfall.show(self._drawn(start))
                self.waterfall.border_title = Content(self._title(start))

    def _describe(self, now: datetime) -> None:
        """Say which starts these are, and why they are not all or not the newest."""
        known, sight = self.store.starts, self._sight
        words = (tr("Cold starts"), tr(sight.window.value), _counted(len(sight.timings)))
        title = "   ".join(filter(None, words))
        if title != str(self.table.border_title):
            self.table.border_title = Content(title)
        self.table.empty = nothing_shown(known, sight.window)
        said = start_problem(known, now)
        self.problem.display = bool(said)
        if said != str(self.problem.content):
            self.problem.update(Content(said))


def _counted(starts: int) -> str:
    return tr_many("1 start", "{count:,} starts", starts) if starts else ""
