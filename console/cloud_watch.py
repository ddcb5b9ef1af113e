"""Keeps what the store says about a service on Google Cloud true: by asking, and from its log.

What was known last stays on screen with its age while there is no answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from console.model.instances import Instances
from console.model.logs import LogRecord, Origin, Provenance, Severity
from console.model.service import ServiceFacts, ServiceName, ServiceSnapshot, ServiceState
from console.model.serving import serving
from console.model.text import SafeText
from console.sources.base import (
    Denied,
    Missing,
    ServiceSource,
    SourceError,
    Throttled,
    Unauthenticated,
)
from console.store import Store
from console.terminal.sanitise import sanitise

CALM_SECONDS: Final = 5.0
CHANGING_SECONDS: Final = 1.5
LONGEST_SECONDS: Final = 60.0
_FAILURES_TO_BELIEVE: Final = 3
_ANSWERS_OF_THEIR_OWN: Final = (Denied, Missing, Unauthenticated)


class CloudWatch:
    """Writes the snapshot of service `name` and its log lines into `store`.

    `source` is what the context is called; `clock` gives the time of day, `jitter` numbers from
    0 to 1, which spread the polls; `changing_seconds` is how often a service is asked for that
    changes, or of which nothing is known yet.
    """

    def __init__(
        self,
        store: Store,
        source: str,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        changing_seconds: float = CHANGING_SECONDS,
    ) -> None:
        self._store = store
        self._clock = clock
        self._jitter = jitter
        self._changing_seconds = changing_seconds
        self._instances = Instances()
        self._log_known = False
        self._facts: ServiceFacts | None = None
        self._answered = asyncio.Event()
        store.set_service(ServiceSnapshot(state=ServiceState.CONNECTING, source=source))

    async def facts(self) -> ServiceFacts:
        """Return what is known of the service, once something is."""
        await self._answered.wait()
        assert self._facts is not None
        return self._facts

    async def follow(self, services: ServiceSource, name: ServiceName) -> None:
        """Ask what Cloud Run says of the service, again and again, until cancelled."""
        failures = 0
        while True:
            asked_again = 0.0
            try:
                self._facts = await services.get(name)
            except SourceError as error:
                failures += 1
                asked_again = _said_to_wait(error)
                self._not_answered(error, failures)
            else:
                failures = 0
                self._answered.set()
                self._look(answered=True)
            usual = self._changing_seconds if self._changing else CALM_SECONDS
            pause = min(LONGEST_SECONDS, usual * 2 ** min(failures, 5))
            await asyncio.sleep(max(asked_again, pause * (0.75 + self._jitter() / 2)))

    def heard(self, record: LogRecord) -> None:
        """Take in one line of the service's log."""
        self._store.add_record(record)
        if self._instances.note(record):
            self._look()

    def log_trouble(self, why: SafeText | None) -> None:
        """Take note that the log cannot be read because of `why`, or that it can."""
        if why is not None and why != self._store.service.log_problem:
            self.say(Severity.WARNING, why)
        self._store.set_service(replace(self._store.service, log_problem=why))
        if why is None and not self._log_known:
            self._log_known = True
            self._look()

    def failed(self, problem: SafeText) -> None:
        """The way to the cloud is not there, because of `problem`."""
        self._set(state=ServiceState.FAILED, problem=problem)
        self.say(Severity.ERROR, problem)

    def say(self, severity: Severity, message: str) -> None:
        """Add a line of the console's own to the log."""
        console = Provenance(origin=Origin.CONSOLE)
        line = LogRecord(self._clock(), severity, sanitise(message), "console", provenance=console)
        self._store.add_record(line)

    @property
    def _changing(self) -> bool:
        facts = self._facts
        return facts is None or facts.reconciling

    def _look(self, *, answered: bool = False) -> None:
        """Put together anew what is known; before the first answer that is nothing."""
        if self._facts is None:
            return
        before, now = self._store.service, self._clock()
        instances = self._instances if self._log_known else None
        known = serving(before, self._facts, instances, now)
        if answered:
            known = replace(known, fetched_at=now)
        elif before.state is ServiceState.UNREACHABLE:
            known = replace(known, state=before.state, problem=before.problem)
        self._store.set_service(known)

    def _not_answered(self, error: SourceError, failures: int) -> None:
        if isinstance(error, _ANSWERS_OF_THEIR_OWN):
            self._set(state=ServiceState.FAILED, problem=error.message)
        elif failures >= _FAILURES_TO_BELIEVE or self._facts is None:
            self._set(state=ServiceState.UNREACHABLE, problem=error.message)

    def _set(self, *, state: ServiceState, problem: SafeText) -> None:
        self._store.set_service(replace(self._store.service, state=state, problem=problem))


def _said_to_wait(error: SourceError) -> float:
    return (error.retry_after or 0.0) if isinstance(error, Throttled) else 0.0
