"""What happened to services, read from the log: which instances there were, and their requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote

from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.log_entries import Entry
from console.sandbox.logs.log_filter import compiled
from console.sandbox.logs.platform_log import REQUESTS, SYSTEM
from console.sandbox.metrics.tally import KEPT, Tallies
from console.sandbox.moments import read

_TELLING: Final = compiled(f'log_id("{REQUESTS}") OR log_id("{SYSTEM}")')
_STARTING: Final = "Starting new instance."
_PROBED: Final = re.compile(r"(?:Default )?STARTUP \w+ probe succeeded")
_ENDED: Final = re.compile(r"Container (?:called exit|terminated on signal)")
_NOT_STARTED: Final = re.compile(r"(?:Default )?STARTUP \w+ probe failed")


@dataclass(frozen=True, slots=True)
class Answered:
    """A request: when it arrived and was answered, and by which instance, if by any."""

    resource: Mapping[str, str]
    instance: str
    arrived: datetime
    done: datetime
    status: int


@dataclass(slots=True)
class Lived:
    """An instance: when it was started, could take requests, and ended; None if not yet."""

    resource: Mapping[str, str]
    started: datetime
    ready: datetime | None = None
    ended: datetime | None = None


AlwaysPaid = Callable[[str], bool]
"""Says whether the whole life of a revision's instances is paid, not only starts and requests."""


def nothing_always_paid(revision: str) -> bool:
    """Return False: only starts and requests are paid."""
    return False


@dataclass(slots=True)
class Activity:
    """All requests that were answered, all instances by identifier, and what was counted."""

    always_paid: AlwaysPaid = nothing_always_paid
    tallies: Tallies = field(default_factory=Tallies)
    requests: list[Answered] = field(default_factory=list)
    instances: dict[str, Lived] = field(default_factory=dict)


class Ledger:
    """What happened according to `book`, of which it goes on hearing; the latest `KEPT` stays.

    The book may forget a line long before.
    """

    def __init__(self, book: LogBook, always_paid: AlwaysPaid, tallies: Tallies) -> None:
        self._happened = Activity(always_paid, tallies)
        _add(self._happened, book.select(_TELLING, None, newest_first=False))
        self._listening = ExitStack()
        self._listener = self._listening.enter_context(book.listening(_TELLING))

    def until(self, now: datetime) -> Activity:
        """Return what happened up to the present moment."""
        lines, _ = self._listener.take()
        happened, oldest = self._happened, now - KEPT
        happened.tallies.save(now)
        _add(happened, (line.entry for line in lines))
        happened.requests = [each for each in happened.requests if each.done > oldest]
        happened.instances = {
            identifier: each
            for identifier, each in happened.instances.items()
            if each.ended is None or each.ended > oldest
        }
        return happened


def _add(happened: Activity, entries: Iterable[Entry]) -> None:
    """Add what entries tell, oldest first; what is of another form is left out."""
    for entry in entries:
        log = unquote(str(entry.get("logName", "")).rpartition("/")[2])
        if log == REQUESTS:
            _add_request(happened, entry)
        elif log == SYSTEM:
            _add_event(happened, entry)


def _add_request(happened: Activity, entry: Entry) -> None:
    request = entry.get("httpRequest")
    if not isinstance(request, Mapping):
        return
    try:
        arrived = read(str(entry["timestamp"]))
        seconds = float(str(request["latency"]).removesuffix("s"))
        status = int(request["status"])
    except (KeyError, ValueError):
        return
    happened.requests.append(
        Answered(
            _resource(entry),
            _instance(entry),
            arrived,
            arrived + timedelta(seconds=seconds),
            status,
        )
    )


def _add_event(happened: Activity, entry: Entry) -> None:
    said, instance = str(entry.get("textPayload", "")), _instance(entry)
    moment = read(str(entry["timestamp"]))
    if said.startswith(_STARTING):
        happened.instances.setdefault(instance, Lived(_resource(entry), moment))
        return
    known = happened.instances.get(instance)
    if known is None:
        return
    if _PROBED.match(said):
        known.ready = moment
    elif (_ENDED.match(said) or _NOT_STARTED.match(said)) and known.ended is None:
        known.ended = moment


def _instance(entry: Entry) -> str:
    labels = entry.get("labels")
    return str(labels.get("instanceId", "")) if isinstance(labels, Mapping) else ""


def _resource(entry: Entry) -> Mapping[str, str]:
    resource = entry.get("resource")
    labels = resource.get("labels") if isinstance(resource, Mapping) else None
    return labels if isinstance(labels, Mapping) else {}
