"""The sources and the sandbox cloud speak the same language: Google's."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from running_session import PATIENCE, SCRIPTED

from console.model.log.lines import LogQuery, LogRecord, Origin, Severity
from console.model.service import ConditionState, ServiceName
from console.sandbox.cloud import DEMO, Sandbox
from console.sandbox.faults import Fault
from console.session.engine_session import utc_now
from console.sources.base import Denied, Missing, Throttled
from console.sources.google_channel import Endpoints, GoogleCloud, connect

EVERYTHING = LogQuery()


@asynccontextmanager
async def opened(
    directory: Path, *faults: Fault, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[GoogleCloud]:
    environment = {key: value for key, value in os.environ.items() if key[:7] != "ZIMAGE_"}
    sandbox = Sandbox(
        directory,
        environment=environment,
        engine_command=SCRIPTED,
        faults=frozenset(faults),
        clock=clock,
    )
    async with asyncio.timeout(PATIENCE), sandbox:
        where = sandbox.endpoints
        endpoints = Endpoints.on_loopback(where.run, where.logging, where.http)
        connected = await connect(endpoints, {}, clock)
        try:
            yield connected
        finally:
            await connected.aclose()


@pytest_asyncio.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[GoogleCloud]:
    async with opened(tmp_path / "state") as connected:
        yield connected


async def wake(cloud: GoogleCloud) -> None:
    facts = await cloud.services.get(DEMO)
    assert facts.url is not None
    async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as http:
        answer = await http.get(facts.url + "/v1/models")
    assert answer.status_code == 200


async def lines(cloud: GoogleCloud, query: LogQuery = EVERYTHING) -> tuple[LogRecord, ...]:
    return await cloud.logs.list(DEMO, query, utc_now() - timedelta(hours=1), 1_000)


async def until_asked(cloud: GoogleCloud) -> LogRecord:
    """Wake the service while following its log, and return the line of the request."""
    async with aclosing(cloud.logs.tail(DEMO, EVERYTHING)) as tail:
        following = asyncio.create_task(anext(tail))
        await wake(cloud)
        for record in await lines(cloud):
            if record.provenance.origin is Origin.REQUEST:
                following.cancel()
                await asyncio.wait({following})
                return record
        record = await following
        while record.provenance.origin is not Origin.REQUEST:
            record = await anext(tail)
        return record


async def test_the_service_of_the_sandbox_is_deployed_and_ready(cloud: GoogleCloud) -> None:
    facts = await cloud.services.get(DEMO)

    assert facts.ready is not None
    assert facts.ready.state is ConditionState.SUCCEEDED
    assert facts.latest_ready_revision == facts.latest_created_revision is not None
    assert facts.image
    assert sum(share.percent for share in facts.traffic) == 100
    assert [each.name for each in await cloud.services.list(DEMO.project, DEMO.region)] == [DEMO]
    revision = await cloud.services.revision(DEMO, facts.latest_ready_revision)
    assert revision.image == facts.image


async def test_the_sandbox_says_what_there_is_to_choose_from(cloud: GoogleCloud) -> None:
    (project,) = await cloud.projects.projects()
    (region,) = await cloud.projects.regions(project.id)

    listed = await cloud.projects.services(project.id)

    assert (project.id, region.id) == (DEMO.project, DEMO.region)
    (service,) = listed.services
    assert (service.name, listed.unreachable) == (DEMO, ())
    assert service.url == (await cloud.services.get(DEMO)).url
    assert service.ready is not None
    assert service.ready.state is ConditionState.SUCCEEDED
    assert service.updated is not None


async def test_what_was_never_asked_was_never_measured(cloud: GoogleCloud) -> None:
    assert (await cloud.metrics.read(DEMO)).measured_at is None


async def test_what_was_asked_is_measured_once_the_minute_is_over(tmp_path: Path) -> None:
    later = timedelta()

    def clock() -> datetime:
        return utc_now() + later

    async with opened(tmp_path / "state", clock=clock) as cloud:
        await until_asked(cloud)
        later = timedelta(minutes=2)
        metrics = await cloud.metrics.read(DEMO)

    assert metrics.requests.total == 1
    assert metrics.failures.total == 0
    assert metrics.median_latency.latest is not None
    assert metrics.startup.latest is not None
    assert metrics.instances is not None
    assert metrics.instances.value == 1
    (revision,) = metrics.revisions
    assert revision.requests == metrics.requests


async def test_a_start_can_be_read_from_the_log(cloud: GoogleCloud) -> None:
    asked = await until_asked(cloud)
    records = await lines(cloud)

    start, *_ = [each for each in records if each.provenance.origin is Origin.PLATFORM]
    assert start.message.startswith("Starting new instance. Reason: AUTOSCALING")
    assert {each.provenance.instance for each in records} == {asked.provenance.instance}
    assert asked.message.startswith("GET /v1/models 200 in ")
    assert "process_start" in {each.event for each in records}
    assert [each.time for each in records] == sorted(each.time for each in records)
    identifiers = [each.provenance.insert_id for each in records]
    assert len(set(identifiers)) == len(identifiers)


async def test_filters_mean_on_the_server_what_they_mean_here(cloud: GoogleCloud) -> None:
    asked = await until_asked(cloud)
    records = await lines(cloud)
    origin = asked.provenance

    for query, passes in [
        (LogQuery(severity=Severity.INFO), lambda each: each.severity >= Severity.INFO),
        (LogQuery(severity=Severity.ERROR), lambda each: each.severity >= Severity.ERROR),
        (LogQuery(instance=origin.instance), lambda each: True),
        (LogQuery(instance="another"), lambda each: False),
        (LogQuery(revision=origin.revision), lambda each: True),
        (LogQuery(revision="another"), lambda each: False),
        (LogQuery(trace=origin.trace), lambda each: each.provenance.trace == origin.trace),
        (LogQuery(text="starting NEW instance"), lambda each: "Starting new" in each.message),
    ]:
        # The engine may go on writing.
        found = tuple(each for each in await lines(cloud, query) if each in records)
        assert found == tuple(filter(passes, records)), query


async def test_what_is_not_in_the_sandbox_is_missing_or_denied(cloud: GoogleCloud) -> None:
    with pytest.raises(Missing):
        await cloud.services.get(ServiceName(DEMO.project, DEMO.region, "another"))
    with pytest.raises(Denied, match=r"roles/run\.viewer"):
        await cloud.services.get(ServiceName("another", DEMO.region, DEMO.service))
    with pytest.raises(Denied, match=r"roles/logging\.viewer"):
        await cloud.logs.list(
            ServiceName("another", DEMO.region, DEMO.service), EVERYTHING, utc_now(), 10
        )


async def test_who_may_not_look_is_told_the_role_it_takes(tmp_path: Path) -> None:
    async with opened(tmp_path / "state", Fault.SERVICES_DENIED, Fault.LOGS_DENIED) as cloud:
        with pytest.raises(Denied) as services:
            await cloud.services.get(DEMO)
        with pytest.raises(Denied) as listed:
            await lines(cloud)
        with pytest.raises(Denied) as followed:
            await anext(cloud.logs.tail(DEMO, EVERYTHING))

    assert (services.value.permission, services.value.role) == (
        "run.services.get",
        "roles/run.viewer",
    )
    assert listed.value.role == followed.value.role == "roles/logging.viewer"


async def test_too_many_questions_are_throttled(tmp_path: Path) -> None:
    async with opened(tmp_path / "state", Fault.LOGS_THROTTLED) as cloud:
        with pytest.raises(Throttled, match="Read requests per minute"):
            await lines(cloud)
