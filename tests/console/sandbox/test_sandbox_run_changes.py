"""Services created, changed and deleted by Google's own client of Cloud Run."""

from __future__ import annotations

import asyncio

import pytest
from deploying import (
    BY_NAME,
    IMAGE,
    LATEST,
    PARENT,
    a_service,
    created,
    demo,
    ended,
    short,
    updated,
    with_image,
)
from google.api_core import exceptions
from google.cloud import run_v2
from google.longrunning import operations_pb2
from open_sandbox import Clients

from console.sandbox.run.demo_service import DEMO, OPERATOR
from console.sandbox.run.serving import Serving


async def test_a_service_is_created_and_its_operation_returns_it(cloud: Clients) -> None:
    operation = await cloud.services.create_service(
        parent=PARENT, service_id="other", service=a_service(description="a second one")
    )
    assert operation.metadata.name == f"{PARENT}/services/other"
    assert operation.metadata.reconciling
    service = await operation.result()
    assert service.description == "a second one"
    assert (service.generation, service.observed_generation) == (1, 1)
    assert (service.creator, service.reconciling) == (OPERATOR, False)
    assert short(service.latest_ready_revision).startswith("other-00001-")
    assert service == await cloud.services.get_service(name=service.name)


async def test_what_was_accepted_is_made_though_whoever_asked_hangs_up(
    cloud: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted, goes_on, served = (asyncio.Event() for _ in range(3))
    follow = Serving.follow

    async def slowly(serving: Serving) -> None:
        accepted.set()
        await goes_on.wait()
        await follow(serving)
        served.set()

    monkeypatch.setattr(Serving, "follow", slowly)
    asked = asyncio.create_task(created(cloud, "other", a_service()))
    await accepted.wait()
    asked.cancel()
    await asyncio.wait([asked])
    await asyncio.sleep(0.2)  # The sandbox hears of it.
    goes_on.set()
    await served.wait()
    other = await cloud.services.get_service(name=f"{PARENT}/services/other")
    assert short(other.latest_created_revision).startswith("other-00001-")


async def test_what_is_not_asked_for_has_googles_defaults(cloud: Clients) -> None:
    service = await created(
        cloud, "plain", run_v2.Service(template={"containers": [{"image": IMAGE}]})
    )
    container = service.template.containers[0]
    assert dict(container.resources.limits) == {"cpu": "1000m", "memory": "512Mi"}
    assert container.resources.cpu_idle
    assert container.ports[0].container_port == 8080
    assert service.template.timeout.total_seconds() == 300
    assert service.template.max_instance_request_concurrency == 80
    assert [(share.type_, share.percent) for share in service.traffic] == [(LATEST, 100)]


async def test_a_name_can_be_used_once(cloud: Clients) -> None:
    with pytest.raises(exceptions.AlreadyExists, match="'zimage' already exists"):
        await created(cloud, DEMO.service, a_service())


async def test_a_new_image_makes_a_new_revision_that_gets_the_traffic(cloud: Clients) -> None:
    before = await demo(cloud)
    after = await updated(cloud, with_image(before, IMAGE), "template")
    assert after.generation == before.generation + 1
    assert after.etag != before.etag
    assert short(after.latest_ready_revision).startswith("zimage-00002-")
    pager = await cloud.revisions.list_revisions(parent=DEMO.resource)
    names = [revision.name async for revision in pager]
    assert names == [after.latest_ready_revision, before.latest_ready_revision]


async def test_what_is_no_matter_of_the_template_makes_no_revision(cloud: Clients) -> None:
    before = await demo(cloud)
    before.labels = {"team": "pictures"}
    after = await updated(cloud, before, "labels")
    assert dict(after.labels) == {"team": "pictures"}
    assert after.latest_created_revision == before.latest_created_revision
    assert after.generation == before.generation + 1


async def test_only_what_the_mask_names_is_changed(cloud: Clients) -> None:
    asked = run_v2.Service(name=DEMO.resource, description="said", labels={"lost": "yes"})
    after = await updated(cloud, asked, "description")
    assert (after.description, dict(after.labels)) == ("said", {})
    assert after.template.containers[0].image


async def test_a_mask_that_names_nothing_there_is_refused(cloud: Clients) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="colour"):
        await updated(cloud, await demo(cloud), "colour")


