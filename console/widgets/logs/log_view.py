"""A log that is filtered and searched, portion by portion, so that keys have their turn between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from time import monotonic
from typing import Final, TypeVar

from textual import work
from textual.message import Message

from console.model.log.index import Seek, Shown
from console.model.log.lines import LogEntry
from console.model.log.query import EVERYTHING, Query, marked_by
from console.model.log.store import LogStore
from console.widgets.logs.log_selecting import SelectableLog
from console.widgets.time_limit import TookTooLong, time_limit

_PAINTED_FIRST: Final = 0.03
"""How many seconds a filter waits with most of it, so that the key that wrote it is painted."""

_TURN: Final = 0.004
"""After how many seconds of a filter or a search everything else gets its turn."""

_BREATH: Final = 0.0015
"""How long that turn is at least: a key takes several steps until it is on screen."""

_SHOWN_EVERY: Final = 0.25
"""How many seconds lie between two looks at what was found so far: to paint takes its time too."""

_LONGEST: Final = 2.0
"""How many seconds a portion of the lines may take."""

_Result = TypeVar("_Result")


class LogView(SelectableLog):
    """A following, filtered view of a `LogStore`; call `update` when the store grew.

    `zone` is what local time means, None that of this machine.
    """

    @dataclass
    class NotFound(Message):
        """A search came to the end without a line; `direction` is that of the search."""

        what: str
        direction: int

    @dataclass
    class TookTooLong(Message):
        """Filter or search went astray in a line; both were dropped."""

    def __init__(
        self, store: LogStore, *, zone: tzinfo | None = None, id: str | None = None
    ) -> None:
        super().__init__(store, zone=zone, id=id)
        self._filter = self._search = EVERYTHING

    @property
    def filter(self) -> Query:
        """The filter in force."""
        return self._filter

    @property
    def scanned(self) -> float | None:
        """The share of the log to which the filter was applied; None when that is all of it."""
        return self._index.scanned if self._index.scanning else None

    def on_mount(self) -> None:
        """Start at the end."""
        self._rows.look_at(self._index.entries())
        self.update()

    def update(self) -> None:
        """Take in what the store holds now; when not following, nothing in sight moves."""
        scanning = self._index.scanning
        self._rows.look_at(self._in_time(self._index.update) or ())
        self._rearranged()
        if self._index.scanning and not scanning:
            self._scan_on()

    def show(self, query: Query, shown: Shown | None, begins: datetime | None = None) -> None:
        """Show the lines that `shown` lets through, as `query` says in words; None means all.

        Lines from before `begins` are left out. The cursor stays at its line or the nearest one
        shown. On a long log it takes a while, in which the newest lines come first.
        """
        self._filter = query
        self._index.refilter(shown, begins)
        self._in_time(self._index.scan)
        self._mark()
        self._top = self.cursor
        self._rearranged()
        if self._index.scanning:
            self._scan_on()

    def begin_at(self, begins: datetime | None) -> None:
        """Show what is known from further back; nothing in sight moves."""
        self._in_time(partial(self._index.begin_at, begins))
        self._rows.look_at(self._index.entries())
        self._rearranged()
        if self._index.scanning:
            self._scan_on()

    def mark(self, search: Query) -> None:
        """Mark what is searched for wherever it occurs in a line."""
        self._search = search
        self._mark()
        self._told()

    def seek(self, wanted: Shown, direction: int, what: str) -> None:
        """Go to the next line (or with -1 the one before) that is wanted; `what` names it."""
        search = Seek(self._index, self.cursor, direction, wanted)
        over = self._in_time(search.step)
        if over:
            self._sought(search.found, what, direction)
        elif over is not None:
            self._seek_on(search, what, direction)

    @work(group="scan", exclusive=True, exit_on_error=False)
    async def _scan_on(self) -> None:
        await asyncio.sleep(_PAINTED_FIRST)
        shown = monotonic()
        while self._index.scanning:
            turn = monotonic()
            while self._index.scanning and monotonic() - turn < _TURN:
                self._rows.look_at(self._in_time(self._index.scan) or ())
            if monotonic() - shown >= _SHOWN_EVERY:
                self._rearranged()
                shown = monotonic()
            await asyncio.sleep(_BREATH)
        self._rearranged()

    @work(group="search", exclusive=True, exit_on_error=False)
    async def _seek_on(self, search: Seek, what: str, direction: int) -> None:
        turn = monotonic()
        while not (over := self._in_time(search.step)):
            if over is None:
                return
            if monotonic() - turn >= _TURN:
                await asyncio.sleep(_BREATH)
                turn = monotonic()
        self._sought(search.found, what, direction)

    def _sought(self, found: LogEntry | None, what: str, direction: int) -> None:
        if found is None:
            self.post_message(self.NotFound(what, direction))
        else:
            self.follow(False)
            self._go(self._index.row_of(found.place))
            self._told()

    def _in_time(self, work: Callable[[], _Result]) -> _Result | None:
        """Apply the filter or a search; None when it took too long, and all lines are shown."""
        try:
            with time_limit(_LONGEST):
                return work()
        except TookTooLong:
            self._filter = self._search = EVERYTHING
            self._index.refilter(None)
            self._mark()
            self.post_message(self.TookTooLong())
            return None

    def _mark(self) -> None:
        self._rows.mark((*marked_by(self._filter), *marked_by(self._search)))
        self.refresh()
