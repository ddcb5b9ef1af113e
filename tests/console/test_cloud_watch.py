from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from running_session import service, until

from console.model.access import Policy
from console.model.freshness import Freshness, Standing
from console.model.log.lines import LogRecord, Origin, Provenance, Severity
from console.model.metrics import ServiceMetrics
from console.model.service import (
    Condition,
    ConditionState,
    Revision,
    ServiceFacts,
    ServiceName,
    ServiceState,
)
from console.model.text import SafeText
from console.session.cloud_watch import CloudWatch
from console.session.polling import Intervals
from console.sources.base import Denied, Missing, Offline, SourceError
from console.store import Store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAME = ServiceName("sandbox", "local-1", "zimage")
OFTEN = Intervals(changing=0.001)
SERVING = ServiceFacts(name=NAME, latest_ready_revision=SafeText("zimage-1"), reconciling=True)
NO_PERMISSION = Denied(SafeText("permission run.services.get is missing"))
GONE = Offline(SafeText("nothing answers"))


class Scripted:
    """Answers with each of `answers` in turn, and then with the last one for ever."""

    def __init__(
        self,
        *answers: ServiceFacts | SourceError,
        policy: Policy | SourceError | None = None,
        revision: Revision | SourceError | None = None,
    ) -> None:
        self._answers = list(answers)
        self._policy = policy or Policy()
        self._revision = revision or Missing(SafeText("there is none"))

    async def get(self, name: ServiceName) -> ServiceFacts:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return told(answer)

    async def list(self, project: str, region: str) -> tuple[ServiceFacts, ...]:
        raise NotImplementedError

    async def revision(self, name: ServiceName, revision: str) -> Revision:
        return told(self._revision)

    async def policy(self, name: ServiceName) -> Policy:
        return told(self._policy)


class Measured:
    """What is measured, or why nothing can be."""

    def __init__(self, answer: ServiceMetrics | SourceError) -> None:
        self._answer = answer

    async def read(self, name: ServiceName) -> ServiceMetrics:
        return told(self._answer)


Answer = TypeVar("Answer")


def told(answer: Answer | SourceError) -> Answer:
    if isinstance(answer, SourceError):
        raise answer
    return answer


def watch(store: Store) -> CloudWatch:
    return CloudWatch(store, "sandbox", lambda: NOON, lambda: 0.0, OFTEN)


@asynccontextmanager
async def following(
    watching: CloudWatch, source: Scripted, metrics: Measured | None = None
) -> AsyncIterator[None]:
    task = asyncio.create_task(watching.follow(source, NAME, metrics))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def line(text: str, seconds: float = 0, origin: Origin = Origin.PLATFORM) -> LogRecord:
    where = Provenance(
        origin=origin,
        instance=SafeText("a"),
        revision=SafeText("zimage-2"),
        insert_id=SafeText(f"{text}{seconds}"),
    )
    moment = NOON + timedelta(seconds=seconds)
    return LogRecord(moment, Severity.INFO, SafeText(text), provenance=where)


STARTED = line("Starting new instance. Reason: AUTOSCALING")


async def test_before_the_first_answer_nothing_is_known() -> None:
    store = Store()
    watch(store)
    assert (store.service.state, store.service.facts) == (ServiceState.CONNECTING, None)
    assert store.service.fresh.service.standing is Standing.LOADING


async def test_a_service_is_at_zero_once_its_log_tells_of_no_instance() -> None:
    store = Store()
    watching = watch(store)
    async with following(watching, Scripted(SERVING)):
        await service(store, ServiceState.READY)
        assert store.service.instances is None
        watching.log_trouble(None)
        assert (store.service.state, store.service.instances) == (ServiceState.AT_ZERO, 0)
    assert store.service.fetched_at == NOON
    assert store.service.fresh.service == Freshness(Standing.FRESH, NOON)
    assert store.service.fresh.log == Freshness(Standing.FRESH, NOON)


async def test_a_permission_that_is_missing_is_said_at_once() -> None:
    store = Store()
    async with following(watch(store), Scripted(NO_PERMISSION)):
        await service(store, ServiceState.DENIED)
    assert store.service.problem == "permission run.services.get is missing"
    assert store.service.fresh.service.standing is Standing.DENIED


async def test_a_service_that_does_not_exist_is_missing_and_not_failed() -> None:
    store = Store()
    async with following(watch(store), Scripted(Missing(SafeText("there is none")))):
        await service(store, ServiceState.MISSING)
    assert store.service.fresh.service.standing is Standing.ABSENT


async def test_what_was_known_stays_while_nobody_answers_and_lines_still_count() -> None:
    store = Store()
    watching = watch(store)
    async with following(watching, Scripted(SERVING, GONE)):
        await service(store, ServiceState.UNREACHABLE)
        watching.heard(STARTED)
        watching.log_trouble(None)
        await service(store, ServiceState.STARTING)
        watching.log_trouble(Offline(SafeText("the log is silent, too")))
        await service(store, ServiceState.UNREACHABLE)
    assert store.service.instances == 1
    assert store.service.problem == "nothing answers"
    assert store.service.facts == SERVING


