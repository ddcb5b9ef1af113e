"""Log lines as text and as JSON, to be copied and saved."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from console.model.log.lines import LogRecord

_FORBIDDEN: Final = str.maketrans({":": "", "-": ""})


def as_text(record: LogRecord) -> str:
    """Return a line as text: time in UTC, severity, instance, message."""
    moment = record.time.astimezone(UTC).isoformat(timespec="milliseconds")
    parts = [moment.replace("+00:00", "Z"), record.severity.name.ljust(7)]
    if record.provenance.instance:
        parts.append(record.provenance.instance)
    return " ".join([*parts, record.message])


def as_json(record: LogRecord, *, indent: int | None = None) -> str:
    """Return everything that is known of a line as one JSON object."""
    provenance = record.provenance
    known: dict[str, object] = {
        "time": record.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "severity": record.severity.name,
        "message": record.message,
        "event": record.event,
        "origin": provenance.origin.value,
        "revision": provenance.revision,
        "instance": provenance.instance,
        "trace": provenance.trace,
        "insertId": provenance.insert_id,
        "fields": record.fields,
    }
    shown = {name: value for name, value in known.items() if value}
    return json.dumps(shown, ensure_ascii=False, indent=indent, default=_plain)


def as_file(records: Iterable[LogRecord], *, lines_of_json: bool) -> bytes:
    """Return lines as what a file of them holds."""
    write = as_json if lines_of_json else as_text
    return "".join(f"{write(record)}\n" for record in records).encode()


def file_name(service: str, now: datetime) -> str:
    """Return a name for a file of lines of `service` that were saved at `now`."""
    stamp = now.astimezone(UTC).isoformat(timespec="seconds").translate(_FORBIDDEN)
    return f"{service}-{stamp.replace('+0000', 'Z')}.log"


def _plain(value: object) -> object:
    return dict(value) if hasattr(value, "keys") else str(value)  # type: ignore[call-overload]
