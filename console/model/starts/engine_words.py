"""What the engine's own log lines say of its start."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from console.model.log.lines import LogRecord, Origin
from console.model.text import SafeText
from engine.schema import Phase, StartupEvent

_OLDEST: Final = timedelta(days=30).total_seconds()
"""No instance lives as long; an age beyond it is nonsense."""

_NOTHING: Final = SafeText("")


@dataclass(frozen=True, slots=True)
class EngineWord:
    """A moment of a start as one line tells it, at `time` by the engine's clock.

    `received` is when the cloud received the line, by the platform's clock. `kept_as` says how
    weights are kept in memory, where the line does.
    """

    event: StartupEvent
    time: datetime
    received: datetime | None = None
    kept_as: SafeText = _NOTHING

    @property
    def birth(self) -> datetime:
        """When the process was started, by this line; a line that was written late says later."""
        return self.time - timedelta(seconds=self.event.at)


def startup_event(record: LogRecord) -> StartupEvent | None:
    """Return the moment of a start that a line tells of, if it does."""
    if record.provenance.origin is not Origin.APPLICATION or not record.event:
        return None
    try:
        event = StartupEvent.from_json({**record.fields, "event": record.event})
    except (ValueError, OverflowError):
        return None
    # A log line says in words what the event says in fields; only a failure has more to tell.
    said = record.message if event.phase is Phase.FAILED else ""
    return replace(event, message=said)


def engine_word(record: LogRecord) -> EngineWord | None:
    """Return what a line says of a start, if it does and its figures can be."""
    event = startup_event(record)
    if event is None or not plausible(event):
        return None
    kept = ""
    if event.phase is Phase.ON_DEVICE:
        # `on device after 21.40 s: transformer int8, text encoder packed`
        kept = record.message.partition(": ")[2]
    return EngineWord(event, record.time, record.received, SafeText(kept))


def plausible(event: StartupEvent) -> bool:
    """Whether the figures of a moment can be true."""
    seconds = (event.at, event.seconds)
    return all(math.isfinite(each) and 0 <= each <= _OLDEST for each in seconds) and (
        event.bytes >= 0
    )
