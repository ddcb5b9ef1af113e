"""What happened to services, read from the log: which instances there were, and their requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote

from console.sandbox.log_filter import Entry
from console.sandbox.moments import read
from console.sandbox.platform_log import REQUESTS, SYSTEM

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


@dataclass(slots=True)
class Activity:
    """All requests that were answered, and all instances by identifier."""

    requests: list[Answered] = field(default_factory=list)
    instances: dict[str, Lived] = field(default_factory=dict)


def activity(entries: Iterable[Entry]) -> Activity:
    """Read what happened from log entries, oldest first; what is of another form is left out."""
    happened = Activity()
    for entry in entries:
        log = unquote(str(entry.get("logName", "")).rpartition("/")[2])
        if log == REQUESTS:
            _add_request(happened, entry)
        elif log == SYSTEM:
            _add_event(happened, entry)
    return happened


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
