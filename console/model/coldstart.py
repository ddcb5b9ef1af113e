"""A start as spans of time: what the process did between the moments it reported.

The engine reports moments (`engine.schema.StartupEvent`); a person asks for durations. The
engine reads weights in a thread of its own while it imports, so spans may overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.schema import Phase, StartupEvent


@dataclass(frozen=True, slots=True)
class Span:
    """A named stretch of a start, in seconds after the process was started.

    `end` None means that it goes on. `detail` is a short fact, such as a rate.
    """

    name: str
    start: float
    end: float | None
    detail: str = ""

    @property
    def seconds(self) -> float | None:
        """How long it took, or None while it goes on."""
        return None if self.end is None else self.end - self.start


_NAMES = {
    Phase.PORT_OPEN: "open port",
    Phase.IMPORTS_DONE: "import",
    Phase.ON_DEVICE: "to device",
    Phase.WARM: "warm-up",
    Phase.READY: "ready",
    Phase.FIRST_IMAGE: "first image",
}


def spans(timeline: Sequence[StartupEvent]) -> tuple[Span, ...]:
    """Return the spans of a start, in order of their beginning.

    A phase's span runs from the moment before it to its own; a file's span covers the seconds
    that reading it took. Waiting for the first request is not part of a start, so the first
    picture's span is its own duration where the engine reported one.
    """
    result: list[Span] = []
    previous = 0.0
    for event in timeline:
        if event.phase is Phase.WEIGHTS_READ:
            result.append(_file_span(event))
            previous = max(previous, event.at)
            continue
        name = _NAMES.get(event.phase)
        if name is None or event.phase is Phase.READY:
            continue
        start = previous
        if event.phase is Phase.FIRST_IMAGE:
            start = event.at - event.seconds
        result.append(Span(name, start, event.at))
        previous = event.at
    return tuple(sorted(result, key=lambda span: span.start))


def _file_span(event: StartupEvent) -> Span:
    rate = event.bytes / event.seconds / 1e6 if event.seconds > 0 else 0.0
    return Span(
        name=event.file,
        start=event.at - event.seconds,
        end=event.at,
        detail=f"{event.bytes / 1e6:.1f} MB, {rate:,.0f} MB/s",
    )
