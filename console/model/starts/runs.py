"""What one source said of one process: the platform's lines, and the engine's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from console.model.starts.engine_words import EngineWord
from console.model.starts.evidence import Mark
from console.model.starts.platform_words import WordKind
from console.model.starts.start import FileRead, Moment, Probe, Reason
from console.model.text import SafeText
from engine.schema import Phase, StartupEvent

_STARTS: Final = frozenset(
    {WordKind.STARTING, WordKind.PROBE_PASSED, WordKind.PROBE_FAILED, WordKind.NOT_RUN}
)
_MOMENTS: Final = {
    Phase.PORT_OPEN: Moment.PORT_OPEN,
    Phase.IMPORTS_DONE: Moment.IMPORTS_DONE,
    Phase.ON_DEVICE: Moment.ON_DEVICE,
    Phase.WARM: Moment.READY,
    Phase.READY: Moment.READY,
}
_AFTER_READING: Final = (Moment.ON_DEVICE, Moment.READY)


@dataclass(frozen=True, slots=True)
class PlatformRun:
    """The platform's lines of one process, oldest first."""

    marks: tuple[Mark, ...] = ()

    @property
    def starts(self) -> bool:
        """Whether it tells of a start, and not of an end alone."""
        return any(each.word.kind in _STARTS for each in self.marks)

    @property
    def asked_for(self) -> datetime | None:
        """When the platform said that it starts the instance."""
        return next((mark.time for mark in self.of(WordKind.STARTING)), None)

    @property
    def reason(self) -> Reason:
        """Why it does so."""
        return next((mark.word.reason for mark in self.of(WordKind.STARTING)), Reason.UNKNOWN)

    @property
    def probed(self) -> Mark | None:
        """That the probe passed; of several containers, that of the last."""
        return next(reversed(self.of(WordKind.PROBE_PASSED)), None)

    @property
    def probe(self) -> Probe | None:
        """How the platform asked whether the container has started."""
        failed = next(reversed(self.of(WordKind.PROBE_FAILED)), None)
        mark = self.probed or failed
        return None if mark is None else mark.word.probe

    @property
    def refused(self) -> Mark | None:
        """That the probe gave up, unless it passed after that."""
        failed = self.of(WordKind.PROBE_FAILED)
        return None if not failed or self.probed is not None else failed[0]

    def of(self, *kinds: WordKind) -> list[Mark]:
        """Return the lines of some kinds, oldest first."""
        return [each for each in self.marks if each.word.kind in kinds]


@dataclass(frozen=True, slots=True)
class EngineRun:
    """The engine's lines of one process; moments are by its clock, anchored by its own age."""

    words: tuple[EngineWord, ...]

    @property
    def birth(self) -> datetime:
        """When the process was started: by the line that was written with the least delay."""
        return min(each.birth for each in self.words)

    @property
    def events(self) -> tuple[StartupEvent, ...]:
        """What it told, in order."""
        return tuple(
            sorted((each.event for each in self.words), key=lambda e: (e.at, e.phase, e.file))
        )

    @property
    def tells_a_start(self) -> bool:
        """Whether it tells more than that a picture was made, hours later perhaps."""
        return any(each.phase is not Phase.FIRST_IMAGE for each in self.events)

    @property
    def kept_as(self) -> SafeText:
        """How weights are kept in memory."""
        return max((each.kept_as for each in self.words), default=SafeText(""))

    @property
    def failed(self) -> StartupEvent | None:
        """Why it cannot use the model, if so."""
        return next((each for each in self.events if each.phase is Phase.FAILED), None)

    def received_early(self) -> timedelta | None:
        """Return how far the clock runs ahead of that of whoever received the lines, at least."""
        ahead = [each.time - each.received for each in self.words if each.received is not None]
        return max(ahead, default=None)


def engine_moments(events: Iterable[StartupEvent], birth: datetime) -> dict[Moment, datetime]:
    """Return the moments that the engine told of, of a process that was started at `birth`.

    That all weights were read is known once what follows was reached, for until then there may
    be another file. What is converted between reads counts as if it came behind them.
    """
    moments = {Moment.CONTAINER_UP: birth}
    read: datetime | None = None
    converting = timedelta()
    for event in sorted(events, key=lambda each: each.at):
        at = birth + timedelta(seconds=event.at)
        if event.phase is Phase.WEIGHTS_READ:
            read = at
        elif event.phase in _MOMENTS:
            if event.phase is Phase.ON_DEVICE:
                converting = max(converting, timedelta(seconds=event.seconds))
            moments.setdefault(_MOMENTS[event.phase], at)
    ready = _exactly_ready(events)
    if ready is not None:
        moments[Moment.READY] = birth + timedelta(seconds=ready)
    if read is not None and any(each in moments for each in _AFTER_READING):
        moments[Moment.WEIGHTS_READ] = read
        if Moment.ON_DEVICE in moments:
            imported = moments.get(Moment.IMPORTS_DONE, birth)
            without = max(imported, moments[Moment.ON_DEVICE] - converting)
            moments[Moment.WEIGHTS_READ] = min(read, without)
    return moments


def files_read(events: Iterable[StartupEvent], birth: datetime) -> tuple[FileRead, ...]:
    """Return the files that the engine read, in the order in which it was done with them."""
    first: dict[str, FileRead] = {}
    for event in sorted(events, key=lambda each: (each.at, each.file, each.bytes, each.seconds)):
        if event.phase is Phase.WEIGHTS_READ and event.file not in first:
            ended = birth + timedelta(seconds=event.at)
            first[event.file] = FileRead(SafeText(event.file), event.bytes, event.seconds, ended)
    return tuple(first.values())


def first_image(events: Iterable[StartupEvent]) -> float | None:
    """Return how many seconds the first picture took, where the engine said so."""
    took = [each.seconds for each in events if each.phase is Phase.FIRST_IMAGE and each.seconds > 0]
    return min(took, default=None)


def _exactly_ready(events: Iterable[StartupEvent]) -> float | None:
    """Return when the engine said that it is ready; that it is warm stands in for that."""
    return min((each.at for each in events if each.phase is Phase.READY), default=None)
