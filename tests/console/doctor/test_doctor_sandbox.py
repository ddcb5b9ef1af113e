"""Each thing broken in turn: the doctor names it and its mend, and nothing else turns red."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from doctor_troubles import ALWAYS, SERVICE, TROUBLES, fault, switched_off
from doctor_worlds import commands, practice, reds, states
from running_session import PATIENCE

from console.model.doctor.checks import Check, Purpose
from console.model.doctor.finding import State
from console.model.service import ServiceName
from console.sandbox.cloud import DEMO
from console.session.engine_session import utc_now


@pytest.mark.parametrize("name", TROUBLES)
async def test_what_is_broken_is_named_with_its_mend_and_nothing_else_turns_red(
    name: str, tmp_path: Path
) -> None:
    trouble = TROUBLES[name]
    async with asyncio.timeout(PATIENCE), practice(tmp_path) as opened:
        await trouble.breaking(opened)
        report = await opened.examined()

    found = states(report)
    wrong = {check for check, state in found.items() if state is State.WRONG}
    assert wrong == {*trouble.wrong}
    assert {check for check, state in found.items() if state is State.WARNING} == {
        *trouble.warning,
        *(ALWAYS - {*trouble.wrong, *trouble.silent}),
    }
    assert {check for check, state in found.items() if state is State.UNKNOWN} == {*trouble.silent}
    assert report.well is not bool(trouble.wrong)
    named = [report.finding(each) for each in (*trouble.wrong, *trouble.warning)]
    told = named or [report.finding(each) for each in trouble.silent]
    for words in trouble.words:
        assert any(words in each.found for each in told), [each.found for each in told]
    if trouble.mend:
        assert any(trouble.mend in commands(each) for each in named), list(map(commands, named))


async def test_a_sandbox_that_was_just_opened_is_well(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE), practice(tmp_path) as opened:
        report = await opened.examined()

    assert report.well
    assert {*reds(report)} == ALWAYS
    assert report.having(State.UNKNOWN) == ()
    assert {each.check for each in report.having(State.NOT_ASKED)} == {
        Check.GCLOUD_LOGIN,
        Check.BUILD_SPACE,
    }


async def test_of_a_service_of_another_project_only_the_project_is_wrong(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE), practice(tmp_path) as opened:
        report = await opened.examined(ServiceName("elsewhere", DEMO.region, "zimage"))

    assert [each.check for each in report.having(State.WRONG)] == [Check.PROJECT]
    assert "gcloud projects list" in commands(report.finding(Check.PROJECT))


async def test_one_gpu_is_within_the_quota_of_a_new_project(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE), practice(tmp_path) as opened:
        well = await opened.examined(choice="gpu")
        await fault("quota-refused")(opened)
        refused = await opened.examined(choice="gpu")

    assert "nvidia-l4" in well.finding(Check.QUOTAS).found
    said = refused.finding(Check.QUOTAS)
    assert "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion allows 0 GPUs of 1 GPU" in said.found
    assert any("g.co/cloudrun/gpu-quota" in each.words for each in said.mends)


@pytest.mark.parametrize(
    ("minutes", "state", "words"),
    [
        (2.0, State.WARNING, "2 min ahead of the cloud's"),
        (-30.0, State.WRONG, "30 min behind the cloud's"),
        (0.5, State.OK, "as the cloud's"),
    ],
)
async def test_a_clock_that_is_off_is_told_by_what_the_cloud_says(
    minutes: float, state: State, words: str, tmp_path: Path
) -> None:
    wrong = timedelta(minutes=minutes)
    opening = practice(tmp_path, clock=lambda: utc_now() + wrong)
    async with asyncio.timeout(PATIENCE), opening as opened:
        report = await opened.examined()

    found = report.finding(Check.CLOCK)
    assert (found.state, words in found.found) == (state, True), found.found
    assert {*reds(report)} - {Check.CLOCK} == ALWAYS


async def test_a_service_whose_start_fails_is_not_ready(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE), practice(tmp_path) as opened:
        await fault("start-fails")(opened)
        service = (await opened.call("GET", SERVICE)).json()
        service["spec"]["template"]["metadata"].pop("name", None)
        service["spec"]["template"]["spec"]["containers"][0]["image"] = "other"
        await opened.call("PUT", SERVICE, service)
        report = await opened.examined()
        while report.finding(Check.SERVICE).state is State.UNKNOWN:
            report = await opened.examined()

    found = report.finding(Check.SERVICE)
    assert found.state is State.WRONG
    assert "zimage is not ready" in found.found
    assert "zimage-console logs --context sandbox --severity warning" in commands(found)


async def test_whoever_only_reads_is_not_asked_what_writing_takes(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE), practice(tmp_path) as opened:
        await fault("storage-denied")(opened)
        report = await opened.examined(read_only=True)

    assert states(report)[Check.DEPLOYING] is State.NOT_ASKED
    assert states(report)[Check.STORING] is State.NOT_ASKED
    assert report.well


async def test_whoever_only_looks_is_not_told_what_deploying_takes(tmp_path: Path) -> None:
    async with asyncio.timeout(PATIENCE), practice(tmp_path) as opened:
        for interface in ("iam", "artifactregistry", "cloudbuild", "cloudquotas"):
            await switched_off(interface)(opened)
        await fault("quota-refused")(opened)
        looking = await opened.examined(purpose=Purpose.LOOK)
        deploying = await opened.examined(purpose=Purpose.DEPLOY)

    assert reds(looking).keys() == {Check.SERVICE}
    assert looking.having(State.UNKNOWN) == ()
    assert {each.check for each in looking.having(State.NOT_ASKED) if "looking" in each.found} == {
        Check.DEPLOYING,
        Check.STORING,
        Check.QUOTAS,
        Check.DOCKER,
        Check.BUILD_SPACE,
    }
    assert deploying.finding(Check.INTERFACES).state is State.WRONG
