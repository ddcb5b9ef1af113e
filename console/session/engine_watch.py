"""Keeps what the store says about the service true: from its log lines at once, else by asking.

While the service starts it is asked five times a second, later every few seconds; a failure to
answer is shown as unreachable only when it is not the odd one out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from console.language import tr
from console.model.log.lines import Severity
from console.model.service import ServiceSnapshot, ServiceState
from console.model.text import SafeText
from console.sources.base import EngineFailed, Offline, SourceError
from console.sources.engine_output import OutputLine
from console.sources.local_engine import missing_module
from console.store import Store
from console.terminal.sanitise import sanitise
from engine.schema import Phase, Readiness, StartupEvent

STARTING_SECONDS: Final = 0.2
READY_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 60.0
_FAILURES_TO_BELIEVE: Final = 3
_READY_PHASES: Final = (Phase.READY, Phase.FIRST_IMAGE)


class Answers(Protocol):
    """The questions that a service answers; each raises `SourceError`."""

    async def readiness(self) -> Readiness:
        """Return whether pictures can be made."""
        ...

    async def timeline(self) -> tuple[StartupEvent, ...]:
        """Return the moments of the start."""
        ...

    async def models(self) -> tuple[SafeText, ...]:
        """Return the names of the models served."""
        ...


class ServiceWatch:
    """Writes the service's snapshot and its log lines into `store`.

    `clock` gives the time of day; `jitter` numbers from 0 to 1, which spread the polls;
    `ready_seconds` is the mean time between polls of a service that is ready.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        ready_seconds: float = READY_SECONDS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._jitter = jitter
        self._ready_seconds = ready_seconds
        self._news = asyncio.Event()

    @property
    def _known(self) -> ServiceSnapshot:
        return self._store.service

    def _set(self, snapshot: ServiceSnapshot) -> None:
        self._store.set_service(snapshot)

    def began(self, snapshot: ServiceSnapshot) -> None:
        """Begin a new life of the service, of which nothing but `snapshot` is known."""
        self._news.clear()
        self._set(snapshot)

    def log(self, severity: Severity, message: str, event: str = "console") -> None:
        """Add a line of the console's own to the log."""
        self._store.add_log(self._clock(), severity, sanitise(message), event)

    def heard(self, line: OutputLine) -> None:
        """Take note of one line that the service wrote."""
        if line.startup is not None:
            self._reached(line.startup, line.message)
        self._store.add_log(line.time, line.severity, line.message, line.event, line.fields)

    def failed(self, problem: SafeText) -> None:
        """The service is gone, or will never be ready, because of `problem`."""
        readiness = self._known.readiness
        if readiness is not None:
            readiness = replace(readiness, ready=False, message="")
        gone = replace(self._known, url=None, pid=None, readiness=readiness)
        self._set(replace(gone, state=ServiceState.FAILED, problem=problem))
        self.log(Severity.ERROR, problem)

    def stopped(self) -> None:
        """The service was ended on purpose."""
        was = self._known
        self._set(ServiceSnapshot(source=was.source, models_directory=was.models_directory))

    async def until_ready(self, service: Answers) -> None:
        """Ask until pictures can be made; raises `EngineFailed` when they never will be."""
        while not await self._starting(service):
            await self._pause(STARTING_SECONDS)
        names = await service.models()
        model = names[0] if names else None
        self._set(replace(self._known, state=ServiceState.READY, problem=None, model=model))

    async def while_ready(self, service: Answers) -> None:
        """Ask now and then, for ever."""
        failures = 0
        while True:
            wait = min(LONGEST_SECONDS, self._ready_seconds * 2 ** min(failures, 5))
            await self._pause(wait * (0.75 + self._jitter() / 2))
            try:
                readiness = await service.readiness()
                timeline = await service.timeline()
            except SourceError as error:
                failures += 1
                if failures >= _FAILURES_TO_BELIEVE:
                    lost = ServiceState.UNREACHABLE
                    self._set(replace(self._known, state=lost, problem=error.message))
                continue
            failures = 0
            state = ServiceState.READY if readiness.ready else ServiceState.STARTING
            self._answered(readiness, timeline)
            self._set(replace(self._known, state=state, problem=None))

    async def _starting(self, service: Answers) -> bool:
        try:
            readiness = await service.readiness()
            timeline = await service.timeline()
        except Offline:
            return False
        if readiness.phase is Phase.FAILED:
            reason = readiness.message or tr("the engine's start failed without a reason")
            raise EngineFailed(missing_module(reason) or sanitise(reason))
        self._answered(_further(self._known.readiness, readiness), timeline)
        return readiness.ready

    def _answered(self, readiness: Readiness, timeline: tuple[StartupEvent, ...]) -> None:
        known = self._known
        timeline = _joined(timeline, known.timeline)
        now = self._clock()
        self._set(replace(known, readiness=readiness, timeline=timeline, fetched_at=now))

    def _reached(self, event: StartupEvent, words: SafeText) -> None:
        known = self._known
        timeline = _joined(known.timeline, (event,))
        if timeline == known.timeline:
            return
        percent = 100 if event.phase in _READY_PHASES else 0
        said = Readiness(percent == 100, event.phase, percent, words)
        readiness = _further(known.readiness, said)
        self._set(replace(known, timeline=timeline, readiness=readiness))
        self._news.set()

    async def _pause(self, seconds: float) -> None:
        """Wait, but not past the next moment that the service reports by itself."""
        # Not `wait_for`: in Python 3.11 it swallows a cancellation that comes with the news.
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._news.clear()


def _joined(
    timeline: tuple[StartupEvent, ...], others: tuple[StartupEvent, ...]
) -> tuple[StartupEvent, ...]:
    """Add to `timeline` those of `others` that it lacks; a phase happens once for each file."""
    has = {(event.phase, event.file) for event in timeline}
    missing = [event for event in others if (event.phase, event.file) not in has]
    return tuple(sorted((*timeline, *missing), key=lambda event: event.at))


def _further(known: Readiness | None, said: Readiness) -> Readiness:
    """Join what a log line and an answer told, which may overtake one another."""
    if known is None or said.phase is Phase.FAILED:
        return said
    newer, older = (said, known) if _rank(said) >= _rank(known) else (known, said)
    percent = max(newer.percent, older.percent)
    return replace(newer, percent=percent, message=newer.message or older.message)


def _rank(readiness: Readiness) -> int:
    return list(Phase).index(readiness.phase)
