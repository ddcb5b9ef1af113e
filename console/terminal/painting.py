"""The last look at the lines that are painted; see `console.terminal.last_look`.

And what is done to them for a terminal that shows nothing but ASCII.
"""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from console.terminal.last_look import painted
from console.terminal.plain_signs import in_ascii

_FORWARDS: Final = Style(reverse=False)


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


class AsciiOnly(LineFilter):
    """Puts a sign of ASCII in the place of every other sign of the console's own."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return `segments` in ASCII but for letters of other scripts; each keeps its width."""
        if all(segment.text.isascii() for segment in segments):
            return segments
        return [_in_ascii(segment) for segment in segments]


def _in_ascii(segment: Segment) -> Segment:
    text, style = segment.text, segment.style
    if style is not None and style.reverse and text in _LEFT_EDGES:
        # What is left of the edge of a bar is its ground, and the edge itself the bar.
        return Segment("#" if text in _THIN_EDGES else "|", style + _FORWARDS, segment.control)
    return segment if text.isascii() else Segment(in_ascii(text), style, segment.control)


_THIN_EDGES: Final = frozenset("▏▎▍▌")
_LEFT_EDGES: Final = _THIN_EDGES | frozenset("▋▊▉")

PAINTED_ONLY: Final = PaintedOnly()
ASCII_ONLY: Final = AsciiOnly()
