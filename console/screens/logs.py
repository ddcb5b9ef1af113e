"""Logs: what happened, following."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.getters import query_one
from textual.widgets import Input, Label

from console.actions import Action, Scope, action
from console.model.log_index import LogFilter
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
        self._search = ""

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
        self.app.push_screen(DetailScreen(f"Log line {entry.seq + 1:,}", entry_detail(entry)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search or filter for what was written."""
        text = event.value.strip()
        if str(self.sign.content) == _FILTER:
            self.lines.show(LogFilter(self.lines.filter.severity, text))
        else:
            self._search = text
            self.lines.mark(text)
            self._find(-1, "no line contains")
        self._leave()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is being written."""
        if str(self.sign.content) == _FILTER and self.bar.display:
            self.lines.show(LogFilter(self.lines.filter.severity, event.value.strip()))

    def do_clear(self) -> None:
        """Leave the row, or end filter and search."""
        if self.typing:
            self._leave()
        else:
            self._search = ""
            self.lines.mark("")
            self.lines.show(LogFilter())

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
        severity = Severity((self.lines.filter.severity + 1) % len(Severity))
        self.lines.show(LogFilter(severity, self.lines.filter.text))

    def do_detail(self) -> None:
        """Show the line under the cursor in full."""
        self.lines.open_line()

    def do_search(self) -> None:
        """Ask what to search for."""
        self._ask(_SEARCH, self._search)

    def do_filter(self) -> None:
        """Ask which lines to show."""
        self._ask(_FILTER, self.lines.filter.text)

    def do_next(self) -> None:
        """Go to the next line found."""
        self._find(1, "no later line contains")

    def do_previous(self) -> None:
        """Go to the line found before."""
        self._find(-1, "no earlier line contains")

    def _find(self, direction: int, otherwise: str) -> None:
        if self._search and not self.lines.find(self._search, direction):
            self.app.notify(f"{otherwise} {one_line(self._search)!r}", markup=False)

    def _ask(self, sign: str, text: str) -> None:
        self.sign.update(Content(sign))
        self.find.value = text
        self.bar.display = True
        self.set_focus(self.find)

    def _leave(self) -> None:
        self.bar.display = False
        self.set_focus(self.lines)

    def _description(self) -> str:
        shown = self.lines.filter
        parts = ["Logs", "following" if self.lines.following else "paused"]
        if shown.severity:
            parts.append(f"≥{shown.severity.name}")
        if shown.text:
            parts.append(f"& {one_line(shown.text)}")
        if self._search:
            parts.append(f"/ {one_line(self._search)}")
        count = f"{self.lines.rows:,}"
        if not shown.shows_all:
            count += f" of {len(self.store.logs):,}"
        return "   ".join([*parts, f"{count} lines", "UTC"])
