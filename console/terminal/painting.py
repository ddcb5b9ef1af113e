"""The last look at the lines that are painted; see `console.terminal.last_look`."""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from console.terminal.last_look import painted


class PaintedOnly(LineFilter):
    """Lets nothing of the text of a line be obeyed by the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return `segments` without what a terminal would obey; as a rule they are the same."""
        if all(segment.text.isascii() and segment.text.isprintable() for segment in segments):
            return segments
        return [
            segment if segment.control else Segment(painted(segment.text), segment.style)
            for segment in segments
        ]


PAINTED_ONLY: Final = PaintedOnly()
