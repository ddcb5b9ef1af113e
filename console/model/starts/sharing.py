"""What starts have in common: a request waits through those that fail until one answers it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from console.model.starts.assembly import with_requests
from console.model.starts.evidence import request_key
from console.model.starts.start import ColdStart, WaitingRequest
from console.model.text import SafeText

MOST_WAITING: Final = 32
"""So many requests are told of each start that failed, the oldest."""

_LONGEST_REQUEST: Final = timedelta(hours=1)
"""Source: the longest time that Cloud Run lets a request take."""


@dataclass(slots=True)
class _Revision:
    """The starts of one revision that failed, and the requests that waited for any."""

    failed: list[ColdStart] = field(default_factory=list)
    requests: list[WaitingRequest] = field(default_factory=list)


def shared(
    starts: Sequence[ColdStart], unserved: Iterable[tuple[SafeText, WaitingRequest]]
) -> tuple[ColdStart, ...]:
    """Return `starts` in order, each with who waited and how many failed before it meanwhile.

    `unserved` are the requests that no instance answered, each with its revision.
    """
    ordered = sorted(starts, key=lambda each: (each.process, each.instance))
    revisions = _revisions(ordered, unserved)
    if not revisions:
        return tuple(ordered)
    waited = [_with_those_who_waited(each, revisions) for each in ordered]
    return tuple(_with_retries(each, revisions) for each in waited)


def _revisions(
    starts: Sequence[ColdStart], unserved: Iterable[tuple[SafeText, WaitingRequest]]
) -> Mapping[SafeText, _Revision]:
    """Return those revisions of which a start failed."""
    found: dict[SafeText, _Revision] = defaultdict(_Revision)
    for start in starts:
        if start.failure is not None:
            found[start.revision].failed.append(start)
    for start in starts:
        if start.revision in found:
            found[start.revision].requests.extend(start.requests)
    for name, request in unserved:
        if name in found:
            found[name].requests.append(request)
    for revision in found.values():
        once = {request_key(each): each for each in revision.requests}
        revision.requests = [once[key] for key in sorted(once)]
    return found


def _with_those_who_waited(start: ColdStart, revisions: Mapping[SafeText, _Revision]) -> ColdStart:
    if start.failure is None:
        return start
    every = revisions[start.revision].requests
    first = bisect_left(every, start.process - _LONGEST_REQUEST, key=lambda each: each.arrived)
    last = bisect_left(every, start.failure.at, key=lambda each: each.arrived)
    waiting = [each for each in every[first:last] if (each.ended or each.arrived) > start.process]
    return with_requests(start, waiting[:MOST_WAITING])


def _with_retries(start: ColdStart, revisions: Mapping[SafeText, _Revision]) -> ColdStart:
    """Count the starts that failed before this one while its first request waited already."""
    if start.revision not in revisions or not start.requests:
        return start
    failed, since = revisions[start.revision].failed, start.requests[0].arrived
    first = bisect_left(failed, since - _LONGEST_REQUEST, key=lambda each: each.process)
    last = bisect_left(failed, start.process, key=lambda each: each.process)
    before = [each for each in failed[first:last] if each.failure and each.failure.at > since]
    return replace(start, retries=len(before)) if before else start
