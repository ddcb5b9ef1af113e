"""The lines of one request, found by their trace: what was asked, and what was said meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from console.model.log.lines import LogEntry, LogRecord, Origin
from console.model.log.terms import field

_LONGEST_ANSWER: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What a request line says; what it does not say is None. `latency` is in seconds."""

    method: str | None
    url: str | None
    status: int | None
    latency: float | None
    size: int | None

    @property
    def path(self) -> str | None:
        """The part of the address that says what was asked of the service."""
        if self.url is None:
            return None
        try:
            return urlsplit(self.url).path or "/"
        except ValueError:
            return self.url


def request_facts(record: LogRecord) -> RequestFacts | None:
    """Return what a line says of its request; None when it is no request line."""
    if record.provenance.origin is not Origin.REQUEST:
        return None
    method, url = field(record, "method"), field(record, "url")
    status, latency, size = (field(record, key) for key in ("status", "latency", "size"))
    return RequestFacts(
        method=str(method) if method else None,
        url=str(url) if url else None,
        status=int(status) if isinstance(status, int | float) else None,
        latency=float(latency) if isinstance(latency, int | float) else None,
        size=int(size) if isinstance(size, int | float) else None,
    )


def answer_seconds(record: LogRecord) -> float | None:
    """Return how long the answer took of which a line tells, in seconds.

    None when it is no request line, or tells of no length that an answer can have.
    """
    if record.provenance.origin is not Origin.REQUEST:
        return None
    request = record.fields.get("httpRequest")
    took = request.get("latency") if isinstance(request, Mapping) else None
    if isinstance(took, bool) or not isinstance(took, int | float):
        return None
    return float(took) if 0 <= took <= _LONGEST_ANSWER else None


def same_request(entries: Iterable[LogEntry], entry: LogEntry) -> list[LogEntry]:
    """Return the entries of the request that `entry` belongs to, itself too, oldest first.

    A request line comes last but has the time at which the request began, so it stands first.
    """
    trace = entry.provenance.trace
    if not trace:
        return [entry]
    return [each for each in entries if each.provenance.trace == trace]