async def test_a_change_of_nothing_is_done_at_once(cloud: Clients) -> None:
    before = await demo(cloud)
    assert (await updated(cloud, before)).generation == before.generation


async def test_a_change_can_be_tried_without_being_made(cloud: Clients) -> None:
    before = await demo(cloud)
    request = run_v2.UpdateServiceRequest(service=with_image(before, IMAGE), validate_only=True)
    tried = await ended(cloud, await cloud.services.update_service(request))
    assert tried.template.containers[0].image == IMAGE
    assert await demo(cloud) == before


async def test_a_service_that_is_missing_can_be_asked_for_by_a_change(cloud: Clients) -> None:
    asked = a_service(name=f"{PARENT}/services/late")
    request = run_v2.UpdateServiceRequest(service=asked)
    with pytest.raises(exceptions.NotFound):
        await cloud.services.update_service(request)
    request.allow_missing = True
    service = await ended(cloud, await cloud.services.update_service(request))
    assert service.latest_ready_revision


async def test_a_change_of_what_somebody_else_has_changed_is_refused(cloud: Clients) -> None:
    mine = await demo(cloud)
    theirs = await demo(cloud)
    theirs.description = "theirs"
    await updated(cloud, theirs)
    mine.description = "mine"
    with pytest.raises(exceptions.Aborted, match="Conflict for resource 'zimage'"):
        await updated(cloud, mine)


async def test_a_deleted_service_is_gone_with_its_address(cloud: Clients) -> None:
    url = cloud.url
    assert (await cloud.http.get(url + "/healthz")).status_code == 200
    deleted = await ended(cloud, await cloud.services.delete_service(name=DEMO.resource))
    assert deleted.delete_time
    with pytest.raises(exceptions.NotFound):
        await demo(cloud)
    with pytest.raises(Exception, match="connect"):
        await cloud.http.get(url + "/healthz")


async def test_the_name_of_a_deleted_service_is_free_at_once(cloud: Clients) -> None:
    await cloud.services.delete_service(name=DEMO.resource)
    service = await created(cloud, DEMO.service, a_service())
    assert (await cloud.http.get(service.uri + "/healthz")).status_code == 200
    assert await demo(cloud) == service


async def test_a_service_under_way_can_be_deleted(cloud: Clients) -> None:
    begun = await cloud.services.create_service(
        parent=PARENT, service_id="other", service=a_service()
    )
    await ended(cloud, await cloud.services.delete_service(name=f"{PARENT}/services/other"))
    with pytest.raises(exceptions.GoogleAPICallError, match="superseded by the deletion"):
        await ended(cloud, begun)


async def test_a_revision_that_serves_cannot_be_deleted_and_another_can(cloud: Clients) -> None:
    old = (await demo(cloud)).latest_ready_revision
    with pytest.raises(exceptions.FailedPrecondition, match="actively serving"):
        await cloud.revisions.delete_revision(name=old)
    await updated(cloud, with_image(await demo(cloud), IMAGE))
    deleted = await ended(cloud, await cloud.revisions.delete_revision(name=old))
    assert deleted.name == old
    with pytest.raises(exceptions.NotFound):
        await cloud.revisions.get_revision(name=old)


async def test_operations_are_listed_waited_for_and_deleted(cloud: Clients) -> None:
    begun = await cloud.services.create_service(
        parent=PARENT, service_id="other", service=a_service()
    )
    name = begun.operation.name
    await cloud.services.wait_operation(operations_pb2.WaitOperationRequest(name=name))
    asked = operations_pb2.GetOperationRequest(name=name)
    assert (await cloud.services.get_operation(asked)).done
    listing = operations_pb2.ListOperationsRequest(name=PARENT)
    listed = await cloud.services.list_operations(listing)
    assert [each.name for each in listed.operations] == [name]
    await cloud.services.delete_operation(operations_pb2.DeleteOperationRequest(name=name))
    with pytest.raises(exceptions.NotFound):
        await cloud.services.get_operation(asked)


