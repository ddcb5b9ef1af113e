"""How far back the log is known: for everything, and for each query that was read further.

Lines that were read for one query say nothing of the others of their time. So what is shown
begins where all lines that are meant are known, and never looks whole where it is not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from console.model.log.lines import LogQuery

EVERYTHING = LogQuery()


class LogReach:
    """The moments from which on all lines that a query means are known."""

    def __init__(self) -> None:
        self._known: dict[LogQuery, datetime] = {}

    @property
    def nothing_read(self) -> bool:
        """Whether nothing was read yet from before where the log began by itself."""
        return not self._known

    def begins(self, query: LogQuery) -> datetime | None:
        """Return from when on the lines of `query` are known; None: whatever there is, is."""
        own, all_of_it = self._known.get(_timeless(query)), self._known.get(EVERYTHING)
        known = [moment for moment in (own, all_of_it) if moment is not None]
        return min(known, default=None)

    def started(self, at: datetime) -> None:
        """Take note of where the log began by itself, before more of it is read."""
        self._known.setdefault(EVERYTHING, at)

    def read(self, query: LogQuery, back_to: datetime) -> None:
        """Take note that all lines that `query` means are known from `back_to` on."""
        asked = _timeless(query)
        self._known[asked] = min(back_to, self._known.get(asked, back_to))


def _timeless(query: LogQuery) -> LogQuery:
    return replace(query, until=None, received_from=None, received_until=None)
