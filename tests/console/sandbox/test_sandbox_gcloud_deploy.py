"""The commands that a plan shows, carried out by the real `gcloud` on a sandbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from google.cloud import run_v2
from google.protobuf import json_format
from open_sandbox import Clients
from real_gcloud import Gcloud, needs_gcloud

from console.model.deploy.commands import create_account, let_read
from console.model.deploy.defaults import (
    ACCOUNT,
    ACCOUNT_TITLE,
    cpu_wish,
    gpu_wish,
    guide_image,
    guide_wish,
)
from console.model.deploy.differences import changes
from console.model.deploy.guide import explained
from console.model.deploy.guide_commands import guide_deploy
from console.model.deploy.service_body import body_of, settings_of
from console.model.deploy.service_commands import delete, deploy, split_traffic, update
from console.model.deploy.settings import ServiceSettings
from console.model.deploy.wish import Variant
from console.model.service import ServiceName, TrafficShare
from console.model.text import SafeText
from console.sandbox.run.demo_service import DEMO
from console.sandbox.storage.seeding import MODELS_BUCKET

pytestmark = needs_gcloud
IMAGE = "registry.test/z-image/engine@sha256:" + "0" * 64
PARENT = f"projects/{DEMO.project}/locations/{DEMO.region}"
BY_HAND = ServiceName(DEMO.project, DEMO.region, "by-hand")


@pytest.fixture
def gcloud(cloud: Clients, tmp_path: Path) -> Gcloud:
    return Gcloud(cloud.sandbox.endpoints.http, tmp_path)


async def done(gcloud: Gcloud, line: str) -> None:
    said = await gcloud.in_shell(line)
    assert said.code == 0, said.errors


async def there(cloud: Clients, name: ServiceName) -> dict:
    """A service as Google's own client reads it, in JSON."""
    service = await cloud.services.get_service(name=name.resource)
    return json_format.MessageToDict(run_v2.Service.pb(service))


def assert_as_wanted(service: dict, wanted: ServiceSettings) -> None:
    found, unmodelled = settings_of(service)
    assert changes(found, wanted) == ()
    assert changes(wanted, found) == ()
    assert unmodelled == ()
    # Whoever goes on with the console has nothing to do.
    assert body_of(wanted, service) == service


async def test_a_service_is_made_changed_and_removed_by_hand(
    cloud: Clients, gcloud: Gcloud
) -> None:
    wish = cpu_wish(BY_HAND, bucket=MODELS_BUCKET)
    on_cpu = replace(wish.settings, image=IMAGE)
    await done(gcloud, create_account(DEMO.project, ACCOUNT, ACCOUNT_TITLE))
    await done(gcloud, let_read(MODELS_BUCKET, wish.account_email))
    await done(gcloud, deploy(BY_HAND, on_cpu))
    assert_as_wanted(await there(cloud, BY_HAND), on_cpu)

    on_gpu = replace(gpu_wish(BY_HAND, bucket=MODELS_BUCKET).settings, image=IMAGE)
    await done(gcloud, update(BY_HAND, on_cpu, on_gpu))
    assert_as_wanted(await there(cloud, BY_HAND), on_gpu)

    revisions = [
        str(each.name).rpartition("/")[2]
        async for each in await cloud.revisions.list_revisions(parent=BY_HAND.resource)
    ]
    new, old = sorted(revisions, reverse=True)
    shares = (TrafficShare(90, SafeText(old)), TrafficShare(10))
    await done(gcloud, split_traffic(BY_HAND, shares))
    service = await cloud.services.get_service(name=BY_HAND.resource)
    split = {each.revision or new: each.percent for each in service.traffic_statuses}
    assert split == {old: 90, new: 10}

    await done(gcloud, delete(BY_HAND))
    left = [each.name async for each in await cloud.services.list_services(parent=PARENT)]
    assert BY_HAND.resource not in left


async def test_the_guides_cpu_service_is_what_it_is_taken_for(
    cloud: Clients, gcloud: Gcloud
) -> None:
    line = guide_deploy(BY_HAND, Variant.CPU).replace(guide_image(BY_HAND), IMAGE)
    await done(gcloud, line)
    asked = replace(guide_wish(BY_HAND, Variant.CPU).settings, image=IMAGE)
    assert changes(settings_of(await there(cloud, BY_HAND))[0], asked) == ()


async def test_the_guides_gpu_service_is_refused_for_the_reason_that_is_explained(
    gcloud: Gcloud,
) -> None:
    said = await gcloud.in_shell(guide_deploy(BY_HAND, Variant.GPU))
    assert said.code == 1
    assert "You do not have quota for using GPUs with zonal redundancy" in said.errors
    assert "gpu-quota" in {each.id for each in explained(gpu_wish(BY_HAND))}
