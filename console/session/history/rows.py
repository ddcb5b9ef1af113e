"""Starts, lives and shapes as rows of the history, and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from console.model.cost.estimate import Window
from console.model.cost.life_records import InstanceRecord, Signs
from console.model.starts.snapshot import Timing
from console.model.starts.start import ColdStart, Moment, StartPhase
from console.model.starts.statistics import timing
from console.model.text import SafeText
from console.session.history.schema import PHASE_COLUMNS
from console.session.json_facts import from_json, to_json
from console.session.secrets import redacted
from console.terminal.sanitise import sanitise

START_COLUMNS: Final = (
    "instance",
    "process",
    "last_sign",
    "began",
    "revision",
    "reason",
    "total",
    "failed",
    *PHASE_COLUMNS,
)
TIMING_COLUMNS: Final = ("instance", "process", "began", "revision", "total", "failed")
_OF_THE_REQUEST: Final = (Moment.ARRIVED, Moment.ANSWERED)
_PHASES: Final = tuple(StartPhase)
_Kind = TypeVar("_Kind")

StartKey = tuple[SafeText, datetime]
"""What tells starts of a context apart: the instance, and when its process was asked for."""


def key_of(start: ColdStart) -> StartKey:
    """Return what tells a start apart from others."""
    return start.instance, start.process


def seconds(at: datetime) -> float:
    """Return a moment as the history keeps it."""
    return at.timestamp()


def moment(stamp: float) -> datetime:
    """Return what `seconds` was given; raises `ValueError` or `OverflowError` for no moment."""
    return datetime.fromtimestamp(stamp, UTC)


def last_sign(start: ColdStart) -> datetime:
    """Return the last moment that the process itself is known from."""
    own = [at for kind, at in start.moments.items() if kind not in _OF_THE_REQUEST]
    if start.failure is not None:
        own.append(start.failure.at)
    return max((start.process, *own))


def without_secrets(start: ColdStart) -> ColdStart:
    """Return a start with nothing in it that is nobody else's business."""
    failure = start.failure
    if failure is not None:
        failure = replace(failure, says=sanitise(redacted(failure.says)))
    requests = tuple(
        replace(each, path=sanitise(each.path.partition("?")[0])) for each in start.requests
    )
    return replace(start, failure=failure, requests=requests)


def start_row(start: ColdStart) -> tuple[object, ...]:
    """Return the values of `START_COLUMNS`."""
    figures = timing(start)
    return (
        start.instance,
        seconds(start.process),
        seconds(last_sign(start)),
        seconds(start.began),
        start.revision,
        str(start.reason),
        figures.total,
        figures.failed,
        *(figures.phases.get(phase) for phase in _PHASES),
    )


def timing_of(row: tuple[Any, ...]) -> tuple[StartKey, Timing]:
    """Read the values of `TIMING_COLUMNS` and of each phase."""
    instance, process, began, revision, total, failed, *told = row
    phases = {phase: took for phase, took in zip(_PHASES, told, strict=True) if took is not None}
    key = (sanitise(instance), moment(process))
    return key, Timing(moment(began), sanitise(revision), total, phases, bool(failed))


def document(value: object) -> str:
    """Return facts as JSON."""
    return json.dumps(to_json(value), ensure_ascii=False, separators=(",", ":"))


def read(kind: type[_Kind], text: str) -> _Kind | None:
    """Return what `document` was given; None for what no version of the console wrote."""
    try:
        return from_json(kind, json.loads(text))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def all_read(kind: type[_Kind], rows: Iterable[tuple[str]]) -> Iterator[_Kind]:
    """Yield what can be read of rows with one document each."""
    for (text,) in rows:
        value = read(kind, text)
        if value is not None:
            yield value


def windows(rows: Iterable[tuple[float, float]]) -> tuple[Window, ...]:
    """Return requests from their rows."""
    return tuple(Window(moment(arrived), moment(answered)) for arrived, answered in rows)


def instances(
    connection: sqlite3.Connection, context: int, since: float
) -> tuple[InstanceRecord, ...]:
    """Return the instances of a context of which there was a sign from `since` on, oldest first."""
    asked = "FROM lives WHERE context = ? AND last_sign >= ?"
    requests: dict[int, list[tuple[float, float]]] = {}
    for life, arrived, answered in connection.execute(
        f"SELECT life, arrived, answered FROM answered WHERE life IN (SELECT id {asked})",
        (context, since),
    ):
        requests.setdefault(life, []).append((arrived, answered))
    found = connection.execute(
        f"SELECT id, instance, document {asked} ORDER BY began", (context, since)
    )
    return tuple(
        InstanceRecord(sanitise(instance), signs, windows(requests.get(number, ())))
        for number, instance, text in found
        if (signs := read(Signs, text)) is not None
    )
