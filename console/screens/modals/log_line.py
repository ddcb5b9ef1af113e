"""A log line in full, over the log: to read, to copy, and to go on from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from console.language import tr
from console.model.log.lines import LogEntry
from console.model.log.text import as_json, as_text
from console.screens.modals.detail import DetailScreen
from console.widgets.logs.log_detail import line_detail, line_title


class LogLineScreen(DetailScreen):
    """Shows `entry` with the lines of its `request`; `copy` takes what is to be copied.

    `only_request` shows nothing but those lines in the log.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy(False)", "copy", show=False),
        Binding("Y", "copy(True)", "copy as JSON", show=False),
        Binding("T", "only_request", "this request only", show=False),
    ]

    def __init__(
        self,
        entry: LogEntry,
        request: Sequence[LogEntry],
        copy: Callable[[str], None],
        only_request: Callable[[], None],
    ) -> None:
        super().__init__(line_title(entry, request), line_detail(entry, request))
        self._entry = entry
        self._lines = request
        self._copy = copy
        self._only_request = only_request

    def on_mount(self) -> None:
        """Say which keys work here."""
        if len(self._lines) > 1:
            keys = tr("y copies, Y as JSON, T shows only this request, esc goes back")
        else:
            keys = tr("y copies, Y as JSON, esc goes back")
        self.query_one(VerticalScroll).border_subtitle = Content(keys)

    def action_copy(self, as_object: bool) -> None:
        """Copy the line, with those of its request where there are any."""
        lines = self._lines if len(self._lines) > 1 else [self._entry]
        if as_object:
            self._copy("\n".join(as_json(line, indent=2) for line in lines))
        else:
            self._copy("\n".join(map(as_text, lines)))

    def action_only_request(self) -> None:
        """Show only the lines of this request in the log."""
        self.dismiss(None)
        self._only_request()
