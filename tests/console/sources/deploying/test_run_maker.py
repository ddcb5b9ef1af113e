"""Services are made, changed and removed through Google's client, against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import grpc.aio
import pytest
from cloud_of_sandbox import Joined
from google.cloud.run_v2 import RevisionsAsyncClient, ServicesAsyncClient

from console.model.cost.prices import Gpu
from console.model.deploy.settings import Mount, ServiceSettings
from console.model.service import ConditionState, ServiceName, TrafficShare
from console.sandbox.cloud import DEMO
from console.sandbox.faults import Fault
from console.sources.base import Denied, Offline, Overtaken, SourceError, Throttled
from console.sources.deploying.run_maker import LATE_SECONDS, RunMaker

MINE = ServiceName(DEMO.project, DEMO.region, "z-image")
THERE = ServiceName(DEMO.project, "us-central1", "z-image-gpu")
IMAGE = "registry.test/z-image/engine@sha256:" + "1" * 64
SETTINGS = ServiceSettings(
    image=IMAGE,
    cpu="4",
    memory="16Gi",
    max_instances=1,
    labels=(("managed-by", "zimage-console"),),
    variables=(("ZIMAGE_MODELS", "/models"),),
    mounts=(Mount(bucket="sandbox-z-image-models", path="/models"),),
)
OTHER = replace(SETTINGS, image=IMAGE.replace("1", "2"))
ON_GPU = replace(SETTINGS, gpu=Gpu.L4, gpu_zonal_redundancy=False, cpu_always=True)


@asynccontextmanager
async def clients_of(
    joint: Joined,
) -> AsyncIterator[tuple[ServicesAsyncClient, RevisionsAsyncClient]]:
    async with grpc.aio.insecure_channel(joint.sandbox.endpoints.run) as channel:

        def over(kind: type) -> object:
            return kind(transport=kind.get_transport_class("grpc_asyncio")(channel=channel))

        yield over(ServicesAsyncClient), over(RevisionsAsyncClient)


async def deployed(joint: Joined, settings: ServiceSettings = SETTINGS) -> None:
    operation = await joint.deploying.services.deploy(MINE, settings)
    assert await joint.rolled_out(operation) == ""


async def test_a_service_that_is_made_is_there_as_it_was_wanted(joint: Joined) -> None:
    assert await joint.deploying.services.seen(MINE) is None

    await deployed(joint)
    seen = await joint.seen(MINE)

    assert seen.facts.ready is not None
    assert seen.facts.ready.state is ConditionState.SUCCEEDED
    wanted = (SETTINGS.image, SETTINGS.mounts, SETTINGS.labels, SETTINGS.variables, 1)
    has = seen.settings
    assert (has.image, has.mounts, has.labels, has.variables, has.max_instances) == wanted
    assert (len(seen.revisions), seen.unmodelled) == (1, ())


async def test_what_is_as_it_should_be_is_left_alone(joint: Joined) -> None:
    await deployed(joint)
    assert await joint.deploying.services.deploy(MINE, SETTINGS) == ""
    assert len((await joint.seen(MINE)).revisions) == 1


async def test_while_it_is_being_made_the_same_operation_is_waited_for(joint: Joined) -> None:
    first = await joint.deploying.services.deploy(MINE, SETTINGS)
    again = await joint.deploying.services.deploy(MINE, SETTINGS)
    assert again in (first, "")
    assert await joint.rolled_out(first) == ""
    assert len((await joint.seen(MINE)).revisions) == 1


async def test_a_lost_answer_makes_no_second_service(joint: Joined) -> None:
    joint.faults.begin(Fault.ANSWER_LOST)
    with pytest.raises(Offline, match="cannot make service sandbox/local-1/z-image"):
        await joint.deploying.services.deploy(MINE, SETTINGS)
    joint.faults.end(Fault.ANSWER_LOST)

    await deployed(joint)
    assert len((await joint.seen(MINE)).revisions) == 1


async def test_a_change_makes_a_revision_and_the_newest_is_told_first(joint: Joined) -> None:
    await deployed(joint)
    await deployed(joint, OTHER)
    newest, oldest = (await joint.seen(MINE)).revisions
    assert (newest.image, oldest.image) == (OTHER.image, SETTINGS.image)


async def test_what_the_settings_do_not_speak_of_stays(joint: Joined) -> None:
    """The first service of the sandbox has a variable that nobody here asks for."""
    before = await joint.seen(DEMO)
    settings = replace(before.settings, variables=(("ZIMAGE_WORDS", "few"),), concurrency=2)
    operation = await joint.deploying.services.deploy(DEMO, settings)
    assert await joint.rolled_out(operation) == ""

    after = await joint.seen(DEMO)
    assert after.settings.variables == (*before.settings.variables, ("ZIMAGE_WORDS", "few"))
    assert after.settings.service_account == before.settings.service_account
    assert after.settings.concurrency == 2


async def test_what_failed_is_tried_again_though_it_asks_for_the_same(joint: Joined) -> None:
    services = joint.deploying.services
    joint.faults.begin(Fault.START_FAILS)
    problem = await joint.rolled_out(await services.deploy(MINE, SETTINGS))
    assert "failed to start and listen on the port" in problem
    joint.faults.end(Fault.START_FAILS)

    await deployed(joint)
    seen = await joint.seen(MINE)
    assert seen.facts.ready is not None
    assert seen.facts.ready.state is ConditionState.SUCCEEDED
    assert len(seen.revisions) == 2


async def test_a_gpu_is_had_where_there_is_quota_for_it(joint: Joined) -> None:
    operation = await joint.deploying.services.deploy(THERE, ON_GPU)
    assert await joint.rolled_out(operation) == ""
    assert (await joint.seen(THERE)).settings.gpu is Gpu.L4


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            replace(ON_GPU, gpu_zonal_redundancy=True),
            "You do not have quota for using GPUs with zonal redundancy. To request quota: "
            "g.co/cloudrun/gpu-quota You could deploy using GPUs without zonal redundancy instead.",
        ),
        (
            replace(ON_GPU, max_instances=3),
            "Max instances must be set to 2 or fewer to set the requested total memory. Quota "
            "violated: - MemAllocPerProjectRegion requested: 51539607552 allowed: 42949672960",
        ),
    ],
    ids=["zones", "memory"],
)
async def test_a_quota_is_refused_in_the_platforms_words(
    joint: Joined, settings: ServiceSettings, words: str
) -> None:
    with pytest.raises(SourceError) as refused:
        await joint.deploying.services.deploy(THERE, settings)
    message = refused.value.message
    assert message.endswith(f"refuses: {words}")
    assert message.startswith("cannot make service sandbox/us-central1/z-image-gpu: ")


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault.CHANGES_DENIED, Denied, "run.services.create is missing; have roles/run.developer"),
        (Fault.CHANGES_THROTTLED, Throttled, "too much was asked for"),
        (Fault.CHANGES_UNAVAILABLE, Offline, "is out of reach"),
        (Fault.GPU_QUOTA_ZERO, SourceError, "for using GPUs without zonal redundancy"),
        (Fault.CPU_QUOTA_ZERO, SourceError, "CpuAllocPerProjectRegion"),
    ],
)
async def test_refusals_say_what_is_lacking(
    joint: Joined, fault: Fault, kind: type[SourceError], words: str
) -> None:
    joint.faults.begin(fault)
    with pytest.raises(kind, match=words):
        await joint.deploying.services.deploy(THERE, ON_GPU)


async def test_an_account_that_is_not_known_yet_is_waited_for(joint: Joined) -> None:
    async def sleep(seconds: float) -> None:
        joint.faults.end(Fault.ACCOUNT_LATE)

    address = await joint.deploying.accounts.make(DEMO.project, "zimage-runtime", "mine")
    joint.faults.begin(Fault.ACCOUNT_LATE, 600)
    async with clients_of(joint) as (services, revisions):
        maker = RunMaker(services, revisions, sleep)
        operation = await maker.deploy(MINE, replace(SETTINGS, service_account=address))
    assert await joint.rolled_out(operation) == ""
    assert (await joint.seen(MINE)).settings.service_account == address


async def test_an_account_that_there_is_not_is_no_runtime(joint: Joined) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    settings = replace(SETTINGS, service_account="nobody@sandbox.iam.gserviceaccount.com")
    async with clients_of(joint) as (services, revisions):
        with pytest.raises(Denied, match=r"iam\.serviceaccounts\.actAs") as refused:
            await RunMaker(services, revisions, sleep).deploy(MINE, settings)
    assert refused.value.role == "roles/iam.serviceAccountUser"
    assert sum(slept) == LATE_SECONDS


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(joint: Joined) -> None:
    await deployed(joint)
    async with clients_of(joint) as (services, revisions):
        read = services.get_service

        async def overtaken(**asked: object) -> object:
            """Read the service, which somebody changes right after."""
            found = await read(**asked)
            await deployed(joint, OTHER)
            return found

        services.get_service = overtaken
        with pytest.raises(Overtaken, match="changed by somebody else meanwhile"):
            await RunMaker(services, revisions).deploy(MINE, replace(SETTINGS, concurrency=1))
    assert (await joint.seen(MINE)).settings.image == OTHER.image


async def test_requests_go_where_they_are_sent(joint: Joined) -> None:
    await deployed(joint)
    await deployed(joint, OTHER)
    newest, oldest = (each.name for each in (await joint.seen(MINE)).revisions)
    shares = (TrafficShare(90, oldest), TrafficShare(10, newest))

    services = joint.deploying.services
    assert await joint.rolled_out(await services.set_traffic(MINE, shares)) == ""
    told = [(each.percent, each.revision) for each in (await joint.seen(MINE)).facts.traffic]
    assert told == [(90, oldest), (10, newest)]
    assert await services.set_traffic(MINE, shares) == ""

    latest = (TrafficShare(100),)
    assert await joint.rolled_out(await services.set_traffic(MINE, latest)) == ""
    assert [each.revision for each in (await joint.seen(MINE)).facts.traffic] == [None]


async def test_instances_are_held_by_hand_and_let_go(joint: Joined) -> None:
    services = joint.deploying.services
    for manual in (0, 0, None):
        assert await joint.rolled_out(await services.set_instances(DEMO, manual)) == ""
        assert (await joint.seen(DEMO)).settings.manual_instances == manual


async def test_a_service_is_removed_and_removing_it_again_is_no_matter(joint: Joined) -> None:
    services = joint.deploying.services
    await services.deploy(MINE, SETTINGS)
    operation = await services.remove(MINE)
    assert await joint.rolled_out(operation) == ""
    assert await services.seen(MINE) is None
    assert await services.remove(MINE) == ""
