"""What is selected in a log: characters of one row, or whole lines from one place to another.

It is remembered by places in time, so neither new lines nor late ones move it.
"""

from __future__ import annotations

from dataclasses import dataclass

from console.model.log.lines import Place


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of a row; `column` counts from the beginning of the row, in sight or not."""

    place: Place
    column: int = 0


class LogSelection:
    """A selection from an anchor to a head, which may come before it; nothing to begin with."""

    def __init__(self) -> None:
        self._anchor: Spot | None = None
        self._head: Spot | None = None
        self._whole = False

    def __bool__(self) -> bool:
        return self.lines is not None or self.cells is not None

    def begin(self, spot: Spot) -> None:
        """Anchor a new selection here; nothing is selected until it reaches further."""
        self._anchor, self._head, self._whole = spot, None, False

    def reach(self, spot: Spot) -> None:
        """Select from the anchor to here; on another row that means whole lines."""
        if self._anchor is None:
            self.begin(spot)
        self._head = spot

    def reach_line(self, here: Place, to: Place) -> None:
        """Select whole lines from the anchor, or from `here` without one, to another."""
        if self._anchor is None:
            self.begin(Spot(here))
        self._head, self._whole = Spot(to), True

    def clear(self) -> None:
        """Select nothing."""
        self._anchor = self._head = None
        self._whole = False

    @property
    def lines(self) -> tuple[Place, Place] | None:
        """The first and the last of the lines selected whole; None where there are none."""
        if self._anchor is None or self._head is None:
            return None
        first, last = sorted((self._anchor.place, self._head.place))
        return (first, last) if self._whole or first != last else None

    @property
    def cells(self) -> tuple[Place, slice] | None:
        """The row and its cells of which characters are selected; None where there are none."""
        if self._anchor is None or self._head is None or self.lines is not None:
            return None
        first, last = sorted((self._anchor.column, self._head.column))
        # The cell under the pointer is selected too.
        return (self._anchor.place, slice(first, last + 1)) if first != last else None

    def within(self, place: Place) -> slice | None:
        """Return which cells of the row at `place` are selected; None for none of them."""
        if (lines := self.lines) is not None:
            return slice(0, None) if lines[0] <= place <= lines[1] else None
        part = self.cells
        return part[1] if part is not None and part[0] == place else None
