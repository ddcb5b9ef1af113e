"""A start as spans of time: what the process did between the moments it reported.

The engine reports moments (`engine.schema.StartupEvent`); a person asks for durations. The
engine reads weights in a thread of its own while it imports, so spans may overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.language import tr, tr_later
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
    Phase.PORT_OPEN: tr_later("open port"),
    Phase.IMPORTS_DONE: tr_later("import"),
    Phase.ON_DEVICE: tr_later("to device"),
    Phase.WARM: tr_later("warm-up"),
    Phase.READY: tr_later("ready"),
    Phase.FIRST_IMAGE: tr_later("first image"),
}


def spans(timeline: Sequence[StartupEvent]) -> tuple[Span, ...]:
    """Return the spans of a start, in order of their beginning.

    A phase's span runs from the moment before it to its own; a file's span covers the seconds
    that its bytes were waited for. Importing goes on while files are read, so its span does not
    begin at the end of a file; and weights are brought into their form between reads, which counts
    as if it came behind them. Waiting for the first request is not part of a start, so the first
    picture is put right behind it, with its own duration, where the engine reported one.
    """
    result: list[Span] = []
    previous = last_phase = 0.0
    for event in timeline:
        if event.phase is Phase.WEIGHTS_READ:
            result.append(_file_span(event))
            previous = max(previous, event.at)
            continue
        if event.phase not in _NAMES or event.phase is Phase.READY:
            continue
        name = tr(_NAMES[event.phase])
        if event.phase is Phase.FIRST_IMAGE:
            if event.seconds > 0:
                result.append(Span(name, previous, previous + event.seconds))
            continue
        start = last_phase if event.phase is Phase.IMPORTS_DONE else previous
        if event.phase is Phase.ON_DEVICE:
            start = max(last_phase, min(previous, event.at - event.seconds))
        result.append(Span(name, start, event.at))
        previous = last_phase = event.at
    return tuple(sorted(result, key=lambda span: span.start))


def _file_span(event: StartupEvent) -> Span:
    rate = event.bytes / event.seconds / 1e6 if event.seconds > 0 else 0.0
    return Span(
        name=event.file,
        start=event.at - event.seconds,
        end=event.at,
        detail=f"{event.bytes / 1e6:.1f} MB, {rate:,.0f} MB/s",
    )


class StartClock:
    """How long the start that is being watched has gone on, by the watcher's own clock.

    The engine says how old it was at each moment that it reports; the clock believes the report
    that puts the beginning furthest back, because a report can be late but not early.
    """

    def __init__(self) -> None:
        self._process: int | str | None = None
        self._began: float | None = None

    def elapsed(
        self, process: int | str | None, timeline: Sequence[StartupEvent], now: float
    ) -> float | None:
        """Return the seconds since process `process` was started, or None when none runs.

        `process` is its number, or the name of its instance. `now` is the watcher's monotonic
        clock in seconds.
        """
        if process is None:
            self._process = self._began = None
            return None
        if process != self._process or self._began is None:
            self._process, self._began = process, now
        if timeline:
            self._began = min(self._began, now - timeline[-1].at)
        return now - self._began


def spans_so_far(timeline: Sequence[StartupEvent], doing: str, elapsed: float) -> tuple[Span, ...]:
    """Return the spans of a start that goes on: those done, and `doing` as one without an end."""
    since = timeline[-1].at if timeline else 0.0
    return (*spans(timeline), Span(doing, min(since, elapsed), None))
