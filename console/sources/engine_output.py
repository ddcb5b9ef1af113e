"""What an engine process writes: JSON log lines on standard output, anything on standard error.

Nothing about the text is taken for granted: it may be garbage, huge, or deeply nested.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from console.model.log.lines import Severity
from console.model.text import SafeText
from console.terminal.sanitise import sanitise
from engine.schema import Phase, StartupEvent

MAX_LINE: Final = 64 * 1024
_CHUNK: Final = 16 * 1024
_MAX_DEPTH: Final = 6
_LARGEST_DRIFT: Final = timedelta(days=1)
_OWN_KEYS: Final = frozenset({"severity", "message", "time", "event"})


class ByteStream(Protocol):
    """Where bytes come from, such as `asyncio.StreamReader`."""

    async def read(self, n: int = -1) -> bytes:
        """Return up to `n` bytes; nothing at the end."""
        ...


@dataclass(frozen=True, slots=True)
class OutputLine:
    """One line of output; `startup` is the moment of the start that it reports, if it does."""

    time: datetime
    severity: Severity
    message: SafeText
    event: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    startup: StartupEvent | None = None


async def lines(stream: ByteStream, limit: int = MAX_LINE) -> AsyncIterator[bytes]:
    """Yield the lines of `stream` without their ends; what is longer than `limit` is cut."""
    held = b""
    skipping = False
    while chunk := await stream.read(_CHUNK):
        *complete, held = (held + chunk).split(b"\n")
        for line in complete:
            if not skipping:
                yield line[:limit]
            skipping = False
        if len(held) >= limit:
            if not skipping:
                yield held[:limit]
            held, skipping = b"", True
        # A full pipe never makes `read` wait, and others want their turn too.
        await asyncio.sleep(0)
    if held and not skipping:
        yield held


def parse_line(line: bytes, now: datetime) -> OutputLine | None:
    """Read a line of standard output; text that is no log line is shown as it is.

    Returns None for an empty line.
    """
    data = _json_object(line)
    if data is None:
        text = sanitise(line.rstrip())
        return OutputLine(now, Severity.INFO, text) if text else None
    return OutputLine(
        time=_time(data.get("time"), now),
        severity=Severity.parse(str(data.get("severity", ""))),
        message=sanitise(str(data.get("message", ""))),
        event=sanitise(str(data.get("event", ""))),
        fields={sanitise(key): _safe(data[key]) for key in data if key not in _OWN_KEYS},
        startup=_startup(data),
    )


def parse_error_line(line: bytes, now: datetime) -> OutputLine | None:
    """Read a line of standard error; returns None for an empty one."""
    text = sanitise(line.rstrip())
    return OutputLine(now, Severity.WARNING, text, event="stderr") if text else None


def startup_event(data: Mapping[str, object]) -> StartupEvent:
    """Read a moment of a start, its texts made safe; raises `ValueError` for anything else."""
    event = StartupEvent.from_json(data)
    return replace(event, file=sanitise(event.file), message=sanitise(event.message))


def _json_object(line: bytes) -> Mapping[str, object] | None:
    if not line.startswith(b"{"):
        return None
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _time(value: object, now: datetime) -> datetime:
    """Read a time of day; one that cannot be true, the process being our child, is not believed."""
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        return now
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    return time if abs(time - now) < _LARGEST_DRIFT else now


def _startup(data: Mapping[str, object]) -> StartupEvent | None:
    try:
        event = startup_event(data)
    except ValueError:
        return None
    # A log line says in words what the event says in fields; only a failure has more to tell.
    return event if event.phase is Phase.FAILED else replace(event, message="")


def _safe(value: object, depth: int = 0) -> object:
    if isinstance(value, str):
        return sanitise(value)
    if isinstance(value, dict | list) and depth == _MAX_DEPTH:
        return "…"
    if isinstance(value, dict):
        return {sanitise(str(key)): _safe(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_safe(each, depth + 1) for each in value]
    return value
