"""Keeps what the store says about a service on Google Cloud true: by asking, and from its log.

Each thing asked for has a freshness of its own, so that one that is denied or does not answer
takes nothing from the others. What was known last stays on screen with its age.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from console.language import tr
from console.model.access import Policy
from console.model.evidence import Evidence
from console.model.freshness import Freshness, Freshnesses, Standing
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.metrics import ServiceMetrics
from console.model.rollout import rollout
from console.model.service import (
    Revision,
    ServiceFacts,
    ServiceName,
    ServiceSnapshot,
    ServiceState,
)
from console.model.storage import ObjectList, Weights
from console.model.text import SafeText
from console.session.polling import Intervals, Pace, poll
from console.session.racing import first_of
from console.sources.base import (
    Denied,
    MetricSource,
    Missing,
    ServiceSource,
    SourceError,
    StorageSource,
    Unauthenticated,
)
from console.store import Store
from console.terminal.sanitise import sanitise

_Answer = TypeVar("_Answer")

_USUAL: Final = Intervals()
_FAILURES_TO_BELIEVE: Final = 2
_LISTING_IS_PAID_FOR: Final = 5
_JUST_NOW: Final = timedelta(seconds=30)
_DENIALS: Final = (Denied, Unauthenticated)

Listed = Callable[[SafeText | None, ObjectList], None]
"""Hears what was found in a bucket; None is that of a service that mounts none."""


def _nobody(bucket: SafeText | None, found: ObjectList) -> None:
    """Hear what was found and do nothing."""


class CloudWatch:
    """Writes the snapshot of a service and its log lines into `store`.

    `source` is what the context is called; `clock` gives the time of day, `jitter` numbers from
    0 to 1, which spread the polls. What the store remembers of the context from an earlier session
    stays until it is replaced. `listed` is called with what was found in the bucket of the service.
    """

    def __init__(
        self,
        store: Store,
        source: str,
        clock: Callable[[], datetime],
        jitter: Callable[[], float],
        intervals: Intervals = _USUAL,
    ) -> None:
        self.pace = Pace()
        self.listed: Listed = _nobody
        self._store = store
        self._clock = clock
        self._jitter = jitter
        self._intervals = intervals
        self._evidence = Evidence()
        self._remembered: set[tuple[datetime, str]] = set()
        self._answered = asyncio.Event()
        for entry in store.logs:
            self._remembered.add(_key(entry))
            self._note(entry)
        if store.service.facts is None:
            store.set_service(ServiceSnapshot(state=ServiceState.CONNECTING, source=source))

    async def facts(self) -> ServiceFacts:
        """Return what is known of the service, once something is."""
        await self._answered.wait()
        assert self._evidence.facts is not None
        return self._evidence.facts

    async def follow(
        self,
        services: ServiceSource,
        name: ServiceName,
        metrics: MetricSource | None = None,
        storage: StorageSource | None = None,
    ) -> None:
        """Ask what Google Cloud says of the service, again and again, until cancelled."""
        seldom = self._intervals.seldom
        asked = [
            self._follow_service(services, name),
            self._follow_aside("access", lambda: services.policy(name), self._policy_told, seldom),
        ]
        if metrics is not None:
            asked.append(
                self._follow_aside(
                    "metrics", lambda: metrics.read(name), self._metrics_told, seldom
                )
            )
        else:
            self._know("metrics", _unasked(tr("nobody measures it")))
        if storage is not None:
            asked.append(
                self._follow_aside(
                    "weights",
                    lambda: self._weights(storage),
                    self._weights_told,
                    seldom * _LISTING_IS_PAID_FOR,
                )
            )
        else:
            self._know("weights", _unasked(tr("nobody looks into its bucket")))
        await first_of(*asked)

    def heard(self, record: LogRecord) -> None:
        """Take in one line of the service's log, unless it is remembered already."""
        if self._remembered and _key(record) in self._remembered:
            return
        self._store.add_record(record)
        if record.provenance.origin is Origin.AUDIT and not self.pace.paused:
            self._hurry_after(record)
        if self._note(record):
            self._look()

    def log_trouble(self, error: SourceError | None) -> None:
        """Take note that the log cannot be read because of `error`, or that it can."""
        before, why = self._store.service, None if error is None else error.message
        if why is not None and why != before.log_problem:
            self.say(Severity.WARNING, why)
        log = before.fresh.log
        log = log.answered(self._clock()) if error is None else _after(log, error, None)
        self._evidence.log_known = self._evidence.log_known or error is None
        self._put(log_problem=why)
        self._know("log", log)
        if why is None and before.log_problem is not None:
            # Where one way is open again the others may be, too.
            self.pace.hurry()

    def failed(self, problem: SafeText) -> None:
        """The way to the cloud is not there, because of `problem`."""
        self._put(state=ServiceState.FAILED, problem=problem)
        self.say(Severity.ERROR, problem)

    def refresh(self) -> None:
        """Ask everything now."""
        self.pace.hurry()

    def pause(self) -> bool:
        """Ask nothing more until this is called again; returns whether it is paused now."""
        if self.pace.paused:
            self.pace.resume()
        else:
            self.pace.pause()
        self._put(paused=self.pace.paused)
        return self.pace.paused

    def say(self, severity: Severity, message: str) -> None:
        """Add a line of the console's own to the log."""
        console = Provenance(origin=Origin.CONSOLE)
        line = LogRecord(self._clock(), severity, sanitise(message), "console", provenance=console)
        self._store.add_record(line)

    async def _follow_service(self, services: ServiceSource, name: ServiceName) -> None:
        async def ask() -> tuple[ServiceFacts, Revision | None]:
            facts = await services.get(name)
            return facts, await self._newest(services, facts)

        await poll(
            ask,
            self._service_told,
            self._service_silent,
            pace=self.pace,
            every=self._every,
            jitter=self._jitter,
        )

    async def _newest(self, services: ServiceSource, facts: ServiceFacts) -> Revision | None:
        """Return the newest revision while it is rolled out; what cannot be read is not known."""
        newest = facts.latest_created_revision
        if newest is None or rollout(facts, None, None, self._clock()) is None:
            return None
        try:
            return await services.revision(facts.name, newest)
        except SourceError:
            known = self._evidence.revision
            return known if known is not None and known.name == newest else None

    async def _follow_aside(
        self,
        kind: str,
        ask: Callable[[], Awaitable[_Answer]],
        told: Callable[[_Answer], None],
        every: float,
    ) -> None:
        """Ask for what stands beside the service; `kind` is its name in `Freshnesses`."""

        def answered(answer: _Answer) -> None:
            told(answer)
            self._know(kind, self._known(kind).answered(self._clock()))

        def silent(error: SourceError, failures: int, seconds: float) -> None:
            self._know(kind, self._later(self._known(kind), error, seconds))

        await poll(ask, answered, silent, pace=self.pace, every=lambda: every, jitter=self._jitter)

    async def _weights(self, storage: StorageSource) -> Weights | None:
        facts = await self.facts()
        if not facts.volumes:
            self.listed(None, ObjectList())
            return None
        bucket = facts.volumes[0].bucket
        found = await storage.objects(bucket)
        self.listed(bucket, found)
        return Weights.of(bucket, found)

    def _policy_told(self, policy: Policy) -> None:
        self._evidence.policy = policy

    def _metrics_told(self, metrics: ServiceMetrics) -> None:
        self._put(metrics=metrics)

    def _weights_told(self, weights: Weights | None) -> None:
        self._put(weights=weights)

    def _service_told(self, answer: tuple[ServiceFacts, Revision | None]) -> None:
        self._evidence.facts, self._evidence.revision = answer
        if self._fresh.service.troubled:
            self.pace.hurry()
        self._evidence.trouble = None
        self._answered.set()
        now = self._clock()
        self._put(fetched_at=now)
        self._know("service", self._fresh.service.answered(now))

    def _service_silent(self, error: SourceError, failures: int, seconds: float) -> None:
        if isinstance(error, _DENIALS):
            self._evidence.trouble = ServiceState.DENIED, error.message
        elif isinstance(error, Missing):
            self._evidence.trouble = ServiceState.MISSING, error.message
        elif failures >= _FAILURES_TO_BELIEVE or self._evidence.facts is None:
            self._evidence.trouble = ServiceState.UNREACHABLE, error.message
        self._know("service", self._later(self._fresh.service, error, seconds))

    def _later(self, known: Freshness, error: SourceError, seconds: float) -> Freshness:
        return _after(known, error, self._clock() + timedelta(seconds=seconds))

    @property
    def _fresh(self) -> Freshnesses:
        return self._store.service.fresh

    def _every(self) -> float:
        rolling, facts = self._store.service.rollout, self._evidence.facts
        going_on = rolling is not None and rolling.going_on
        changing = facts is None or facts.reconciling or going_on
        return self._intervals.changing if changing else self._intervals.calm

    def _hurry_after(self, change: LogRecord) -> None:
        """Look at once what somebody has just changed."""
        if self._clock() - change.time < _JUST_NOW:
            self.pace.hurry()

    def _note(self, record: LogRecord) -> bool:
        """Take a line in, and say whether it told something new."""
        return self._evidence.note(record, self._store.service.rollout)

    def _look(self) -> None:
        """Put together anew what is known."""
        self._store.set_service(self._evidence.snapshot(self._store.service, self._clock()))

    def _known(self, kind: str) -> Freshness:
        known: Freshness = getattr(self._fresh, kind)
        return known

    def _know(self, kind: str, how: Freshness) -> None:
        """Take note of how well something is known now, and of what follows from that."""
        change: dict[str, Any] = {kind: how}
        self._put(fresh=replace(self._fresh, **change))
        self._look()

    def _put(self, **known: Any) -> None:
        self._store.set_service(replace(self._store.service, **known))


def _unasked(why: str) -> Freshness:
    return Freshness(Standing.ABSENT, problem=sanitise(why))


def _key(record: LogRecord) -> tuple[datetime, str]:
    """Return what no two lines have in common."""
    return record.time, str(record.provenance.insert_id)


def _after(known: Freshness, error: SourceError, again_at: datetime | None) -> Freshness:
    """Return how well something is known after a question went wrong."""
    if isinstance(error, Missing):
        return known.failed(Standing.ABSENT, error.message, again_at)
    if isinstance(error, _DENIALS):
        needs = error.permission if isinstance(error, Denied) else ""
        return known.failed(Standing.DENIED, error.message, again_at, needs)
    return known.failed(Standing.ERROR, error.message, again_at)
