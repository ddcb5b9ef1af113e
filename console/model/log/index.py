"""Which lines of a log are shown, and in which order.

A filter may take a while on a full log, so it is applied in portions, the newest lines first:
whoever drives the index calls `scan` until nothing is left, and lets others have a turn between.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime
from operator import attrgetter
from typing import Final

from console.model.log.lines import LogEntry, Place
from console.model.log.store import LogStore, merge

Shown = Callable[[LogEntry], bool]
"""Says whether a line is shown."""

PORTION: Final = 2_000
"""How many lines one `scan` looks at."""

_PLACE: Final = attrgetter("place")


class LogIndex:
    """The entries of `store` that `shown` lets through, in the order of their time.

    `shown` None means all. What is from before `begins` is left out, None means nothing is. Rows
    change by `update`, `scan` and `begin_at` alone, and hold still in between.
    """

    def __init__(self, store: LogStore, shown: Shown | None = None) -> None:
        self._store = store
        self._shown: Shown | None = None
        self._begins: datetime | None = None
        self._entries: list[LogEntry] = []
        self._waiting: list[LogEntry] = []
        self._unseen: Place | None = None
        self._total = self._looked_at = 0
        self.refilter(shown)
        while self.scanning:
            self.scan()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def total(self) -> int:
        """How many lines there are to choose from."""
        return self._total

    @property
    def scanning(self) -> bool:
        """Whether there are lines at which nobody has looked yet."""
        return bool(self._waiting) or self._left > 0

    @property
    def scanned(self) -> float:
        """The share of the lines that were looked at, from 0 to 1."""
        return 1 - (len(self._waiting) + self._left) / max(1, self._total)

    @property
    def _left(self) -> int:
        """How many of the lines that were there at the beginning wait, all before `_unseen`."""
        if self._unseen is None:
            return 0
        return self._store.count_before(self._unseen, self._begins)

    def refilter(self, shown: Shown | None, begins: datetime | None = None) -> None:
        """Begin anew with another filter; `scan` applies it.

        With one, nothing is copied: to touch 200,000 lines takes longer than a key may wait.
        """
        self._shown = shown
        self._begins = begins
        newest = self._store.newest
        self._waiting = []
        self._looked_at = self._store.next_seq
        self._total = len(self._store)
        if shown is None or newest is None:
            self._entries, self._unseen = self._store.between(begins, None), None
        else:
            self._entries, self._unseen = [], (newest.time, newest.seq + 1)
        if not self._left:
            self._unseen = None

    def scan(self, portion: int = PORTION) -> list[LogEntry]:
        """Look at the newest `portion` of the lines waiting; return those that are now shown."""
        fresh = self.update()
        if self._waiting:
            taken = self._waiting[-portion:]
            del self._waiting[-portion:]
        elif self._unseen is not None:
            taken = self._store.before(self._unseen, portion, self._begins)
            self._unseen = taken[0].place if taken else None
            if not self._left:
                self._unseen = None
        else:
            return fresh
        found = self._passing(taken)
        merge(self._entries, found)
        return [*fresh, *found]

    def update(self) -> list[LogEntry]:
        """Take in what the store holds now; return the entries that are newly shown.

        Where a filter has much to look at, that waits for `scan`.
        """
        arrived = list(self._store.since(self._looked_at))
        if self._unseen is not None:
            # What came late is among those that wait.
            arrived = [entry for entry in arrived if entry.place >= self._unseen]
        if self._shown is not None and len(arrived) > PORTION:
            merge(self._waiting, arrived)
            arrived = []
        fresh = self._passing(arrived)
        merge(self._entries, fresh)
        self._looked_at = self._store.next_seq
        self._total = len(self._store)
        self._let_go()
        return fresh

    def begin_at(self, begins: datetime | None) -> None:
        """Take in what is known from before the moment that the rows began at."""
        self.update()
        if self._begins is not None and (begins is None or begins < self._begins):
            before = self._store.between(begins, self._begins)
            self._begins = begins
            if self._unseen is not None:
                return  # They are among those that wait.
            merge(self._entries, self._passing(before))

    def row_of(self, place: Place) -> int:
        """Return the row of the line at `place`, or that of the next one that is shown."""
        return bisect_left(self._entries, place, key=_PLACE)

    def entry_at(self, row: int) -> LogEntry | None:
        """Return the entry of a row, or None where there is none."""
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def entries(self) -> list[LogEntry]:
        """Return what is shown, oldest first."""
        return list(self._entries)

    def rows_between(self, first: Place, last: Place) -> range:
        """Return the rows of what is shown from one place to another, both included."""
        beyond = self.row_of(last)
        here = self.entry_at(beyond)
        return range(self.row_of(first), beyond + (here is not None and here.place == last))

    def between(self, first: Place, last: Place) -> list[LogEntry]:
        """Return what is shown from one place to another, both included, oldest first."""
        rows = self.rows_between(first, last)
        return self._entries[rows.start : rows.stop]

    def _passing(self, entries: list[LogEntry]) -> list[LogEntry]:
        shown, begins = self._shown, self._begins
        if begins is not None:
            entries = [entry for entry in entries if entry.time >= begins]
        return entries if shown is None else [entry for entry in entries if shown(entry)]

    def _let_go(self) -> None:
        oldest = self._store.oldest
        for kept in (self._entries, self._waiting):
            if oldest is None:
                kept.clear()
            elif kept and kept[0].place < oldest.place:
                del kept[: bisect_left(kept, oldest.place, key=_PLACE)]


class Seek:
    """Looks for the first line shown after `start` (before it, with direction -1) that is wanted.

    Call `step` until it says that the search is over. Without a start the search begins at the
    nearest end.
    """

    def __init__(self, index: LogIndex, start: Place | None, direction: int, wanted: Shown) -> None:
        self.found: LogEntry | None = None
        self._index = index
        self._direction = direction
        self._wanted = wanted
        if start is None:
            self._row = 0 if direction > 0 else len(index) - 1
        else:
            self._row = index.row_of(start)
            here = index.entry_at(self._row)
            stands_there = here is not None and here.place == start
            self._row += direction if stands_there else min(direction, 0)
        entry = index.entry_at(self._row)
        self._place = entry.place if entry is not None else None

    def step(self) -> bool:
        """Look at one portion of the lines; True when the search is over, found or not."""
        if self._place is None:
            return True
        # Rows may have moved since the last step; the place to go on from has not.
        row = self._index.row_of(self._place)
        for _ in range(PORTION):
            entry = self._index.entry_at(row)
            if entry is None:
                return True
            if self._wanted(entry):
                self.found = entry
                return True
            self._place = entry.place
            row += self._direction
        return False
