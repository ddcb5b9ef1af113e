"""One condition on a log line: how it is written, and which lines meet it."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from console.language import tr, tr_any
from console.model.log.expressions import Finds, finding
from console.model.log.lines import LogRecord, Origin, Severity

Shown = Callable[[LogRecord], bool]
"""Says whether a line is shown."""

LONGEST_EXPRESSION: Final = 300
_SPAN: Final = re.compile(r"(\d{1,6})([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_NUMBER: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(ms|s|m|h)?")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_REQUEST: Final = {
    "method": "requestMethod",
    "url": "requestUrl",
    "size": "responseSize",
}
_BY_ENDING: Final = ("instance", "revision", "trace")


class InvalidQuery(ValueError):
    """A query that cannot be read; one line: what, why, the mend."""


class Op(StrEnum):
    """How a value is compared; the empty one asks whether the message holds it."""

    HAS = ""
    MATCHES = "~"
    EQUAL = "="
    UNLIKE = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


_ORDER: Final[Mapping[Op, Callable[[float, float], bool]]] = {
    Op.LESS: operator.lt,
    Op.AT_MOST: operator.le,
    Op.MORE: operator.gt,
    Op.AT_LEAST: operator.ge,
    Op.EQUAL: operator.eq,
    Op.UNLIKE: operator.ne,
}
_EQUALITY: Final = (Op.EQUAL, Op.UNLIKE)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition; without a key it is about the message."""

    value: str
    key: str = ""
    op: Op = Op.HAS
    negated: bool = False


def compiled(term: Term, now: datetime) -> Shown:
    """Return what tells whether a line meets `term`; raises `InvalidQuery`.

    `now` is the moment from which times are counted, and its time zone that of a time of day
    without one.
    """
    meets = _compiled(term, now)
    return (lambda record: not meets(record)) if term.negated else meets


