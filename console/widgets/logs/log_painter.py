"""One log entry as one row: time, severity, where it came from, message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final
from zlib import crc32

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.log.query import SUFFIX
from console.model.log.times import clock_time

NO_STYLE = Style.null()
INSTANCE_COLOURS: Final = 6
LOG_CLASSES = {
    "log--time",
    "log--debug",
    "log--info",
    "log--warning",
    "log--error",
    "log--good",
    "log--match",
    "log--mark",
    "log--cursor",
    "log--selection",
    *(f"log--instance-{number}" for number in range(INSTANCE_COLOURS)),
}
"""The component classes that a widget needs whose styles `read_styles` reads."""

SIGNS: Final = {
    Origin.APPLICATION: " ",
    Origin.PLATFORM: "◆",
    Origin.REQUEST: "→",
    Origin.AUDIT: "§",
    Origin.CONSOLE: "›",
}
"""What stands before a line for who wrote it."""

_REQUEST: Final = re.compile(r"(\S+) \S+ (\d{3})\b")


@dataclass(frozen=True)
class LogStyles:
    """The styles of the parts of a row; the default has none at all."""

    time: Style = NO_STYLE
    message: Mapping[Severity, Style] = field(default_factory=dict)
    letter: Mapping[Severity, Style] = field(default_factory=dict)
    good: Style = NO_STYLE
    match: Style = NO_STYLE
    mark: Style = NO_STYLE
    instances: Sequence[Style] = (NO_STYLE,)
    base: Style = NO_STYLE
    cursor: Style = NO_STYLE
    selection: Style = NO_STYLE

    @property
    def chosen(self) -> LogStyles:
        """The same for the row under the cursor, whose style lies under those of the parts."""
        return replace(self, base=self.base + self.cursor)


def log_strip(record: LogRecord, styles: LogStyles, *, milliseconds: bool = True) -> Strip:
    """Paint a whole row at its full length, with the time in UTC."""
    stamp = clock_time(record.time, milliseconds=milliseconds)
    return Strip([Segment(f"{stamp} ", styles.time), *log_body(record, styles)])


def log_body(
    record: LogRecord,
    styles: LogStyles,
    *,
    marks: Iterable[re.Pattern[str]] = (),
    source: bool = False,
) -> list[Segment]:
    """Paint a row without its time; `marks` are made visible wherever they match.

    With `source` it says which instance the line is from, and whether the platform wrote it.
    """
    letter = styles.letter.get(record.severity, NO_STYLE)
    segments = [Segment(f"{record.severity.letter} ", letter)]
    if source:
        segments += _source(record.provenance, styles)
    return [*segments, *_message(record, styles, marks)]


def has_source(provenance: Provenance) -> bool:
    """Whether there is something to say of where a line came from."""
    return bool(provenance.instance) or provenance.origin not in (
        Origin.APPLICATION,
        Origin.CONSOLE,
    )


SOURCE_WIDTH: Final = SUFFIX + 3


def _source(provenance: Provenance, styles: LogStyles) -> list[Segment]:
    short = provenance.instance[-SUFFIX:].rjust(SUFFIX)
    style = styles.instances[crc32(provenance.instance.encode()) % len(styles.instances)]
    return [
        Segment(short, style),
        Segment(f" {SIGNS[provenance.origin]} ", styles.time),
    ]


def _message(
    record: LogRecord, styles: LogStyles, marks: Iterable[re.Pattern[str]]
) -> list[Segment]:
    text = record.message
    plain = styles.message.get(record.severity, NO_STYLE)
    spans: list[tuple[int, int, Style]] = []
    if record.provenance.origin is Origin.REQUEST and (found := _REQUEST.match(text)):
        status = _status_style(int(found[2]), styles)
        spans = [(*found.span(1), Style(bold=True)), (*found.span(2), status)]
    for mark in marks:
        spans += [(*hit.span(), styles.match) for hit in mark.finditer(text) if hit[0]]
    return _layered(text, plain, spans) if spans else [Segment(text, plain)]


def _status_style(status: int, styles: LogStyles) -> Style:
    if status < 400:
        return styles.good
    severity = Severity.WARNING if status < 500 else Severity.ERROR
    return styles.letter.get(severity, NO_STYLE)


def _layered(text: str, plain: Style, spans: Sequence[tuple[int, int, Style]]) -> list[Segment]:
    """Cut a text at the ends of all spans; a later span lies over those before it."""
    cuts = sorted({0, len(text), *(at for first, end, _ in spans for at in (first, end))})
    segments = []
    for first, end in pairwise(cuts):
        over = [style for a, b, style in spans if a <= first and end <= b]
        segments.append(Segment(text[first:end], Style.combine([plain, *over])))
    return segments


def read_styles(widget: Widget) -> LogStyles:
    """Read the styles of a row from the style sheet."""

    def style(name: str) -> Style:
        return widget.get_component_rich_style(f"log--{name}", partial=True)

    by_severity = {severity: style(severity.name.lower()) for severity in Severity}
    return LogStyles(
        time=style("time"),
        message=by_severity,
        letter=by_severity,
        good=style("good"),
        match=style("match"),
        mark=style("mark"),
        instances=[style(f"instance-{number}") for number in range(INSTANCE_COLOURS)],
        base=widget.rich_style,
        cursor=style("cursor"),
        selection=style("selection"),
    )
