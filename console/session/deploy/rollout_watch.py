"""A change of a service watched to its end: stage by stage, and with what its log says."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from console.language import tr, tr_later
from console.model.deploy.observed import NOTHING
from console.model.launches import Launches
from console.model.log.lines import LogQuery, LogRecord, Severity
from console.model.rollout import Rollout, rollout
from console.model.service import ConditionState, Revision, ServiceFacts
from console.model.text import SafeText
from console.session.deploy.failing import LINES
from console.session.deploy.work import StepFailed, Work
from console.session.log_feed import LogFeed
from console.session.racing import first_of
from console.sources.base import Missing, SourceError
from console.terminal.sanitise import sanitise

_BACK: Final = timedelta(minutes=1)
"""How far back lines are read: what was begun by an earlier process has written already."""

_NO_REASON: Final = tr_later("it failed, and Cloud Run gives no reason")


async def watched(work: Work, operation: str) -> None:
    """Wait until a change of the service has come to its end, and tell how far it is.

    `operation` is its name, empty if nobody knows it. Raises `StepFailed` if it failed.
    """
    work.journal.note(work.place, operation=operation)
    await RolloutWatch(work, operation).to_its_end()


class RolloutWatch:
    """Watches one change of the service that `work` is about."""

    def __init__(self, work: Work, operation: str) -> None:
        self._work = work
        self._operation = operation
        self._services = work.world.google.services
        self._launches = Launches()
        self._began: datetime = work.world.here.clock()
        self._newest: SafeText | None = None

    async def to_its_end(self) -> None:
        """Wait for it; raises `StepFailed`."""
        clock = self._work.world.here.clock
        feed = LogFeed(
            self._work.world.google.logs,
            self._work.place,
            self._heard,
            lambda _: None,
            clock,
            random.random,
            backfill=_BACK,
            backfill_lines=200,
        )
        await first_of(self._until_done(), feed.run())

    def _heard(self, record: LogRecord) -> None:
        self._launches.note(record)
        revision = record.provenance.revision
        if revision and revision == self._newest and record.time >= self._began - _BACK:
            self._work.course.line(record.message)

    async def _until_done(self) -> None:
        while True:
            said = await self._ended()
            facts = await self._services.get(self._work.place)
            revision = await self._revision(facts)
            self._show(facts, revision)
            if said is None:
                await self._work.pace.look_again()
                continue
            if said or _has_failed(facts):
                raise await self._failure(said, facts, revision)
            return

    async def _ended(self) -> SafeText | None:
        """Return None while it goes on, then what went wrong, empty if nothing did."""
        if self._operation:
            with suppress(Missing):
                return await self._work.deploying.services.finished(self._operation)
            self._operation = ""
        facts = await self._services.get(self._work.place)
        return None if facts.reconciling else NOTHING

    async def _revision(self, facts: ServiceFacts) -> Revision | None:
        self._newest = facts.latest_created_revision
        if self._newest is None:
            return None
        with suppress(Missing):
            return await self._services.revision(self._work.place, self._newest)
        return None

    def _show(self, facts: ServiceFacts, revision: Revision | None) -> None:
        launch = self._launches.of(self._newest)
        seen = rollout(facts, revision, launch, self._work.world.here.clock())
        self._work.course.rolls_out(seen)
        self._work.course.answers_at(facts.url)
        self._work.answered()
        self._work.say(_words(seen))

    async def _failure(
        self, said: SafeText, facts: ServiceFacts, revision: Revision | None
    ) -> StepFailed:
        """Return why it failed, with the last lines of the instance that did."""
        reason = said or _reason(facts, revision)
        return StepFailed(reason, await self._last_words(facts, revision))

    async def _last_words(
        self, facts: ServiceFacts, revision: Revision | None
    ) -> tuple[SafeText, ...]:
        if revision is None or revision.name == facts.latest_ready_revision:
            return ()
        query = LogQuery(revision=revision.name)
        since = (revision.created or self._began) - _BACK
        try:
            logs = self._work.world.google.logs
            records = await logs.list(self._work.place, query, since, LINES)
        except SourceError as error:
            return (sanitise(tr("(its log cannot be read: {message})", message=error.message)),)
        return tuple(_line(each) for each in records)


def _line(record: LogRecord) -> SafeText:
    loud = f"{record.severity.name} " if record.severity >= Severity.WARNING else ""
    return sanitise(f"{record.time:%H:%M:%S} {loud}{record.message}")


def _words(seen: Rollout | None) -> str:
    return tr("waiting for Cloud Run") if seen is None else tr(seen.present.name)


def _has_failed(facts: ServiceFacts) -> bool:
    ready = facts.ready
    return ready is not None and ready.state is ConditionState.FAILED


def _reason(facts: ServiceFacts, revision: Revision | None) -> SafeText:
    conditions = (*(revision.conditions if revision else ()), *facts.conditions)
    failed = (each.message for each in conditions if each.state is ConditionState.FAILED)
    said = facts.ready.message if facts.ready is not None else NOTHING
    return next((each for each in failed if each), said) or SafeText(tr(_NO_REASON))
