"""One log entry as one row: time, severity, message, in the colours of its severity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from console.model.logs import LogEntry, Severity

NO_STYLE = Style.null()
LOG_CLASSES = {
    "log--time",
    "log--debug",
    "log--info",
    "log--warning",
    "log--error",
    "log--match",
    "log--cursor",
}
"""The component classes that a widget needs whose styles `read_styles` reads."""


@dataclass(frozen=True)
class LogStyles:
    """The styles of the parts of a row; the default has none at all."""

    time: Style = NO_STYLE
    message: Mapping[Severity, Style] = field(default_factory=dict)
    letter: Mapping[Severity, Style] = field(default_factory=dict)
    match: Style = NO_STYLE
    base: Style = NO_STYLE
    cursor: Style = NO_STYLE


def log_strip(
    entry: LogEntry, styles: LogStyles, *, milliseconds: bool = True, needle: str = ""
) -> Strip:
    """Paint an entry at its full length; times are in UTC. `needle` is marked where it occurs."""
    moment = f"{entry.time:%H:%M:%S}"
    if milliseconds:
        moment += f".{entry.time.microsecond // 1000:03d}"
    message = styles.message.get(entry.severity, NO_STYLE)
    segments = [
        Segment(f"{moment} ", styles.time),
        Segment(f"{entry.severity.letter} ", styles.letter.get(entry.severity, NO_STYLE)),
        *_marked(entry.message, needle, message, message + styles.match),
    ]
    return Strip(segments)


def _marked(text: str, needle: str, plain: Style, mark: Style) -> list[Segment]:
    # Case folding can change the length of a text, so positions are looked for in lower case
    # only where lower case kept every character in its place.
    lowered, wanted = text.lower(), needle.lower()
    if not wanted or len(lowered) != len(text):
        return [Segment(text, plain)]
    segments: list[Segment] = []
    start = 0
    while (found := lowered.find(wanted, start)) >= 0:
        if found > start:
            segments.append(Segment(text[start:found], plain))
        end = found + len(wanted)
        segments.append(Segment(text[found:end], mark))
        start = end
    segments.append(Segment(text[start:], plain))
    return segments


def read_styles(widget: Widget) -> LogStyles:
    """Read the styles of a row from the style sheet."""
    by_severity = {
        severity: widget.get_component_rich_style(f"log--{severity.name.lower()}", partial=True)
        for severity in Severity
    }
    return LogStyles(
        time=widget.get_component_rich_style("log--time", partial=True),
        message=by_severity,
        letter=by_severity,
        match=widget.get_component_rich_style("log--match", partial=True),
        base=widget.rich_style,
        cursor=widget.get_component_rich_style("log--cursor", partial=True),
    )
