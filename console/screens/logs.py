"""Logs: what happened, following."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, Label

from console.actions import Action, Scope, action
from console.model.log_query import EVERYTHING, Query, brief, phrase
from console.model.log_terms import InvalidQuery, Op
from console.model.logs import Severity
from console.screens.base import ConsoleScreen, Surroundings
from console.screens.bindings import bindings
from console.screens.modals.detail import DetailScreen
from console.store import Topic
from console.widgets.line_input import LineInput
from console.widgets.log_detail import entry_detail
from console.widgets.log_view import LogView
from console.widgets.prompt import one_line

_SEARCH, _FILTER = "/", "&"


class LogsScreen(ConsoleScreen):
    """The screen of log lines."""

    ACTION: ClassVar[str] = "app.logs"
    SCOPE: ClassVar[Scope | None] = Scope.LOGS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LOGS)]

    lines = query_one(LogView)
    bar = query_one("#find", Horizontal)
    sign = query_one("#find-sign", Label)
    find = query_one("#find-text", Input)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._search = EVERYTHING

    def body(self) -> ComposeResult:
        """Lay out the lines, and the row in which to write what is looked for."""
        yield LogView(self.store.logs, id="lines")
        with Horizontal(id="find", classes="row"):
            yield Label(_SEARCH, id="find-sign", classes="mark")
            yield LineInput(id="find-text", compact=True)

    def on_mount(self) -> None:
        """Begin with the lines; the row to write in appears when it is asked for."""
        self.bar.display = False
        self.set_focus(self.lines)

    def show(self, topics: frozenset[Topic]) -> None:
        """Take in new lines."""
        if Topic.LOGS in topics:
            self.lines.update()

    def own_actions(self) -> tuple[Action, ...]:
        """While something is looked for, only how to leave that."""
        return (action("logs.clear"),) if self.typing else super().own_actions()

    def on_log_view_moved(self) -> None:
        """Say again what is shown."""
        self.lines.border_title = Content(self._description())
        waiting = self.lines.arrived_since_pause
        self.lines.border_subtitle = f"+{waiting:,} new, G to follow" if waiting else None

    def on_log_view_opened(self, event: LogView.Opened) -> None:
        """Show a line in full."""
        entry = event.entry
        self.app.push_screen(DetailScreen("Log line", entry_detail(entry)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search or filter for what was written."""
        text = event.value.strip()
        try:
            if str(self.sign.content) == _FILTER:
                self._filter(Query.parse(text))
            else:
                self._search = phrase(text)
                self.lines.mark(self._search)
                self._find(-1)
        except InvalidQuery as error:
            self.app.notify(str(error), severity="warning", markup=False)
            return
        self._leave()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is being written."""
        if str(self.sign.content) == _FILTER and self.bar.display:
            with suppress(InvalidQuery):
                self._filter(Query.parse(event.value))

    def do_clear(self) -> None:
        """Leave the row, or end filter and search."""
        if self.typing:
            self._leave()
        else:
            self._search = EVERYTHING
            self.lines.mark(EVERYTHING)
            self._filter(EVERYTHING)

    def do_follow(self) -> None:
        """Follow, or stop."""
        self.lines.follow(not self.lines.following)

    def do_end(self) -> None:
        """Go to the newest line and follow."""
        self.lines.follow(True)

    def do_top(self) -> None:
        """Go to the oldest line."""
        self.lines.go_to_start()

    def do_severity(self) -> None:
        """Show from the next severity on, after ERROR all again."""
        term = self.lines.filter.of("severity")
        now = Severity.DEBUG if term is None else Severity[term.value]
        severity = Severity((now + 1) % len(Severity))
        query = self.lines.filter.without("severity")
        if severity:
            query = query.having("severity", Op.AT_LEAST, severity.name)
        self._filter(query)

    def do_detail(self) -> None:
        """Show the line under the cursor in full."""
        self.lines.open_line()

    def do_search(self) -> None:
        """Ask what to search for."""
        self._ask(_SEARCH, "")

    def do_filter(self) -> None:
        """Ask which lines to show."""
        self._ask(_FILTER, str(self.lines.filter))

    def do_next(self) -> None:
        """Go to the next line found."""
        self._find(1)

    def do_previous(self) -> None:
        """Go to the line found before."""
        self._find(-1)

    def on_log_view_not_found(self, event: LogView.NotFound) -> None:
        """Say that there is no such line."""
        where = "later" if event.direction > 0 else "earlier"
        self.app.notify(f"no {where} line with {one_line(event.what)}", markup=False)

    def _find(self, direction: int) -> None:
        wanted = self._search.compiled(datetime.now(UTC))
        if wanted is not None:
            self.lines.seek(wanted, direction, str(self._search))

    def _filter(self, query: Query) -> None:
        self.lines.show(query, query.compiled(datetime.now(UTC)))

    def _ask(self, sign: str, text: str) -> None:
        self.sign.update(Content(sign))
        self.find.value = text
        self.bar.display = True
        self.set_focus(self.find)

    def _leave(self) -> None:
        self.bar.display = False
        self.set_focus(self.lines)

    def _description(self) -> str:
        parts = ["Logs", "following" if self.lines.following else "paused"]
        parts += [brief(term) for term in self.lines.filter.terms]
        if self._search.terms:
            parts.append(f"/ {one_line(str(self._search))}")
        count = f"{self.lines.rows:,}"
        if self.lines.filter.terms:
            count += f" of {self.lines.total:,}"
        return "   ".join([*parts, f"{count} lines", "UTC"])
