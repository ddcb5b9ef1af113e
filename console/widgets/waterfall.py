"""A start drawn as bars on one axis of time, in eighths of a cell."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.language import tr
from console.model.coldstart import Span

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_NAME_LIMIT = 24
_VALUE_WIDTH = 8
_DETAIL_FROM = 72
_DETAIL_WIDTH = 22


def waterfall(spans: Sequence[Span], width: int, now: float | None = None) -> Content:
    """Draw one row per span: name, bar, seconds, and a detail where `width` leaves room.

    All bars share an axis from 0 to the latest moment known; `now` is that moment in seconds
    while something goes on, and a span without an end reaches to it.
    """
    if not spans or width < 24:
        return Content("")
    latest = max([now or 0.0, *(span.start if span.end is None else span.end for span in spans)])
    name_width = min(_NAME_LIMIT, 2 * width // 5, max(cell_len(span.name) for span in spans))
    detail_width = _DETAIL_WIDTH if width >= _DETAIL_FROM else 0
    bar_width = width - name_width - _VALUE_WIDTH - detail_width - 1
    longest = max(_length(span, latest) for span in spans)
    rows = []
    for span in spans:
        style = _style(span, _length(span, latest) == longest)
        rows.append(
            Content.assemble(
                _fixed(span.name, name_width),
                " ",
                bar(span.start, latest if span.end is None else span.end, latest, bar_width, style),
                (_value(span).rjust(_VALUE_WIDTH), "bold" if span.end is not None else "$warning"),
                _fixed(f"  {span.detail}", detail_width, "$text-muted") if detail_width else "",
            )
        )
    return Content("\n").join(rows)


def bar(start: float, end: float, latest: float, width: int, style: str) -> Content:
    """Draw the stretch from `start` to `end` on an axis of `width` cells from 0 to `latest`.

    The left edge is drawn by reversing a left block, because there are no right ones in
    eighths. A stretch too short to see still gets an eighth.
    """
    looks = {Edge.OUTSIDE: "", Edge.LEFT: f"{style} reverse", Edge.INSIDE: style}
    parts = bar_parts(start, end, latest, width)
    return Content.assemble(*((text, looks[edge]) for text, edge in parts))


class Edge(Enum):
    """What the cells of a bar are: outside of it, its left edge to be reversed, or inside."""

    OUTSIDE = "outside"
    LEFT = "left"
    INSIDE = "inside"


def bar_parts(start: float, end: float, latest: float, width: int) -> list[tuple[str, Edge]]:
    """Return what `bar` draws without its colours, together `width` cells."""
    if latest <= 0:
        return [(" " * width, Edge.OUTSIDE)]
    total = 8 * width
    first = min(total - 1, round(start / latest * total))
    last = max(first + 1, min(total, round(end / latest * total)))
    cell, into = divmod(first, 8)
    whole, rest = divmod(last, 8)
    parts = [(" " * cell, Edge.OUTSIDE)]
    if cell == whole:
        parts.append((_EIGHTHS[last - first], Edge.INSIDE))
        return [*parts, (" " * (width - cell - 1), Edge.OUTSIDE)]
    if into:
        parts.append((_EIGHTHS[into], Edge.LEFT))
        cell += 1
    parts.append(("█" * (whole - cell), Edge.INSIDE))
    if rest:
        parts.append((_EIGHTHS[rest], Edge.INSIDE))
        whole += 1
    return [*parts, (" " * (width - whole), Edge.OUTSIDE)]


def _length(span: Span, latest: float) -> float:
    return (latest if span.end is None else span.end) - span.start


def _style(span: Span, longest: bool) -> str:
    if span.end is None:
        return "$warning"
    return "$accent" if longest else "$primary"


def _value(span: Span) -> str:
    return "…" if span.seconds is None else f"{span.seconds:.2f} s"


def _fixed(text: str, width: int, style: str = "") -> Content:
    return Content.styled(text, style).truncate(width, ellipsis=True, pad=True)


class Waterfall(Widget):
    """The spans of one start; empty until there is one."""

    spans: reactive[tuple[Span, ...]] = reactive((), layout=True)
    now: reactive[float | None] = reactive(None)

    def render(self) -> Content:
        """Paint the spans, or say that there are none."""
        if not self.spans:
            return Content.styled(tr("– no start seen yet"), "$text-muted")
        return waterfall(self.spans, self.content_size.width, self.now)
