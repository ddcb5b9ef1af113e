"""Entries by their numbers, which grow and are never used again, in memory that does not.

A dictionary that loses an entry for each that it gains takes twice its room now and then; here
what has left gives its room back, a block at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from console.model.log.lines import LogEntry

BLOCK: Final = 1_024


class EntriesByNumber:
    """Finds the entries kept by their numbers."""

    def __init__(self) -> None:
        self._blocks: dict[int, list[LogEntry | None]] = {}
        self._kept: dict[int, int] = {}

    def keep(self, entry: LogEntry) -> None:
        """Take in an entry."""
        block, slot = divmod(entry.seq, BLOCK)
        if block not in self._blocks:
            self._blocks[block], self._kept[block] = [None] * BLOCK, 0
        self._blocks[block][slot] = entry
        self._kept[block] += 1

    def forget(self, entry: LogEntry) -> None:
        """Let an entry go that is kept."""
        block, slot = divmod(entry.seq, BLOCK)
        self._blocks[block][slot] = None
        self._kept[block] -= 1
        if not self._kept[block]:
            del self._blocks[block], self._kept[block]

    def get(self, number: int) -> LogEntry | None:
        """Return the entry of a number, None where it is not kept."""
        block, slot = divmod(number, BLOCK)
        entries = self._blocks.get(block)
        return None if entries is None else entries[slot]

    def between(self, first: int, beyond: int) -> Iterator[LogEntry]:
        """Yield the entries kept with numbers from `first` on and below `beyond`."""
        for number in range(max(first, 0), beyond):
            if (entry := self.get(number)) is not None:
                yield entry
