"""Which lines of a log are shown, and in which order: a filter and the numbers that pass it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from console.model.logs import LogEntry, LogStore, Severity


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Lines at least as severe as `severity` that contain `text`, in whatever case."""

    severity: Severity = Severity.DEBUG
    text: str = ""

    def passes(self, entry: LogEntry) -> bool:
        """Whether the entry is shown."""
        if entry.severity < self.severity:
            return False
        return not self.text or self.text.casefold() in entry.message.casefold()

    @property
    def shows_all(self) -> bool:
        """Whether every entry passes."""
        return self.severity is Severity.DEBUG and not self.text


class LogIndex:
    """The sequence numbers of the entries that pass a filter, oldest first.

    Call `update` after the store grew; only new entries are looked at. Sequence numbers stay
    valid whatever is appended or evicted, row numbers do not.
    """

    def __init__(self, store: LogStore, shown: LogFilter | None = None) -> None:
        self._store = store
        self.filter = LogFilter() if shown is None else shown
        self._seqs: list[int] = []
        self._first = self._looked_at = 0
        self.update()

    def __len__(self) -> int:
        return len(self.seqs)

    @property
    def seqs(self) -> Sequence[int]:
        """The numbers themselves as of the last `update`; without a filter a plain range."""
        if self.filter.shows_all:
            return range(self._first, self._looked_at)
        return self._seqs

    def refilter(self, shown: LogFilter) -> None:
        """Begin anew with another filter."""
        self.filter = shown
        self._seqs = []
        self._looked_at = 0
        self.update()

    def update(self) -> None:
        """Take in what was appended and let go of what was evicted since the last call."""
        store = self._store
        if not self.filter.shows_all:
            gone = bisect_left(self._seqs, store.first_seq)
            del self._seqs[:gone]
            for seq in range(max(self._looked_at, store.first_seq), store.next_seq):
                entry = store.get(seq)
                if entry is not None and self.filter.passes(entry):
                    self._seqs.append(seq)
        self._first, self._looked_at = store.first_seq, store.next_seq

    @property
    def looked_at(self) -> int:
        """The sequence number after the last entry that was looked at."""
        return self._looked_at

    def row_of(self, seq: int) -> int:
        """Return the row at which `seq` stands, or would stand if it were shown."""
        seqs = self.seqs
        if isinstance(seqs, range):
            return min(max(0, seq - seqs.start), len(seqs))
        return bisect_left(seqs, seq)

    def seq_at(self, row: int) -> int | None:
        """Return the sequence number of a row, or None beyond the last one."""
        seqs = self.seqs
        return seqs[row] if 0 <= row < len(seqs) else None

    def entry_at(self, row: int) -> LogEntry | None:
        """Return the entry of a row, or None beyond the last one or when it was evicted."""
        seq = self.seq_at(row)
        return None if seq is None else self._store.get(seq)