REFUSED = [
    ({"description": "x", "labels": {"run.googleapis.com/x": "y"}}, "reserved"),
    ({"template": {}}, "At least one container"),
    ({"scaling": {"min_instance_count": 3, "max_instance_count": 2}}, "less than or equal"),
    ({"scaling": {"max_instance_count": 25}}, "CpuAllocPerProjectRegion requested: 25000"),
    ({"scaling": {"min_instance_count": 10**9}}, "Max instances must be set to 20 or fewer"),
    (
        {"scaling": {"scaling_mode": "MANUAL", "manual_instance_count": 21}},
        "CpuAllocPerProjectRegion requested: 21000 allowed: 20000",
    ),
    ({"traffic": [{"type_": LATEST, "percent": 90}]}, "sum to 100, but they sum to 90"),
    ({"traffic": [{"type_": BY_NAME, "revision": "no", "percent": 100}]}, "'no' was not found"),
]


@pytest.mark.parametrize(("fields", "words"), REFUSED)
async def test_what_google_refuses_is_refused(
    cloud: Clients, fields: dict[str, object], words: str
) -> None:
    with pytest.raises(exceptions.GoogleAPICallError, match=words) as refused:
        await created(cloud, "wrong", a_service(**fields))
    assert refused.value.code == 400
    with pytest.raises(exceptions.NotFound):
        await cloud.services.get_service(name=f"{PARENT}/services/wrong")


SHAPES = [
    ({"cpu": "3", "memory": "4Gi"}, "Cpu must be equal to one of"),
    ({"cpu": "1", "memory": "8Gi"}, "For 1.0 CPU, memory must be between 128Mi and 4Gi"),
    ({"cpu": "4", "memory": "1Gi"}, "For 4.0 CPU, memory must be between 2Gi and 16Gi"),
    ({"disk": "1"}, "'disk' is not supported"),
    ({"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "1"}, "with zonal redundancy"),
]


@pytest.mark.parametrize(("limits", "words"), SHAPES)
async def test_a_shape_that_there_is_not_is_refused(
    cloud: Clients, limits: dict[str, str], words: str
) -> None:
    container = {"image": IMAGE, "resources": {"limits": limits}}
    with pytest.raises(exceptions.GoogleAPICallError, match=words):
        await created(cloud, "wrong", a_service(template={"containers": [container]}))


CONTAINERS = [
    ({"env": [{"name": "PORT", "value": "1"}]}, "reserved env names were provided: PORT"),
    ({"env": [{"name": "A=B", "value": "1"}]}, "'A=B' is no name"),
    ({"env": [{"name": "A", "value": "\0"}]}, "its value has a NUL"),
    ({"startup_probe": {"period_seconds": 300}}, "period_seconds must be a number between"),
    ({"startup_probe": {"timeout_seconds": 20}}, "less than or equal to period_seconds"),
    ({"startup_probe": {"http_get": {"path": "/a b\r\n"}}}, "is no path"),
    ({"volume_mounts": [{"name": "no", "mount_path": "/x"}]}, "Volume 'no' was not found"),
    ({"ports": [{"container_port": 70_000}]}, "between 1 and 65535"),
    ({"image": " "}, "image is required"),
]


@pytest.mark.parametrize(("fields", "words"), CONTAINERS)
async def test_a_container_that_cannot_be_is_refused(
    cloud: Clients, fields: dict[str, object], words: str
) -> None:
    container = {"image": IMAGE} | fields
    with pytest.raises(exceptions.InvalidArgument, match=words):
        await created(cloud, "wrong", a_service(template={"containers": [container]}))


@pytest.mark.parametrize("name", ["Zimage", "1st", "a" * 50, "end-", ""])
async def test_a_name_that_cannot_be_is_refused(cloud: Clients, name: str) -> None:
    with pytest.raises(exceptions.InvalidArgument):
        await created(cloud, name, a_service())


async def test_services_are_only_in_the_region_that_there_is(cloud: Clients) -> None:
    with pytest.raises(exceptions.InvalidArgument, match="not found or access is unauthorized"):
        await cloud.services.create_service(
            parent=f"projects/{DEMO.project}/locations/mars",
            service_id="other",
            service=a_service(),
        )
