"""What one key does to a query: the next severity, the next span of time, this instance only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from console.model.log.lines import LogRecord, Origin, Severity
from console.model.log.query import Query
from console.model.log.terms import Op

SPANS: Final = ("1m", "5m", "15m", "30m", "1h", "6h", "1d", "7d")
"""How far back the spans reach that one key goes through."""

ORIGINS: Final = (Origin.APPLICATION, Origin.PLATFORM, Origin.REQUEST)


def next_severity(query: Query) -> Query:
    """Ask for lines at least as severe as the next severity, after ERROR for all."""
    return _next(query, "severity", Op.AT_LEAST, [each.name for each in Severity][1:])


def next_span(query: Query) -> Query:
    """Ask for lines of the next longer span of time, after the longest for all."""
    return _next(query.without("from", "to"), "since", Op.EQUAL, SPANS)


def next_origin(query: Query) -> Query:
    """Ask for what the next of application, platform and requests wrote, after them for all."""
    return _next(query, "origin", Op.EQUAL, [each.value for each in ORIGINS])


def only(query: Query, key: str, record: LogRecord) -> Query | None:
    """Ask only for lines with the same instance, revision or trace as `record`, or again for all.

    None when the line says nothing of it.
    """
    if query.of(key) is not None:
        return query.without(key)
    value = getattr(record.provenance, key)
    return query.having(key, Op.EQUAL, value) if value else None


def _next(query: Query, key: str, op: Op, values: Sequence[str]) -> Query:
    term = query.of(key)
    at = values.index(term.value) + 1 if term is not None and term.value in values else 0
    return query.having(key, op, values[at]) if at < len(values) else query.without(key)
