"""One start as one row of a table, with as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip

from console.language import tr
from console.language.cells import to_the_right
from console.model.starts.spans import doing as under_way
from console.model.starts.start import ColdStart, PhaseSpan
from console.model.starts.words import (
    ABSENT,
    instance_text,
    largest_text,
    reason_text,
    seconds_text,
    time_text,
    waited_text,
)
from console.widgets.starts.phase_look import NO_STYLE, StartStyles, phase_strip

_WITH_REASONS_FROM: Final = 140
_IN_FULL_FROM: Final = 100
_REASON_FROM: Final = 72
_LEAST_STRIP: Final = 8
_MOST_STRIP: Final = 40


class Mark(Enum):
    """What is to be noticed of a start."""

    NOTHING = " "
    FAILED = "✗"
    SLOW = "▲"
    GOING_ON = "◔"
    DOUBTFUL = "!"


@dataclass(frozen=True, slots=True)
class Columns:
    """How many cells each column takes; 0 for one that is left out."""

    time: int = 11
    instance: int = 6
    revision: int = 0
    reason: int = 0
    total: int = 10
    strip: int = _LEAST_STRIP
    largest: int = 0
    waited: int = 0
    why: int = 0

    @classmethod
    def within(cls, width: int) -> Columns:
        """Return the columns for a table of `width` cells: the strip gets what is left.

        Of a very wide one, what the diagnosis says in brief gets it.
        """
        if width >= _IN_FULL_FROM:
            known = {"revision": 18, "reason": 8, "largest": 20, "waited": 6}
        elif width >= _REASON_FROM:
            known = {"reason": 8, "largest": 16, "waited": 6}
        else:
            known = {"largest": 14}
        left = width - (11 + 6 + 10 + sum(known.values()) + len(known) + 3)
        if width < _WITH_REASONS_FROM:
            return cls(**known, strip=max(_LEAST_STRIP, left))
        strip = min(_MOST_STRIP, left // 2)
        return cls(**known, strip=strip, why=left - strip - 1)


def header(columns: Columns, styles: StartStyles) -> Strip:
    """Return the names of the columns."""
    named = (
        (tr("time UTC"), columns.time),
        (tr("inst"), columns.instance),
        (tr("revision"), columns.revision),
        (tr("reason"), columns.reason),
        (to_the_right(tr("total"), columns.total - 2), columns.total),
        (tr("phases"), columns.strip),
        (tr("longest"), columns.largest),
        (tr("waited"), columns.waited),
        (tr("why"), columns.why),
    )
    return _joined([_cell(name, width, styles.muted) for name, width in named if width])


def start_row(
    start: ColdStart,
    spans: Sequence[PhaseSpan],
    mark: Mark,
    now: datetime,
    columns: Columns,
    styles: StartStyles,
    why: str = "",
) -> Strip:
    """Paint one start; one that goes on is as long as it has gone on at `now`.

    `why` is its diagnosis in brief, for where there is room.
    """
    if mark is Mark.GOING_ON:
        spans = until(start, spans, now)
    cells = [
        _cell(time_text(start.began, now), columns.time, styles.muted),
        _cell(instance_text(start), columns.instance),
        _cell(start.revision or ABSENT, columns.revision),
        _cell(reason_text(start), columns.reason),
        _total(start, mark, now, columns.total, styles),
        phase_strip(spans, columns.strip, styles),
        _longest(start, spans, columns.largest, styles),
        _cell(
            waited_text(start, going_on=mark is Mark.GOING_ON),
            columns.waited,
            NO_STYLE if start.waited else styles.muted,
        ),
        _cell(why, columns.why, styles.muted if mark is Mark.NOTHING else NO_STYLE),
    ]
    return _joined([cell for cell in cells if cell])


def until(start: ColdStart, spans: Sequence[PhaseSpan], now: datetime) -> list[PhaseSpan]:
    """Return the stretches of a start that goes on, with what it does now until `now`."""
    since = max((span.end for span in spans), default=start.began)
    return [*spans, PhaseSpan(under_way(start), since, max(since, now))]


def _total(
    start: ColdStart, mark: Mark, now: datetime, width: int, styles: StartStyles
) -> list[Segment]:
    total = start.total
    if mark is Mark.GOING_ON:
        total = max(0.0, (now - start.began).total_seconds())
    looks = {Mark.NOTHING: styles.strong, Mark.FAILED: styles.error}
    style = looks.get(mark, styles.warning)
    text = seconds_text(total).rjust(width - 2)
    return [Segment(f"{text[: width - 2]} ", style), Segment(mark.value, style)]


def _longest(
    start: ColdStart, spans: Sequence[PhaseSpan], width: int, styles: StartStyles
) -> list[Segment]:
    if start.failure is not None:
        return _cell(tr(start.failure.kind.value), width, styles.error)
    return _cell(largest_text(spans), width)


def _cell(text: str, width: int, style: Style = NO_STYLE) -> list[Segment]:
    """Cut or fill a text to exactly `width` cells; none of them means no column at all."""
    if not width:
        return []
    return [Segment(Content(text).truncate(width, ellipsis=True, pad=True).plain, style)]


def _joined(cells: Sequence[list[Segment]]) -> Strip:
    segments: list[Segment] = []
    for place, cell in enumerate(cells):
        segments += [Segment(" ")] if place else []
        segments += cell
    return Strip(segments)
