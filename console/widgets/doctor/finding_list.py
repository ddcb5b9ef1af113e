"""The list of what the doctor found, which grows and is put in order while a person reads it."""

from __future__ import annotations

from textual.widgets import OptionList
from textual.widgets.option_list import Option

from console.widgets.doctor.finding_rows import Entry, entry_row, key_of


class FindingList(OptionList):
    """Shows entries; the cursor is on the worst until somebody moves it, and then stays with it."""

    def __init__(self) -> None:
        super().__init__(markup=False, compact=True)
        self._entries: tuple[Entry, ...] = ()
        self._placed: str | None = None
        self._moved = False

    @property
    def chosen(self) -> Entry | None:
        """What the cursor is on."""
        place = self.highlighted
        return self._entries[place] if place is not None and place < len(self._entries) else None

    def show(self, entries: tuple[Entry, ...]) -> None:
        """Show these in their order."""
        if entries == self._entries:
            return
        before = self.chosen
        here = None if before is None else key_of(before)
        self._moved = self._moved or here != self._placed
        keys = [key_of(each) for each in entries]
        place = keys.index(here) if self._moved and here in keys else 0
        self._entries = entries
        self.set_options(Option(entry_row(each), id=key_of(each)) for each in entries)
        self.highlighted = place if entries else None
        self._placed = keys[place] if entries else None
