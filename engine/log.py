"""The engine's log: one JSON object per line, in the fields that Google Cloud Logging understands.

`severity`, `message`, `time` (RFC 3339, UTC), `event`, the event's own fields, and
`logging.googleapis.com/trace` where a request named one; see "Structured logging" in the Cloud
Logging documentation. A person at a terminal gets a short line instead.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TextIO

from engine.printable import printable
from engine.schema import Phase, StartupEvent

TRACE: Final = "logging.googleapis.com/trace"
SPAN: Final = "logging.googleapis.com/spanId"


class Severity(StrEnum):
    """The severities of Cloud Logging that the engine uses."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class Log:
    """Writes lines to `stream`, from any thread; `human` chooses the form for a terminal.

    A stream that has gone away is not an error: nobody is left to read the line.
    """

    def __init__(
        self, stream: TextIO, *, human: bool = False, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._stream = stream
        self._human = human
        self._now = now
        self._lock = threading.Lock()

    def write(
        self,
        severity: Severity,
        event: str,
        message: str,
        fields: Mapping[str, object] | None = None,
    ) -> None:
        """Write one line; `fields` never replaces severity, message, time or event."""
        moment, fields = self._now(), fields or {}
        if self._human:
            line = _for_a_person(moment, severity, message, fields)
        else:
            line = json.dumps(
                {
                    **fields,
                    "severity": severity,
                    "message": message,
                    "time": moment.isoformat(timespec="microseconds").replace("+00:00", "Z"),
                    "event": event,
                },
                default=str,
            )
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._stream.write(line + "\n")
            self._stream.flush()

    def startup(self, event: StartupEvent) -> None:
        """Write a moment of the start; `StartupEvent.from_json` reads the line back."""
        severity = Severity.ERROR if event.phase is Phase.FAILED else Severity.INFO
        self.write(severity, event.phase, _in_words(event), event.to_json())

    def take_over_logging(self) -> None:
        """Make the standard library's loggers and warnings write here as well."""
        logging.root.handlers[:] = [_Forward(self)]
        logging.root.setLevel(logging.WARNING)
        logging.captureWarnings(True)


class _Forward(logging.Handler):
    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        severity = Severity.ERROR if record.levelno >= logging.ERROR else Severity.WARNING
        fields: dict[str, object] = {"logger": record.name}
        if record.exc_info:
            fields["stack_trace"] = logging.Formatter().formatException(record.exc_info)
        self._log.write(severity, "library", record.getMessage(), fields)


def trace_fields(headers: Mapping[str, str], project: str) -> dict[str, object]:
    """Return the log fields that tie a line to the request's trace; none if it names no trace.

    Reads `traceparent` (W3C Trace Context, `00-TRACE-SPAN-FLAGS`) and, failing that,
    `X-Cloud-Trace-Context` (Google, `TRACE/SPAN;o=FLAGS` with a decimal span).
    """
    w3c = re.fullmatch(
        r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}.*", headers.get("traceparent", "")
    )
    google = re.match(
        r"([0-9a-fA-F]{32})(?:/([0-9]{1,20}))?", headers.get("x-cloud-trace-context", "")
    )
    if w3c is not None:
        trace, span = w3c[1], w3c[2]
    elif google is not None:
        trace, span = google[1].lower(), f"{int(google[2]):016x}" if google[2] else ""
    else:
        return {}
    named = f"projects/{project}/traces/{trace}" if project else trace
    return {TRACE: named, **({SPAN: span} if span else {})}


def _in_words(event: StartupEvent) -> str:
    when = f"after {event.at:.2f} s"
    match event.phase:
        case Phase.PROCESS_START:
            return "engine started"
        case Phase.PORT_OPEN:
            return f"port {event.port} is open {when}"
        case Phase.WEIGHTS_READ:
            return f"read {event.file}, {event.bytes / 1e6:,.1f} MB, in {event.seconds:.2f} s"
        case Phase.FAILED:
            return event.message
        case phase if event.message:
            return f"{phase.replace('_', ' ')} {when}: {event.message}"
        case phase:
            return f"{phase.replace('_', ' ')} {when}"


def _for_a_person(
    moment: datetime, severity: Severity, message: str, fields: Mapping[str, object]
) -> str:
    mark = "" if severity is Severity.INFO else f"{severity}: "
    line = f"{moment.astimezone():%H:%M:%S}  {mark}{message}"
    if "stack_trace" in fields:
        line += f" ({str(fields['stack_trace']).strip().splitlines()[-1]})"
    return printable(line)
