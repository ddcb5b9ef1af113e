"""Repositories and their images, by Artifact Registry, against the sandbox."""

from __future__ import annotations

from dataclasses import replace

import pytest
from building import built
from cloud_of_sandbox import PROJECT, REGION, Joined

from console.model.image_name import ImageName, Repository
from console.sandbox.faults import Fault
from console.sources.base import Denied, Offline

HERE = Repository(PROJECT, REGION, "z-image-cpu")
NAME = ImageName(HERE, "z-image", tag="src-0123456789ab")


async def test_a_repository_is_made_once_and_removed_once(joint: Joined) -> None:
    repositories = joint.deploying.repositories
    assert not await repositories.has(HERE)
    for _ in range(2):
        await repositories.make(HERE)
    assert await repositories.has(HERE)
    for _ in range(2):
        await repositories.remove(HERE)
    assert not await repositories.has(HERE)


async def test_a_lost_answer_makes_no_second_repository(joint: Joined) -> None:
    repositories = joint.deploying.repositories
    joint.faults.begin(Fault.ANSWER_LOST)
    with pytest.raises(Offline, match="cannot make repository sandbox/local-1/z-image-cpu"):
        await repositories.make(HERE)
    joint.faults.end(Fault.ANSWER_LOST)
    await repositories.make(HERE)
    assert await repositories.has(HERE)


async def test_an_image_is_found_by_its_tag_and_by_its_digest(joint: Joined) -> None:
    repositories = joint.deploying.repositories
    assert await repositories.image(NAME) is None
    await repositories.make(HERE)
    assert await repositories.image(NAME) is None
    digest = await built(joint, NAME)

    seen = await repositories.image(NAME)

    assert seen is not None
    assert seen.name == f"{REGION}-docker.pkg.dev/{PROJECT}/z-image-cpu/z-image@{digest}"
    assert seen.architecture == "amd64"
    assert seen.bytes
    assert seen.uploaded is not None
    assert await repositories.image(ImageName.parse(seen.name)) == seen
    other = ImageName(HERE, "z-image", digest="sha256:" + "0" * 64)
    assert await repositories.image(other) is None


async def test_what_an_image_runs_on_is_read_from_the_image(joint: Joined) -> None:
    repositories = joint.deploying.repositories
    await repositories.make(HERE)
    joint.faults.begin(Fault.IMAGE_ARM64)
    await built(joint, NAME)
    seen = await repositories.image(NAME)
    assert seen is not None
    assert seen.architecture == "arm64"


async def test_an_image_is_removed_with_its_tags(joint: Joined) -> None:
    repositories = joint.deploying.repositories
    await repositories.make(HERE)
    await built(joint, NAME)
    await built(joint, replace(NAME, tag="latest"))
    for _ in range(2):
        await repositories.remove_image(NAME)
    assert await repositories.image(NAME) is None


async def test_a_refusal_names_permission_and_role(joint: Joined) -> None:
    joint.faults.begin(Fault.CHANGES_DENIED)
    with pytest.raises(Denied) as refused:
        await joint.deploying.repositories.make(HERE)
    assert refused.value.permission == "artifactregistry.repositories.create"
    assert refused.value.role == "roles/artifactregistry.admin"
