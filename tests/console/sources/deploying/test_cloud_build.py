"""Images are built by Cloud Build, against the sandbox."""

from __future__ import annotations

from contextlib import aclosing

import grpc.aio
import pytest
from building import WISH, archive, built, ended, submitted, tag_of
from cloud_of_sandbox import PROJECT, REGION, Joined
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2AsyncClient

from console.model.deploy.settings import ServiceSettings
from console.model.image_name import ImageName, Repository
from console.model.service import ServiceName
from console.sandbox.faults import Fault
from console.sources.base import Denied, Offline
from console.sources.bucket_making import NameTaken
from console.sources.deploying.build_lines import BuildLines

HERE = Repository(PROJECT, REGION, "z-image-cpu")
NAME = ImageName(HERE, "z-image", tag="src-0123456789ab")


async def lines(joint: Joined, build: str) -> list[str]:
    async with aclosing(joint.deploying.builds.lines(build)) as written:
        return [line async for line in written]


async def test_a_build_is_begun_followed_and_makes_an_image(joint: Joined) -> None:
    await joint.deploying.repositories.make(HERE)
    build = await submitted(joint, NAME)
    assert build.startswith(f"projects/{PROJECT}/locations/{REGION}/builds/")

    said = await lines(joint, build)

    assert said[0] == "FETCHSOURCE"
    assert "Step #0: Step 1/4 : FROM scratch" in said
    assert said[-1] == "DONE"
    assert len(said) == len(set(said))
    found = await ended(joint, build)
    seen = await joint.deploying.repositories.image(NAME)
    assert seen is not None
    assert seen.name.endswith(f"@{found.digest}")


async def test_lines_that_the_quota_holds_back_come_later(joint: Joined) -> None:
    build = await submitted(joint, NAME)
    await ended(joint, build)
    address = joint.sandbox.endpoints.logging
    async with grpc.aio.insecure_channel(address) as channel:
        kind = LoggingServiceV2AsyncClient.get_transport_class("grpc_asyncio")
        client = LoggingServiceV2AsyncClient(transport=kind(channel=channel))
        following = BuildLines(client).follow(PROJECT, build.rpartition("/")[2])
        joint.faults.begin(Fault.LOGS_THROTTLED)
        assert await following.more() == []
        joint.faults.end(Fault.LOGS_THROTTLED)
        assert (await following.more())[0] == "FETCHSOURCE"
        assert await following.more() == []


async def test_a_build_that_is_under_way_is_not_begun_anew(joint: Joined) -> None:
    await joint.deploying.repositories.make(HERE)
    joint.faults.begin(Fault.BUILD_SLOW, 600)
    builds = joint.deploying.builds
    joint.faults.begin(Fault.ANSWER_LOST)
    with pytest.raises(Offline):
        await submitted(joint, NAME)
    joint.faults.end(Fault.ANSWER_LOST)
    build = await submitted(joint, NAME)
    assert await submitted(joint, NAME) == build
    assert await builds.under_way(PROJECT, REGION, tag_of(NAME)) == build
    other = tag_of(ImageName(HERE, "z-image", tag="src-other"))
    assert await builds.under_way(PROJECT, REGION, other) is None

    for _ in range(2):
        await builds.cancel(build)
    found = await builds.built(build)
    assert found is not None
    assert found.failed == "the build was cancelled"
    assert await builds.under_way(PROJECT, REGION, tag_of(NAME)) is None


async def test_a_build_that_fails_says_why(joint: Joined) -> None:
    await joint.deploying.repositories.make(HERE)
    joint.faults.begin(Fault.BUILD_FAILS)
    build = await submitted(joint, NAME)
    found = await ended(joint, build)
    assert found.failed == (
        'the build failed: build step 0 "gcr.io/cloud-builders/docker" failed: step exited with '
        "non-zero status: 1"
    )
    assert any("No space left" in line for line in await lines(joint, build))


async def test_an_image_without_a_repository_fails_the_build(joint: Joined) -> None:
    found = await ended(joint, await submitted(joint, NAME))
    assert found.failed is not None
    assert "failed to push" in found.failed


async def test_the_bucket_for_archives_is_made_once_and_lets_them_go(joint: Joined) -> None:
    for _ in range(2):
        name = await joint.deploying.builds.staging(PROJECT, REGION)
    assert name == "sandbox-z-image-builds"
    settings = await joint.cloud.uploads.maker().settings(name)
    assert settings.public_access_prevented
    assert settings.uniform_access
    assert settings.soft_delete is not None
    assert not settings.soft_delete
    assert [(each.action, each.age) for each in settings.rules] == [("Delete", 1)]


async def test_nothing_is_sent_to_a_bucket_of_somebody_else(joint: Joined) -> None:
    joint.faults.begin(Fault.NAME_TAKEN)
    with pytest.raises(NameTaken, match="gs://sandbox-z-image-builds belongs to somebody else"):
        await joint.deploying.builds.staging(PROJECT, REGION)


async def test_a_refusal_names_permission_and_role(joint: Joined) -> None:
    joint.faults.begin(Fault.CHANGES_DENIED)
    with pytest.raises(Denied) as refused:
        await joint.deploying.builds.submit(PROJECT, REGION, "gs://a/b", WISH, tag_of(NAME))
    assert refused.value.permission == "cloudbuild.builds.create"
    assert refused.value.role == "roles/cloudbuild.builds.editor"


async def test_an_archive_that_is_none_is_told(joint: Joined) -> None:
    builds = joint.deploying.builds
    bucket = await builds.staging(PROJECT, REGION)
    await joint.deploying.buckets.put(bucket, "source.tgz", archive(other="")[:20])
    archived = f"gs://{bucket}/source.tgz"
    build = await builds.submit(PROJECT, REGION, archived, WISH, tag_of(NAME))
    failed = (await ended(joint, build)).failed
    assert failed is not None
    assert f"failed to unpack source {archived}" in failed


async def test_an_image_for_another_machine_is_refused_when_it_is_deployed(joint: Joined) -> None:
    await joint.deploying.repositories.make(HERE)
    joint.faults.begin(Fault.IMAGE_ARM64)
    await built(joint, NAME)
    name = ServiceName(PROJECT, REGION, "z-image")
    settings = ServiceSettings(image=tag_of(NAME), cpu="4", memory="16Gi", max_instances=1)
    problem = await joint.rolled_out(await joint.deploying.services.deploy(name, settings))
    assert "must support amd64/linux" in problem
