"""The real `gcloud run`, pointed at a sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest
from deploying import IMAGE, PARENT, SUCCEEDED, demo, short
from google.cloud import run_v2
from open_sandbox import Clients
from real_gcloud import Gcloud, needs_gcloud

from console.sandbox.faults import Fault

pytestmark = needs_gcloud
REGION = "--region=local-1"


@pytest.fixture
def gcloud(cloud: Clients, tmp_path: Path) -> Gcloud:
    return Gcloud(cloud.sandbox.endpoints.http, tmp_path)


async def test_it_lists_and_describes_what_is_deployed(cloud: Clients, gcloud: Gcloud) -> None:
    service = await demo(cloud)
    columns = "--format=csv[no-heading](name,status.url,status.latestReadyRevisionName)"
    ready = short(service.latest_ready_revision)
    listed = await gcloud("run", "services", "list", columns)
    assert (listed.code, listed.output.split()) == (0, [f"zimage,{service.uri},{ready}"])
    said = await gcloud("run", "services", "describe", "zimage", REGION)
    assert said.code == 0, said.errors
    for words in (service.uri, f"100% LATEST (currently {ready})", "Memory:          16Gi"):
        assert words in said.output
    cloud.sandbox.faults.begin(Fault.SERVICES_DENIED)
    denied = await gcloud("run", "services", "list", REGION)
    assert denied.code == 1
    assert "Permission 'run.services.list' denied" in denied.errors


async def test_it_deploys_splits_the_traffic_and_deletes(cloud: Clients, gcloud: Gcloud) -> None:
    deployed = await gcloud(
        *("run", "deploy", "other", f"--image={IMAGE}", REGION, "--allow-unauthenticated"),
        *("--port=7860", "--memory=16Gi", "--cpu=4", "--max-instances=1"),
        "--add-volume=name=models,type=cloud-storage,bucket=z-image-models",
        "--add-volume-mount=volume=models,mount-path=/models",
    )
    assert deployed.code == 0, deployed.errors
    assert "is serving 100 percent of traffic" in deployed.errors
    name = "projects/sandbox/locations/local-1/services/other"
    service = await cloud.services.get_service(name=name)
    assert service.terminal_condition.state == SUCCEEDED
    assert service.template.volumes[0].gcs.bucket == "z-image-models"
    assert (await cloud.http.get(service.uri + "/healthz")).status_code == 200

    old = short(service.latest_ready_revision)
    again = await gcloud("run", "deploy", "other", f"--image={IMAGE}", REGION, "--no-traffic")
    assert again.code == 0, again.errors
    service = await cloud.services.get_service(name=name)
    assert short(service.latest_ready_revision) != old
    assert [share.revision for share in service.traffic_statuses if share.percent] == [old]
    moved = await gcloud("run", "services", "update-traffic", "other", REGION, "--to-latest")
    assert moved.code == 0, moved.errors
    (share,) = (await cloud.services.get_service(name=name)).traffic_statuses
    latest = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST
    assert (share.type_, share.percent) == (latest, 100)

    revisions = await gcloud(
        *("run", "revisions", "list", "--service=other", REGION, "--format=value(name)")
    )
    assert len(revisions.output.split()) == 2
    policy = await gcloud("run", "services", "get-iam-policy", "other", REGION, "--format=json")
    assert isinstance(policy.json, dict)
    assert policy.json["bindings"] == [{"members": ["allUsers"], "role": "roles/run.invoker"}]
    deleted = await gcloud("run", "services", "delete", "other", REGION)
    assert deleted.code == 0, deleted.errors
    assert [one.name async for one in await cloud.services.list_services(parent=PARENT)] == [
        (await demo(cloud)).name
    ]


async def test_it_says_why_a_deployment_failed(cloud: Clients, gcloud: Gcloud) -> None:
    cloud.sandbox.faults.begin(Fault.START_FAILS)
    failed = await gcloud("run", "deploy", "zimage", f"--image={IMAGE}", REGION)
    assert failed.code == 1
    assert "is not ready and cannot serve traffic" in failed.errors
    assert "listen on the port defined provided by the PORT=7860" in failed.errors
