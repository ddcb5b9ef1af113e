"""Log entries in their two forms: as JSON has them, and as the messages that clients receive.

Whole entries could be converted by protobuf's own JSON format, at a hundred times the cost; that
is left to the rare parts. Source: google.logging.v2.LogEntry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import google.cloud.audit.audit_log_pb2  # noqa: F401 (what a `protoPayload` may be)
from google.cloud.logging_v2.types import LogEntry
from google.protobuf import json_format

from console.sandbox.moments import read, written

Entry = Mapping[str, object]
"""A log entry as its JSON form has it."""

SEVERITIES: Final = {
    "DEFAULT": 0,
    "DEBUG": 100,
    "INFO": 200,
    "NOTICE": 300,
    "WARNING": 400,
    "ERROR": 500,
    "CRITICAL": 600,
    "ALERT": 700,
    "EMERGENCY": 800,
}
"""The words of google.logging.type.LogSeverity, the least severe first."""

_WORDS: Final = {number: word for word, number in SEVERITIES.items()}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_Message: Final = LogEntry.pb(LogEntry()).__class__
_TEXTS: Final = {
    "logName": "log_name",
    "insertId": "insert_id",
    "trace": "trace",
    "spanId": "span_id",
    "textPayload": "text_payload",
}
_TIMES: Final = {"timestamp": "timestamp", "receiveTimestamp": "receive_timestamp"}
_RARE: Final = {
    "httpRequest": "http_request",
    "protoPayload": "proto_payload",
    "operation": "operation",
    "sourceLocation": "source_location",
    "split": "split",
}


def as_message(entry: Entry) -> Any:
    """Return an entry as a raw `LogEntry` message; raises `ValueError` when it cannot be one."""
    message = _Message()
    try:
        for key, value in entry.items():
            _set(message, key, value)
    except (TypeError, AttributeError, json_format.ParseError) as error:
        raise ValueError(str(error)) from None
    return message


def _set(message: Any, key: str, value: object) -> None:
    if key in _TEXTS:
        setattr(message, _TEXTS[key], value)
    elif key in _TIMES:
        since = read(str(value)) - _EPOCH
        stamp = getattr(message, _TIMES[key])
        stamp.seconds = since // _SECOND
        stamp.nanos = since.microseconds * 1_000
    elif key == "labels":
        message.labels.update(value)
    elif key == "resource" and isinstance(value, Mapping):
        message.resource.type = value.get("type", "")
        message.resource.labels.update(value.get("labels", {}))
    elif key == "severity":
        message.severity = SEVERITIES.get(str(value), 0)
    elif key == "traceSampled":
        message.trace_sampled = value
    elif key == "jsonPayload" and isinstance(value, Mapping):
        message.json_payload.SetInParent()
        message.json_payload.update(value)
    elif key in _RARE:
        json_format.ParseDict(value, getattr(message, _RARE[key]))
    else:
        raise ValueError(f"an entry has no field {key!r}")


def as_entry(message: Any) -> dict[str, object]:
    """Return a raw `LogEntry` message as JSON has it, without the fields that it lacks."""
    entry: dict[str, object] = {}
    for key, field in _TEXTS.items():
        if text := getattr(message, field):
            entry[key] = text
    for key, field in _TIMES.items():
        if message.HasField(field):
            entry[key] = _moment(getattr(message, field))
    entry["resource"] = {
        "type": message.resource.type,
        "labels": dict(message.resource.labels),
    }
    entry["labels"] = dict(message.labels)
    if message.severity:
        entry["severity"] = _WORDS.get(message.severity, "DEFAULT")
    if message.trace_sampled:
        entry["traceSampled"] = True
    if message.HasField("json_payload"):
        entry["jsonPayload"] = _mapping(message.json_payload)
    for key, field in _RARE.items():
        if message.HasField(field):
            entry[key] = json_format.MessageToDict(getattr(message, field))
    return entry


def _moment(stamp: Any) -> str:
    return written(_EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1_000))


def _mapping(struct: Any) -> dict[str, object]:
    return {key: _plain(value) for key, value in struct.fields.items()}


_PLAIN: Final[Mapping[str | None, Callable[[Any], object]]] = {
    "string_value": lambda value: value.string_value,
    "number_value": lambda value: value.number_value,
    "bool_value": lambda value: value.bool_value,
    "struct_value": lambda value: _mapping(value.struct_value),
    "list_value": lambda value: [_plain(each) for each in value.list_value.values],
}


def _plain(value: Any) -> object:
    of_kind = _PLAIN.get(value.WhichOneof("kind"))
    return None if of_kind is None else of_kind(value)
