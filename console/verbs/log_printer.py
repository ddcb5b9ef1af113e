"""Log lines on plain output: for a person, in colour on a terminal, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Final, TextIO

from console.model.log.lines import LogRecord, Severity

_DIM: Final = "\x1b[2m"
_PLAIN: Final = "\x1b[0m"
_COLOURS: Final = {
    Severity.DEBUG: "\x1b[2m",
    Severity.INFO: "",
    Severity.WARNING: "\x1b[33m",
    Severity.ERROR: "\x1b[31m",
}


class LogPrinter:
    """Writes lines to `stream` as they come, each at once; one JSON object each with `as_json`."""

    def __init__(self, stream: TextIO, *, as_json: bool, colour: bool) -> None:
        self._stream = stream
        self._written = _as_json if as_json else (_in_colour if colour else plain)

    def line(self, record: LogRecord) -> None:
        """Write a line; raises `OSError` when nobody reads any more."""
        self._stream.write(self._written(record) + "\n")
        self._stream.flush()


def in_colour(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether lines in colour are wanted: on a terminal, unless NO_COLOR or TERM say no."""
    wanted = not environment.get("NO_COLOR") and environment.get("TERM", "dumb") != "dumb"
    return wanted and stream.isatty()


def plain(record: LogRecord) -> str:
    """Return a line as text: the time in UTC, the severity, the message."""
    return f"{_time(record)} {record.severity.name:7} {record.message}"


def line_document(record: LogRecord) -> dict[str, object]:
    """Return a line as JSON values; what is not known of it is left out."""
    where = record.provenance
    known: dict[str, object] = {
        "time": record.time.isoformat(),
        "received": None if record.received is None else record.received.isoformat(),
        "severity": record.severity.name,
        "message": record.message,
        "event": record.event,
        "origin": str(where.origin),
        "revision": where.revision,
        "instance": where.instance,
        "trace": where.trace,
        "insert_id": where.insert_id,
        "fields": dict(record.fields),
    }
    return {key: value for key, value in known.items() if value not in (None, "", {})}


def _in_colour(record: LogRecord) -> str:
    colour = _COLOURS[record.severity]
    said = f"{record.severity.name:7} {record.message}"
    coloured = f"{colour}{said}{_PLAIN}" if colour else said
    return f"{_DIM}{_time(record)}{_PLAIN} {coloured}"


def _as_json(record: LogRecord) -> str:
    return json.dumps(line_document(record), default=str)


def _time(record: LogRecord) -> str:
    return record.time.astimezone(UTC).isoformat(sep=" ", timespec="milliseconds")[:23]