async def test_a_silent_cloud_takes_nothing_from_a_service_whose_log_speaks() -> None:
    store = Store()
    watching = watch(store)
    watching.log_trouble(None)
    async with following(watching, Scripted(SERVING, GONE)):
        await until(store, lambda: store.service.fresh.service.standing is Standing.ERROR)
    known = store.service
    assert (known.state, known.problem) == (ServiceState.AT_ZERO, None)
    assert (known.fresh.service.at, known.fresh.service.problem) == (NOON, "nothing answers")
    assert known.fresh.service.again_at is not None


async def test_it_recovers_by_itself() -> None:
    store = Store()
    async with following(watch(store), Scripted(GONE, SERVING)):
        await service(store, ServiceState.UNREACHABLE)
        await service(store, ServiceState.READY)
    assert store.service.problem is None
    assert store.service.fresh.service.standing is Standing.FRESH


def test_a_log_that_cannot_be_read_is_said_once() -> None:
    store = Store()
    watching = watch(store)
    for _ in range(3):
        watching.log_trouble(Denied(SafeText("logs are denied"), "logging.logEntries.list"))
    assert [entry.message for entry in store.logs] == ["logs are denied"]
    assert store.service.log_problem == "logs are denied"
    known = store.service.fresh.log
    assert (known.standing, known.needs) == (Standing.DENIED, "logging.logEntries.list")


async def test_who_may_call_is_unknown_where_the_policy_is_denied() -> None:
    store = Store()
    denied = Denied(SafeText("permission run.services.getIamPolicy is missing"))
    async with following(watch(store), Scripted(SERVING, policy=denied)):
        await until(store, lambda: store.service.access is not None)
        await until(store, lambda: store.service.fresh.access.standing is Standing.DENIED)
    assert str(store.service.access) == ("unknown: permission run.services.getIamPolicy is missing")
    assert store.service.state is ServiceState.READY


async def test_metrics_that_are_denied_take_nothing_from_the_rest() -> None:
    store = Store()
    denied = Denied(SafeText("permission monitoring.timeSeries.list is missing"))
    async with following(watch(store), Scripted(SERVING), Measured(denied)):
        await until(store, lambda: store.service.fresh.metrics.standing is Standing.DENIED)
        await service(store, ServiceState.READY)
    assert store.service.metrics is None


async def test_while_paused_nothing_is_asked_until_somebody_wants_it() -> None:
    store = Store()
    watching = watch(store)
    assert watching.pause()
    async with following(watching, Scripted(SERVING, NO_PERMISSION)):
        await service(store, ServiceState.READY)
        assert store.service.paused
        watching.refresh()
        await service(store, ServiceState.DENIED)
    assert not watching.pause()
    assert not store.service.paused


async def test_a_change_that_the_log_tells_of_is_looked_at_at_once() -> None:
    store = Store()
    watching = CloudWatch(store, "sandbox", lambda: NOON, lambda: 0.0, Intervals(3_600, 3_600))
    async with following(watching, Scripted(SERVING, replace(SERVING, max_instances=7))):
        await service(store, ServiceState.READY)
        long_ago = line("UpdateService", -60, Origin.AUDIT)
        watching.heard(long_ago)
        watching.heard(line("UpdateService", 0, Origin.AUDIT))
        await until(store, lambda: store.service.facts.max_instances == 7)


async def test_a_rollout_that_fails_says_why_with_the_last_words_of_its_instance() -> None:
    store = Store()
    watching = watch(store)
    says = "Image 'demo:2' not found"
    bad = Condition(SafeText("Ready"), ConditionState.FAILED, message=SafeText(says))
    facts = replace(
        SERVING,
        reconciling=False,
        ready=bad,
        latest_created_revision=SafeText("zimage-2"),
        updated=NOON,
    )
    revision = Revision(name=SafeText("zimage-2"), created=NOON, conditions=(bad,))
    async with following(watching, Scripted(facts, revision=revision)):
        await until(store, lambda: store.service.rollout is not None)
        watching.heard(STARTED)
    rolling = store.service.rollout
    assert rolling is not None
    assert rolling.cause is not None
    assert rolling.cause.says == "the image demo:2 is not there"
    assert [each.message for each in rolling.last_words] == [STARTED.message]
    assert store.service.problem is not None
    assert "the revision before serves on" in store.service.problem


async def test_a_rollout_that_ended_before_anybody_looked_is_not_shown() -> None:
    store = Store()
    ready = Condition(SafeText("Ready"), ConditionState.SUCCEEDED, changed=NOON)
    new = SafeText("zimage-2")
    rolled = replace(
        SERVING,
        reconciling=False,
        ready=ready,
        latest_created_revision=new,
        latest_ready_revision=new,
        updated=NOON,
    )
    async with following(watch(store), Scripted(rolled)):
        await service(store, ServiceState.READY)
    assert store.service.rollout is None

    going_on = replace(rolled, reconciling=True)
    async with following(watch(store), Scripted(going_on, rolled)):
        await until(store, lambda: store.service.rollout is not None)
        await until(store, lambda: not store.service.rollout.going_on)


async def test_lines_remembered_from_before_are_not_taken_twice() -> None:
    store = Store()
    store.add_record(STARTED)
    watching = watch(store)
    watching.heard(STARTED)
    watching.heard(line("another", 1))
    assert [entry.message for entry in store.logs] == [STARTED.message, "another"]
