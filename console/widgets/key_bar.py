"""The last row: the keys that do something here and now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class KeyHint:
    """A key as a person reads it, and the word for what it does."""

    key: str
    label: str


def key_bar(hints: Sequence[KeyHint], last: KeyHint | None, width: int) -> Content:
    """Return the hints that fit into `width` cells, in order, and `last` at the right edge."""
    end = Content("") if last is None else _hint(last)
    room = width - end.cell_length - 1
    shown = Content(" ")
    for hint in hints:
        piece = _hint(hint)
        if shown.cell_length + piece.cell_length + 2 > room:
            break
        shown = Content.assemble(shown, piece, "  ")
    return Content.assemble(shown.truncate(max(0, room), pad=True), end, " ")


def _hint(hint: KeyHint) -> Content:
    return Content.assemble((hint.key, "bold $primary"), " ", (hint.label, "$text-muted"))


class KeyBar(Widget):
    """One row of key hints."""

    hints: reactive[tuple[KeyHint, ...]] = reactive(())
    last: reactive[KeyHint | None] = reactive(None)

    def render(self) -> Content:
        """Paint what fits."""
        return key_bar(self.hints, self.last, self.size.width)
