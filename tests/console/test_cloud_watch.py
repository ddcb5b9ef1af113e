from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from running_session import service, until

from console.cloud_watch import CloudWatch
from console.model.logs import LogRecord, Origin, Provenance, Severity
from console.model.service import Revision, ServiceFacts, ServiceName, ServiceState
from console.model.text import SafeText
from console.sources.base import Denied, Offline, SourceError
from console.store import Store

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAME = ServiceName("sandbox", "local-1", "zimage")
SERVING = ServiceFacts(name=NAME, latest_ready_revision=SafeText("zimage-1"), reconciling=True)
NO_PERMISSION = Denied(SafeText("permission run.services.get is missing"))


class Scripted:
    """Answers with each of `answers` in turn, and then with the last one for ever."""

    def __init__(self, *answers: ServiceFacts | SourceError) -> None:
        self._answers = list(answers)

    async def get(self, name: ServiceName) -> ServiceFacts:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, SourceError):
            raise answer
        return answer

    async def list(self, project: str, region: str) -> tuple[ServiceFacts, ...]:
        raise NotImplementedError

    async def revision(self, name: ServiceName, revision: str) -> Revision:
        raise NotImplementedError


def watch(store: Store) -> CloudWatch:
    return CloudWatch(store, "sandbox", lambda: NOON, lambda: 0.0, 0.001)


async def seen(store: Store, watching: CloudWatch, source: Scripted, state: ServiceState) -> None:
    task = asyncio.create_task(watching.follow(source, NAME))
    try:
        await service(store, state)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_before_the_first_answer_nothing_is_known() -> None:
    store = Store()
    watch(store)
    assert (store.service.state, store.service.facts) == (ServiceState.CONNECTING, None)


async def test_a_service_is_at_zero_once_its_log_tells_of_no_instance() -> None:
    store = Store()
    watching = watch(store)
    await seen(store, watching, Scripted(SERVING), ServiceState.READY)
    assert store.service.instances is None
    watching.log_trouble(None)
    assert (store.service.state, store.service.instances) == (ServiceState.AT_ZERO, 0)
    assert store.service.fetched_at == NOON


async def test_a_permission_that_is_missing_is_said_at_once() -> None:
    store = Store()
    await seen(store, watch(store), Scripted(NO_PERMISSION), ServiceState.FAILED)
    assert store.service.problem == "permission run.services.get is missing"


async def test_what_was_known_stays_while_nobody_answers_and_lines_still_count() -> None:
    store = Store()
    watching = watch(store)
    watching.log_trouble(None)
    gone = Offline(SafeText("nothing answers"))
    task = asyncio.create_task(watching.follow(Scripted(SERVING, gone), NAME))
    try:
        await service(store, ServiceState.UNREACHABLE)
        where = Provenance(origin=Origin.PLATFORM, instance=SafeText("a"))
        started = SafeText("Starting new instance. Reason: AUTOSCALING")
        watching.heard(LogRecord(NOON, Severity.INFO, started, provenance=where))
        await until(store, lambda: store.service.instances == 1)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert store.service.state is ServiceState.UNREACHABLE
    assert store.service.problem == "nothing answers"
    assert store.service.facts == SERVING


async def test_it_recovers_by_itself() -> None:
    store = Store()
    source = Scripted(Offline(SafeText("nothing answers")), SERVING)
    await seen(store, watch(store), source, ServiceState.READY)
    assert store.service.problem is None


def test_a_log_that_cannot_be_read_is_said_once() -> None:
    store = Store()
    watching = watch(store)
    for _ in range(3):
        watching.log_trouble(SafeText("logs are denied"))
    assert [entry.message for entry in store.logs] == ["logs are denied"]
    assert store.service.log_problem == "logs are denied"
