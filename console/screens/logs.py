"""Logs: what happened, following."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.getters import query_one

from console.actions import Action, Scope, action
from console.language import tr, tr_many
from console.log_files import save_lines
from console.model.log.kinds import is_error, is_start
from console.model.log.lines import LogEntry
from console.model.log.query import EVERYTHING, Query, phrase
from console.model.log.request import same_request
from console.model.log.steps import next_origin, next_severity, next_span, only
from console.model.log.terms import InvalidQuery, Op, Shown
from console.model.log.text import as_json, as_text, file_name
from console.model.service import ServiceSnapshot
from console.paths import logs_directory
from console.screens.base import ConsoleScreen, Surroundings
from console.screens.bindings import bindings
from console.screens.copying import copy_text
from console.screens.modals.ask import AskScreen
from console.screens.modals.log_line import LogLineScreen
from console.screens.older_lines import OlderLines
from console.store import Topic
from console.terminal.sanitise import sanitise
from console.widgets.laid_text import Fitted
from console.widgets.logs.log_filter_bar import LogFilterBar
from console.widgets.logs.log_find_bar import LogFindBar, Purpose
from console.widgets.logs.log_state import DOES_NOT_SAY, log_problem, nothing_shown
from console.widgets.logs.log_view import LogView

_PAINTED_FIRST = 0.03
"""How many seconds a filter that is being written waits for the next key."""


class LogsScreen(ConsoleScreen):
    """The screen of log lines."""

    CSS_PATH = "../widgets/logs/log_view.tcss"
    ACTION: ClassVar[str] = "app.logs"
    SCOPE: ClassVar[Scope | None] = Scope.LOGS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LOGS)]

    lines = query_one(LogView)
    filter_bar = query_one(LogFilterBar)
    find_bar = query_one(LogFindBar)
    problem = query_one("#log-problem", Fitted)

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._search = EVERYTHING
        self._described = ("", "")
        self._older = OlderLines(self.store.logs, surroundings.clock)

    def body(self) -> ComposeResult:
        """Lay out the filter, the lines, what is wrong with them, and the row to write in."""
        yield LogFilterBar()
        yield LogView(self.store.logs, id="lines")
        yield Fitted(id="log-problem", markup=False)
        yield LogFindBar(id="find")

    def on_mount(self) -> None:
        """Begin with the lines; the row to write in appears when it is asked for."""
        self.set_focus(self.lines)

    def show(self, topics: frozenset[Topic]) -> None:
        """Take in new lines."""
        if Topic.LOGS in topics:
            self.lines.update()
            self._describe()  # At once, so that rows and title are painted together.
        if Topic.SERVICE in topics:
            self.show_age(self.store.service, self.surroundings.clock())

    def show_age(self, service: ServiceSnapshot, now: datetime) -> None:
        """Say why the log is not as it should be, and since when."""
        said = log_problem(service, now)
        self.problem.display = bool(said)
        if said != str(self.problem.content):
            self.problem.update(Content(said))
        self._describe()

    def own_actions(self) -> tuple[Action, ...]:
        """While something is looked for, only how to leave that."""
        return (action("logs.clear"),) if self.typing else super().own_actions()

    def on_log_view_moved(self) -> None:
        """Say again what is shown."""
        self._describe()

    def on_log_view_opened(self, event: LogView.Opened) -> None:
        """Show a line in full."""
        entry = event.entry
        request = same_request(self.store.logs, entry)
        self.app.push_screen(LogLineScreen(entry, request, self._copy, self.do_request))

    def on_log_view_reached_top(self) -> None:
        """Read what is from before the first line."""
        self._read_older()

    def on_log_view_not_found(self, event: LogView.NotFound) -> None:
        """Say that there is no such line."""
        if event.direction > 0:
            self._say(tr("no later {what} in what is shown", what=event.what))
        else:
            self._say(tr("no earlier {what} in what is shown", what=event.what))

    def on_log_view_took_too_long(self) -> None:
        """Say why all lines are shown again."""
        self._search = EVERYTHING
        self._say(tr("this expression takes too long on these lines; write a simpler one"))

    def on_log_find_bar_written(self, event: LogFindBar.Written) -> None:
        """Search or filter for what is written; what cannot be read changes nothing."""
        try:
            if event.purpose is Purpose.FILTER and event.final:
                self._filter(Query.parse(event.text))
            elif event.purpose is Purpose.FILTER:
                self._filter_soon(Query.parse(event.text))
            elif event.final:
                self._search_for(phrase(event.text))
        except InvalidQuery as error:
            self.find_bar.say(str(error))
            return
        self.find_bar.say("")
        if event.final:
            self._leave()

    def do_clear(self) -> None:
        """Leave the row, or select nothing, or end the search, or shorten the filter."""
        if self.typing:
            self._leave()
        elif self.lines.selection:
            self.lines.select_nothing()
        elif self._search.terms:
            self._search = EVERYTHING
            self.lines.mark(EVERYTHING)
        elif self.lines.filter.terms:
            self._filter(self.lines.filter.shorter())
        else:
            self.lines.marks.clear()
            self._marked()

    def do_follow(self) -> None:
        """Follow, or stop."""
        self.lines.follow(not self.lines.following)

    def do_end(self) -> None:
        """Go to the newest line and follow."""
        self.lines.follow(True)

    def do_top(self) -> None:
        """Go to the oldest line."""
        self.lines.go_to_start()

    def do_search(self) -> None:
        """Ask what to search for."""
        self.find_bar.open(Purpose.SEARCH, "")

    def do_filter(self) -> None:
        """Ask which lines to show."""
        query = str(self.lines.filter)
        self.find_bar.open(Purpose.FILTER, f"{query} " if query else "")

    def do_next(self) -> None:
        """Go to the next line found."""
        self._find(1)

    def do_previous(self) -> None:
        """Go to the line found before."""
        self._find(-1)

    def do_error_before(self) -> None:
        """Go to the error before."""
        self.lines.seek(is_error, -1, tr("error"))

    def do_error_after(self) -> None:
        """Go to the next error."""
        self.lines.seek(is_error, 1, tr("error"))

    def do_start_before(self) -> None:
        """Go to where an instance started before."""
        self.lines.seek(is_start, -1, tr("start of an instance"))

    def do_start_after(self) -> None:
        """Go to where an instance started next."""
        self.lines.seek(is_start, 1, tr("start of an instance"))

    def do_severity(self) -> None:
        """Show from the next severity on, after ERROR all again."""
        self._filter(next_severity(self.lines.filter))

    def do_since(self) -> None:
        """Show the next longer span of time, after the longest all again."""
        self._filter(next_span(self.lines.filter))

    def do_origin(self) -> None:
        """Show what the next origin wrote, after the last of all again."""
        self._filter(next_origin(self.lines.filter))

    def do_instance(self) -> None:
        """Show this instance only, or all again."""
        self._only("instance")

    def do_revision(self) -> None:
        """Show this revision only, or all again."""
        self._only("revision")

    def do_request(self) -> None:
        """Show this request only, or all again."""
        self._only("trace")

    def do_detail(self) -> None:
        """Show the line under the cursor in full."""
        self.lines.open_line()

    def do_times(self) -> None:
        """Show the next kind of times."""
        self.lines.times = self.lines.times.next

    def do_mark(self) -> None:
        """Mark the line under the cursor, or take its mark away."""
        if (entry := self.lines.entry) is not None:
            self.lines.marks.turn(entry)
            self._marked()

    def do_mark_to(self) -> None:
        """Mark what is shown from the line marked last to the one under the cursor."""
        if (entry := self.lines.entry) is not None:
            self.lines.marks.reach(entry, self.lines.entries())
            self._marked()

    def do_mark_before(self) -> None:
        """Go to the marked line before."""
        self.lines.seek(self.lines.marks.__contains__, -1, tr("marked line"))

    def do_mark_after(self) -> None:
        """Go to the next marked line."""
        self.lines.seek(self.lines.marks.__contains__, 1, tr("marked line"))

    def do_copy(self) -> None:
        """Copy what is selected, else the marked lines, else the line under the cursor."""
        if part := self.lines.selected_text:
            self._say(copy_text(self.app, part, tr("the text"), self.surroundings.multiplexer))
        elif taken := self._taken():
            self._copy("\n".join(as_text(entry) for entry in taken))

    def do_copy_json(self) -> None:
        """Copy the same as JSON, several as one on each line."""
        taken = self._taken()
        if len(taken) == 1:
            self._copy(as_json(taken[0], indent=2))
        elif taken:
            self._copy("\n".join(as_json(entry) for entry in taken))

    def do_save(self) -> None:
        """Ask where to save the selected lines, else the marked ones, else all that are shown."""
        service = self.store.service
        name = service.facts.name.service if service.facts is not None else service.source
        proposed = logs_directory() / file_name(name, self.surroundings.clock())
        if selected := self.lines.selected_lines:
            question = tr("Save {count:,} selected lines as (.jsonl: as JSON)", count=selected)
        elif marked := len(self.lines.marks):
            question = tr("Save {count:,} marked lines as (.jsonl: as JSON)", count=marked)
        else:
            question = tr("Save {count:,} lines as (.jsonl: as JSON)", count=self.lines.rows)
        self.app.push_screen(AskScreen(question, str(proposed)), self._save_to)

    def _save_to(self, path: str | None) -> None:
        if path is not None:
            self._save(path)

    @work(group="save", exclusive=True, exit_on_error=False)
    async def _save(self, path: str) -> None:
        lines = self.lines
        entries = lines.selected() or lines.marks.entries() or lines.entries()
        try:
            where = await save_lines(entries, Path(path))
        except OSError as error:
            why = error.strerror or error
            self._say(tr("✗ not saved to {path}: {why}; save it elsewhere", path=path, why=why))
        else:
            self._say(tr("saved {count:,} lines as {path}", count=len(entries), path=where))

    @work(group="older", exit_on_error=False)
    async def _read_older(self) -> None:
        reading = self._older.read(self.surroundings.operator, self.lines.filter)
        self._describe()
        await reading
        self.lines.begin_at(self._older.begins(self.lines.filter))
        self._describe()

    def show_from(self, since: datetime, instance: str = "") -> None:
        """Show the lines from a moment on, of one instance where it is named, the oldest first."""
        query = EVERYTHING.having("from", Op.EQUAL, f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
        if instance:
            query = query.having("instance", Op.EQUAL, instance)
        self._filter(query)
        self.lines.go_to_start()

    def _only(self, key: str) -> None:
        entry = self.lines.entry
        if entry is not None:
            asked = only(self.lines.filter, key, entry)
            if asked is None:
                self._say(tr(DOES_NOT_SAY[key]))
            else:
                self._filter(asked)

    def _search_for(self, search: Query) -> None:
        self._search = search
        self.lines.mark(search)
        self._find(-1)

    def _find(self, direction: int) -> None:
        wanted = self._compiled(self._search)
        if wanted is not None:
            self.lines.seek(wanted, direction, tr("line with {search}", search=self._search))

    @work(group="filter", exclusive=True, exit_on_error=False)
    async def _filter_soon(self, query: Query) -> None:
        """Filter once what was written is painted, for to paint all lines anew takes longer."""
        await asyncio.sleep(_PAINTED_FIRST)
        self._filter(query, settled=False)

    def _filter(self, query: Query, *, settled: bool = True) -> None:
        if settled:
            self.workers.cancel_group(self, "filter")
        self._older.said = ""
        self.lines.show(query, self._compiled(query), self._older.begins(query))
        if settled and self._older.misses(self.surroundings.operator, query):
            self._read_older()

    def _compiled(self, query: Query) -> Shown | None:
        return query.compiled(self.surroundings.clock())

    def _marked(self) -> None:
        self.lines.refresh()
        self._describe()

    def _taken(self) -> list[LogEntry]:
        """Return the selected lines, else the marked ones, else the one under the cursor."""
        entry = self.lines.entry
        taken = self.lines.selected() or self.lines.marks.entries()
        return taken or ([] if entry is None else [entry])

    def _copy(self, text: str) -> None:
        what = tr("the lines") if "\n" in text else tr("the line")
        self._say(copy_text(self.app, text, what, self.surroundings.multiplexer))

    def _say(self, text: str) -> None:
        self.app.notify(sanitise(text), markup=False)

    def _leave(self) -> None:
        self.find_bar.close()
        self.set_focus(self.lines)

    def _describe(self) -> None:
        lines, query = self.lines, self.lines.filter
        self.filter_bar.show(query, lines.rows, lines.total, lines.scanned)
        followed = self.store.service.log_problem is None
        title = [tr("Logs")]
        if not lines.following:
            title.append(tr("paused"))
        else:
            title.append(tr("following") if followed else tr("not followed"))
        if self._search.terms:
            title.append(f"/ {sanitise(str(self._search))}")
        title.append(tr_many("{count:,} line", "{count:,} lines", lines.total))
        if selected := lines.selected_lines:
            title.append(tr("{count:,} selected", count=selected))
        if marked := len(lines.marks):
            title.append(tr("{count:,} marked", count=marked))
        title.append(tr(lines.times.value))
        said = ("   ".join(title), "   ".join(self._news()))
        if said != self._described:  # Textual paints all rows again for a title.
            self._described = said
            lines.border_title, lines.border_subtitle = map(Content, said)
        lines.empty = nothing_shown(self.store.service, query, lines.total, self._older.reading)

    def _news(self) -> list[str]:
        """Say what waits out of sight: before the first line, and after the last one seen."""
        news = [tr("reading older lines…") if self._older.reading else self._older.said]
        if self.store.logs.let_go:
            news.append(tr("{count:,} older let go", count=self.store.logs.let_go))
        if waiting := self.lines.arrived_since_pause:
            news.append(tr("+{count:,} new, G to follow", count=waiting))
        return [each for each in news if each]
