"""Each failure ends a deployment with the platform's reason, the last lines, and the mend."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from deploy_scene import PLACE, Deployment, all_done, states

from console.model.deploy.progress import Application, Failure, StepState
from console.model.deploy.step import Subject
from console.model.deploy.wish import Visibility
from console.sandbox.cloud import Sandbox
from console.sandbox.faults import Fault
from console.session.engine_connection import connect


async def failed(at: Deployment, **changes: object) -> tuple[Subject, Failure]:
    """Deploy what fails; return at what, and why."""
    application = await at.deploy(**changes)
    assert application.failure is not None, states(application)
    assert application.failure.reason
    assert "\n" not in application.failure.reason
    return application.plan.steps[application.failure.step].subject, application.failure


async def answers(at: Deployment) -> bool:
    """Say whether the service makes pictures."""
    url = (await at.google.services.get(PLACE)).url
    assert url is not None
    client = await connect(url, await at.google.identity.token(url) or "")
    try:
        return (await client.readiness()).ready
    finally:
        await client.aclose()


async def test_a_container_that_does_not_start_is_told_by_its_last_lines(
    at: Deployment, cloud: Sandbox
) -> None:
    assert all_done(await at.deploy())
    before = (await at.google.services.get(PLACE)).latest_ready_revision
    cloud.faults.begin(Fault.START_FAILS)

    subject, failure = await failed(at, settings=replace(at.wish.settings, timeout=600))

    assert subject is Subject.SERVICE
    assert "failed the configured startup probe checks" in failure.reason
    assert any("exit" in each.lower() for each in failure.lines), failure.lines
    assert len(failure.lines) <= 20
    assert "look at its log" in failure.mend
    facts = await at.google.services.get(PLACE)
    assert facts.latest_ready_revision == before
    assert await answers(at), "the old revision does not serve any more"

    cloud.faults.end(Fault.START_FAILS)
    again = await at.plan()
    assert [each.subject for each in again.acting] == [Subject.SERVICE]
    assert all_done(await at.apply(again))
    assert (await at.google.services.get(PLACE)).latest_ready_revision != before


async def test_a_quota_that_is_refused_names_itself_and_the_mend(
    at: Deployment, cloud: Sandbox
) -> None:
    plan = await at.plan()
    cloud.faults.begin(Fault.QUOTA_REFUSED)

    application = await at.apply(plan)

    failure = application.failure
    assert failure is not None
    assert "CpuAllocPerProjectRegion" in failure.reason
    assert failure.mend
    assert states(application)["bucket"] == "waiting", "something was changed before"


async def test_a_build_that_fails_is_told_by_what_it_wrote(at: Deployment, cloud: Sandbox) -> None:
    dockerfile = Path(at.wish.image.context) / at.wish.image.dockerfile
    dockerfile.write_text("FROM scratch\nRUN exit 3\n")
    cloud.faults.begin(Fault.BUILD_FAILS)

    subject, failure = await failed(at)

    assert subject is Subject.IMAGE
    assert any("non-zero code" in each for each in failure.lines), failure
    assert "mend the Dockerfile" in failure.mend
    cloud.faults.end(Fault.BUILD_FAILS)
    assert all_done(await at.deploy())


@pytest.mark.parametrize(
    ("fault", "subject", "words"),
    [
        (Fault.SERVICES_DENIED, Subject.SERVICE, "permission run.services.get is missing"),
        (Fault.STORAGE_DENIED, Subject.BUCKET, "permission storage.buckets.get is missing"),
        (Fault.TOKEN_EXPIRED, Subject.APIS, "gcloud auth application-default login"),
    ],
)
async def test_what_is_denied_names_permission_and_role_and_is_not_tried_again(
    at: Deployment, cloud: Sandbox, fault: Fault, subject: Subject, words: str
) -> None:
    plan = await at.plan()
    cloud.faults.begin(fault)

    application = await at.apply(plan)

    failure = application.failure
    assert failure is not None
    assert plan.steps[failure.step].subject is subject
    assert words in failure.reason
    tried_again = [
        step.doing for told in at.told for step in told.steps if "trying again" in step.doing
    ]
    assert tried_again == []


async def test_after_each_failure_the_same_again_goes_on(at: Deployment, cloud: Sandbox) -> None:
    for fault in (Fault.STORAGE_DENIED, Fault.SERVICES_DENIED, Fault.START_FAILS):
        plan = await at.plan()
        cloud.faults.begin(fault)
        assert (await at.apply(plan)).failure is not None
        cloud.faults.end(fault)

    assert all_done(await at.deploy())


@pytest.mark.parametrize(
    ("fault", "subject", "words", "mend"),
    [
        (Fault.CPU_QUOTA_ZERO, Subject.QUOTA, "CpuAllocPerProjectRegion", "gcloud beta quotas"),
        (Fault.NAME_TAKEN, Subject.BUCKET, "belongs to somebody else", ""),
        (Fault.CHANGES_DENIED, Subject.APIS, "permission", ""),
        (Fault.PUBLIC_FORBIDDEN, Subject.ACCESS, "permitted customer", "keep the service private"),
    ],
)
async def test_what_turns_out_on_the_way_stops_it_there(
    at: Deployment, cloud: Sandbox, fault: Fault, subject: Subject, words: str, mend: str
) -> None:
    plan = await at.plan(visibility=Visibility.PUBLIC)
    cloud.faults.begin(fault)

    application = await at.apply(plan)

    failure = application.failure
    assert failure is not None
    assert plan.steps[failure.step].subject is subject
    assert words in failure.reason
    assert mend in failure.mend
    assert all(each.state is StepState.WAITING for each in application.steps[failure.step + 1 :])
    cloud.faults.end(fault)
    assert all_done(await at.deploy())


async def test_what_cannot_be_remembered_is_no_deployment_that_goes_on_for_ever(
    at: Deployment, tmp_path: Path
) -> None:
    plan = await at.plan()
    place = [each.subject for each in plan.steps].index(Subject.IMAGE)

    def break_disk(now: Application) -> None:
        if now.steps[place].state is StepState.RUNNING and (tmp_path / "deployments").is_dir():
            shutil.rmtree(tmp_path / "deployments")
            (tmp_path / "deployments").write_text("no directory any more")

    application = await at.apply(plan, break_disk)

    assert not application.running
    assert application.failure is not None
    assert application.failure.step == place
    assert "deployments" in application.failure.reason
    (tmp_path / "deployments").unlink()
    assert all_done(await at.deploy())