def expression(text: str) -> Finds:
    """Return what finds a regular expression, whatever the case; raises `InvalidQuery`."""
    if len(text) > LONGEST_EXPRESSION:
        raise InvalidQuery(
            tr(
                "the expression has {count} characters; {most} are allowed",
                count=len(text),
                most=LONGEST_EXPRESSION,
            )
        )
    try:
        return finding(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidQuery(
            tr("~{text} is no regular expression: {why}", text=text, why=error)
        ) from None


def earliest(term: Term, now: datetime) -> datetime | None:
    """Return the moment before which no line meets `term`, where it sets one."""
    if term.negated or term.op is not Op.EQUAL:
        return None
    if term.key == "since":
        return now - _span(term)
    return _moment(term, now) if term.key == "from" else None


def latest(term: Term, now: datetime) -> datetime | None:
    """Return the moment after which no line meets `term`, where it sets one."""
    sets_one = term.key == "to" and term.op is Op.EQUAL and not term.negated
    return _moment(term, now) if sets_one else None


def field(record: LogRecord, key: str) -> object:
    """Return the value of a line under a name such as `instance`, `status` or `a.b`, or None."""
    provenance = record.provenance
    match key:
        case "message":
            return record.message
        case "event":
            return record.event
        case "severity":
            return record.severity.name
        case "origin":
            return provenance.origin.value
        case "instance" | "revision" | "trace":
            return getattr(provenance, key)
    found = _reached(record.fields, key)
    if found is not None:
        return found
    request = record.fields.get("httpRequest")
    return _reached(request, _REQUEST.get(key, key)) if isinstance(request, Mapping) else None


def _compiled(term: Term, now: datetime) -> Shown:
    if term.key == "" and term.op is Op.HAS:
        wanted = term.value.casefold()
        return lambda record: wanted in record.message.casefold()
    if term.op is Op.MATCHES:
        return _matching(term)
    if term.key == "severity":
        return _severe(term)
    if term.key in ("since", "from", "to"):
        return _timed(term, now)
    if term.key == "origin" and term.value.casefold() not in list(Origin):
        known = tr_any(list(Origin))
        raise InvalidQuery(
            tr("origin {value!r} is not known; write {known}", value=term.value, known=known)
        )
    if term.op in _EQUALITY:
        return _equal(term)
    return _ordered(term)


def _matching(term: Term) -> Shown:
    finds = expression(term.value)
    key = term.key or "message"
    if key == "message":
        return lambda record: finds(record.message)

    def matches(record: LogRecord) -> bool:
        value = field(record, key)
        return value is not None and finds(_text(value))

    return matches


def _severe(term: Term) -> Shown:
    try:
        wanted = Severity[term.value.upper()]
    except KeyError:
        names = tr_any([each.name for each in Severity])
        raise InvalidQuery(
            tr("severity {value!r} is not known; write {known}", value=term.value, known=names)
        ) from None
    compare = _ORDER[term.op]
    return lambda record: compare(record.severity, wanted)


def _timed(term: Term, now: datetime) -> Shown:
    if term.op is not Op.EQUAL:
        said = f"{term.key}{term.op}{term.value}"
        raise InvalidQuery(tr("{term} is not known; write {key}=…", term=said, key=term.key))
    if term.key == "to":
        end = _moment(term, now)
        return lambda record: record.time < end
    start = now - _span(term) if term.key == "since" else _moment(term, now)
    return lambda record: record.time >= start


def _span(term: Term) -> timedelta:
    found = _SPAN.fullmatch(term.value)
    try:
        if found is not None:
            return timedelta(**{_UNITS[found[2]]: int(found[1])})
    except OverflowError:
        pass
    raise InvalidQuery(
        tr("since={value} is no span of time; write since=30s, 5m, 2h or 7d", value=term.value)
    )


def _moment(term: Term, now: datetime) -> datetime:
    text = term.value
    day = f"{now:%Y-%m-%d}T" if re.match(r"\d\d:", text) else ""
    try:
        read = datetime.fromisoformat(day + text)
    except ValueError:
        raise InvalidQuery(
            tr(
                "{key}={value} is no time; write {key}=14:00 or {day:%Y-%m-%d}T14:00",
                key=term.key,
                value=text,
                day=now,
            )
        ) from None
    return read if read.tzinfo is not None else read.replace(tzinfo=now.tzinfo)


def _equal(term: Term) -> Shown:
    wanted = term.value.casefold()
    number = _number(term.value)
    key = term.key

    def equal(record: LogRecord) -> bool:
        value = field(record, key)
        if value is None:
            return not wanted
        if number is not None and isinstance(value, int | float) and not isinstance(value, bool):
            return value == number
        text = _text(value).casefold()
        return text == wanted or bool(wanted and key in _BY_ENDING and text.endswith(wanted))

    return equal if term.op is Op.EQUAL else lambda record: not equal(record)


def _ordered(term: Term) -> Shown:
    wanted, compare, key = _number(term.value), _ORDER[term.op], term.key
    if wanted is None:
        written = f"{term.key}{term.op}{term.value}"
        raise InvalidQuery(
            tr(
                '{value!r} is no number; to look for the text write "{term}"',
                value=term.value,
                term=written,
            )
        )
    limit = wanted

    def compares(record: LogRecord) -> bool:
        value = field(record, key)
        number = value if isinstance(value, int | float) else _number(str(value))
        return number is not None and not isinstance(value, bool) and compare(number, limit)

    return compares


def _number(text: str) -> float | None:
    """Read a number; one with a unit of time is in seconds."""
    found = _NUMBER.fullmatch(text)
    return float(found[1]) * _SECONDS.get(found[2], 1.0) if found else None


def _reached(fields: Mapping[str, object], key: str) -> object:
    """Follow the dots of a name; a name that has dots itself comes first."""
    if key in fields:
        return fields[key]
    first, dot, rest = key.partition(".")
    inner = fields.get(first)
    return _reached(inner, rest) if dot and isinstance(inner, Mapping) else None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
