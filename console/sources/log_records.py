"""Entries of Cloud Logging read into the console's own log records, every text made safe.

The raw protocol buffers are read: the wrappers around them are several times slower.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from google.cloud.audit.audit_log_pb2 import AuditLog
from google.protobuf.message import DecodeError

from console.language import tr
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.storage import size_text
from console.terminal.sanitise import sanitise

_ORIGINS: Final = {
    "run.googleapis.com/requests": Origin.REQUEST,
    "run.googleapis.com/varlog/system": Origin.PLATFORM,
}
_AUDIT: Final = "cloudaudit.googleapis.com/"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_DEPTH: Final = 6
_MESSAGE_KEYS: Final = ("message", "msg")
_NUMBERED: Final = ((500, Severity.ERROR), (400, Severity.WARNING), (200, Severity.INFO))


def log_record(raw: Any) -> LogRecord:
    """Read the protocol buffer of an entry.

    The message is the entry's text, the `message` of its JSON, or what happened to a request in
    one line; `fields` has everything else that it carries.
    """
    payload = _struct(raw.json_payload) if raw.HasField("json_payload") else {}
    origin = _origin(raw.log_name)
    message = _message(raw, payload)
    event = payload.pop("event", "")
    if raw.HasField("http_request"):
        payload["httpRequest"] = _request(raw.http_request)
    return LogRecord(
        time=_time(raw),
        received=_moment(raw.receive_timestamp) if raw.HasField("receive_timestamp") else None,
        severity=_severity(raw.severity),
        message=sanitise(message),
        event=sanitise(str(event)),
        fields=payload,
        provenance=Provenance(
            origin=origin,
            revision=sanitise(raw.resource.labels.get("revision_name", "")),
            instance=sanitise(raw.labels.get("instanceId", "")),
            trace=sanitise(raw.trace),
            insert_id=sanitise(raw.insert_id),
        ),
    )


def _origin(log_name: str) -> Origin:
    log = unquote(log_name.partition("/logs/")[2])
    return Origin.AUDIT if log.startswith(_AUDIT) else _ORIGINS.get(log, Origin.APPLICATION)


def _message(raw: Any, payload: dict[str, object]) -> str:
    """Say what the entry says, and take out of `payload` what is said thereby."""
    if raw.text_payload:
        return str(raw.text_payload).rstrip()
    for key in _MESSAGE_KEYS:
        if isinstance(payload.get(key), str):
            return str(payload.pop(key))
    if raw.HasField("http_request"):
        return _request_line(raw.http_request)
    if raw.HasField("proto_payload"):
        return _audited(raw.proto_payload)
    return json.dumps(payload, ensure_ascii=False, default=str) if payload else ""


def _audited(payload: Any) -> str:
    audit = AuditLog()
    try:
        known = payload.Unpack(audit)
    except DecodeError:
        known = False
    if not known:
        return tr("an entry of type {type}", type=payload.type_url)
    return audit.status.message or audit.method_name or tr("an audit entry without a message")


def _request_line(request: Any) -> str:
    try:
        path = urlsplit(request.request_url).path or "/"
    except ValueError:
        path = request.request_url
    seconds = request.latency.seconds + request.latency.nanos / 1e9
    took = f" in {seconds:.3g} s" if request.HasField("latency") else ""
    sent = f", {size_text(request.response_size)}" if request.response_size else ""
    return f"{request.request_method or 'request'} {path} {request.status or '–'}{took}{sent}"


def _request(request: Any) -> Mapping[str, object]:
    """Return what is known of a request, by the names that Cloud Logging shows."""
    known: dict[str, object] = {
        "requestMethod": sanitise(request.request_method),
        "requestUrl": sanitise(request.request_url),
        "status": request.status or None,
        "requestSize": request.request_size or None,
        "responseSize": request.response_size or None,
        "userAgent": sanitise(request.user_agent),
        "remoteIp": sanitise(request.remote_ip),
    }
    if request.HasField("latency"):
        known["latency"] = request.latency.seconds + request.latency.nanos / 1e9
    return {key: value for key, value in known.items() if value not in ("", None)}


def _severity(number: int) -> Severity:
    """Read google.logging.type.LogSeverity; DEFAULT, which is 0, means INFO."""
    if number == 0:
        return Severity.INFO
    return next((word for least, word in _NUMBERED if number >= least), Severity.DEBUG)


def _time(raw: Any) -> datetime:
    return _moment(raw.timestamp if raw.HasField("timestamp") else raw.receive_timestamp)


def _moment(stamp: Any) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=stamp.nanos // 1_000)
    except OverflowError:
        return _EPOCH


def _struct(struct: Any, depth: int = 0) -> dict[str, object]:
    return {sanitise(key): _value(value, depth) for key, value in struct.fields.items()}


def _value(value: Any, depth: int) -> object:
    kind = value.WhichOneof("kind")
    match kind:
        case "string_value":
            return sanitise(value.string_value)
        case "number_value":
            number = float(value.number_value)
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
        case "bool_value":
            return bool(value.bool_value)
        case "struct_value" | "list_value" if depth == _MAX_DEPTH:
            return "…"
        case "struct_value":
            return _struct(value.struct_value, depth + 1)
        case "list_value":
            return [_value(each, depth + 1) for each in value.list_value.values]
    return None
