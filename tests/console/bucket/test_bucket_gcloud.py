"""The commands that the plan names, copied into a shell with the real `gcloud`."""

from __future__ import annotations

from pathlib import Path

import pytest
from bucket_scene import NAME, REGION, UNSAFE, Cloud, settings
from real_gcloud import Gcloud, needs_gcloud

from console.model.deploy.wish import LABEL
from console.model.models.bucket_commands import Command

pytestmark = [needs_gcloud]


async def done(gcloud: Gcloud, command: Command | None) -> None:
    assert command is not None
    said = await gcloud.in_shell(command.text)
    assert said.code == 0, (command.text, said.errors)


def gcloud_of(cloud: Cloud, folder: Path) -> Gcloud:
    return Gcloud(cloud.served.url.removeprefix("http://"), folder)


async def test_a_bucket_made_by_gcloud_is_one_made_by_the_console(
    cloud: Cloud, tmp_path: Path
) -> None:
    gcloud = gcloud_of(cloud, tmp_path)
    plan = await cloud.plan()
    await done(gcloud, plan.command)
    by_gcloud = cloud.shown()
    assert not (await cloud.plan()).differences

    await done(gcloud, plan.undo)
    assert (await cloud.plan()).observed is None
    await cloud.mend()
    by_console = cloud.shown()

    for each in ("timeCreated", "generation"):
        by_console.pop(each)
        by_gcloud.pop(each)
    locks = [
        each["iamConfiguration"].pop(key).pop("lockedTime", "")
        for each in (by_gcloud, by_console)
        for key in ("uniformBucketLevelAccess", "bucketPolicyOnly")
    ]
    assert all(locks)
    # No option of gcloud's gives a bucket labels while it is made.
    assert by_console.pop("labels") == dict([LABEL])
    assert by_console == by_gcloud


@pytest.mark.thorough
async def test_each_setting_is_mended_by_its_command_and_brought_back_by_its_undoing(
    cloud: Cloud, tmp_path: Path
) -> None:
    gcloud = gcloud_of(cloud, tmp_path)
    rule = {"action": {"type": "Delete"}, "condition": {"isLive": False, "age": 3}}
    cloud.make({"name": NAME, "location": REGION, "labels": {"team": "us"}})
    for each in UNSAFE.values():
        cloud.patch(each)
    cloud.patch({"lifecycle": {"rule": [rule]}})
    unsafe = cloud.shown()
    plan = await cloud.plan()
    assert set(settings(plan)) == set(UNSAFE)

    for number, each in enumerate(plan.changes, 1):
        await done(gcloud, each.command)
        assert settings(await cloud.plan()) == settings(plan)[number:]
    mended = cloud.shown()
    assert mended["lifecycle"]["rule"][0] == rule
    assert mended["labels"] == {"team": "us"}

    for each in reversed(plan.changes):
        await done(gcloud, each.undo)
    assert settings(await cloud.plan()) == settings(plan)
    assert cloud.shown() == unsafe
