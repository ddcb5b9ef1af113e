"""Interfaces are switched on, and buckets removed, against the sandbox."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cloud_of_sandbox import PROJECT, REGION, Joined, joined

from console.model.image_name import Repository
from console.model.models.bucket_settings import SafeSettings
from console.sandbox.faults import Fault
from console.sources.base import Denied, Missing, Offline, SourceError
from console.sources.storage import CloudStorage

NEEDED = ("run", "artifactregistry", "iam", "storage", "cloudbuild", "cloudquotas")
APIS = [f"{name}.googleapis.com" for name in NEEDED]
BUCKET = "sandbox-of-mine"


async def test_an_empty_project_has_nothing_but_can_have_everything(tmp_path: Path) -> None:
    async with joined(tmp_path, empty=True) as joint:
        cloud = joint.cloud
        on = await cloud.project.interfaces(PROJECT)
        with pytest.raises(Denied, match=r"run\.googleapis\.com is not enabled in sandbox"):
            await cloud.services.list(PROJECT, REGION)
        assert await cloud.storage.buckets(PROJECT) == ()

        for _ in range(2):
            await joint.deploying.apis.enable(PROJECT, APIS)

        assert set(APIS) <= await cloud.project.interfaces(PROJECT)
        assert not set(APIS) <= on
        assert await cloud.services.list(PROJECT, "us-central1") == ()
        assert not await joint.deploying.repositories.has(Repository(PROJECT, REGION, "z-image"))
        assert await joint.deploying.accounts.account(PROJECT, "z-image") is None


async def test_what_an_empty_project_was_given_is_there_after_a_restart(tmp_path: Path) -> None:
    async with joined(tmp_path, empty=True) as joint:
        await joint.deploying.apis.enable(PROJECT, APIS)
        await joint.deploying.accounts.make(PROJECT, "zimage-runtime", "mine")
    async with joined(tmp_path) as joint:
        assert await joint.deploying.accounts.account(PROJECT, "zimage-runtime") is not None
        assert await joint.cloud.services.list(PROJECT, REGION) == ()
        assert await joint.cloud.storage.buckets(PROJECT) == ()


async def test_nothing_is_asked_where_nothing_is_to_be_switched_on(joint: Joined) -> None:
    joint.faults.begin(Fault.CHANGES_DENIED)
    await joint.deploying.apis.enable(PROJECT, [])


async def test_a_refusal_names_the_interfaces_and_the_role(joint: Joined) -> None:
    joint.faults.begin(Fault.CHANGES_DENIED)
    with pytest.raises(Denied, match=r"switch on iam\.googleapis\.com in sandbox") as refused:
        await joint.deploying.apis.enable(PROJECT, ["iam.googleapis.com"])
    assert refused.value.role == "roles/serviceusage.serviceUsageAdmin"


async def test_an_interface_that_there_is_not_is_refused(joint: Joined) -> None:
    with pytest.raises(SourceError, match=r"cannot switch on mars\.googleapis\.com"):
        await joint.deploying.apis.enable(PROJECT, ["mars.googleapis.com"])


async def a_bucket(joint: Joined) -> CloudStorage:
    await joint.cloud.uploads.maker().create(PROJECT, BUCKET, SafeSettings(REGION))
    assert isinstance(joint.cloud.storage, CloudStorage)
    return joint.cloud.storage


async def test_a_bucket_is_removed_with_all_that_is_in_it(joint: Joined) -> None:
    storage, buckets = await a_bucket(joint), joint.deploying.buckets
    for data in (b"one", b"two"):
        await buckets.put(BUCKET, "a/b.txt", data)
    await buckets.put(BUCKET, "c.txt", b"three")
    writer = await storage.writer(BUCKET)
    await asyncio.to_thread(writer.begin, "big.bin", {})

    for _ in range(2):
        await buckets.remove(BUCKET)

    with pytest.raises(Missing):
        await storage.bucket(BUCKET)


async def test_an_object_is_removed_and_removing_it_again_is_no_matter(joint: Joined) -> None:
    storage, buckets = await a_bucket(joint), joint.deploying.buckets
    await buckets.put(BUCKET, "a.txt", b"one")
    for _ in range(2):
        await buckets.remove_object(BUCKET, "a.txt")
    writer = await storage.writer(BUCKET)
    assert await asyncio.to_thread(writer.look, "a.txt") is None


async def test_a_removal_whose_answer_is_lost_is_done_by_the_next(joint: Joined) -> None:
    await a_bucket(joint)
    await joint.deploying.buckets.put(BUCKET, "a.txt", b"one")
    joint.faults.begin(Fault.ANSWER_LOST)
    with pytest.raises(Offline, match="cannot remove gs://sandbox-of-mine"):
        await joint.deploying.buckets.remove(BUCKET)
    joint.faults.end(Fault.ANSWER_LOST)
    await joint.deploying.buckets.remove(BUCKET)
    with pytest.raises(Missing):
        await joint.cloud.storage.bucket(BUCKET)
