"""Google's own client of Cloud Run, against the sandbox."""

from __future__ import annotations

import pytest
from google.api_core import exceptions
from google.cloud import run_v2
from open_sandbox import Clients

from console.sandbox.cloud import DEMO

PARENT = f"projects/{DEMO.project}/locations/{DEMO.region}"


async def test_a_new_sandbox_has_one_service_that_is_ready(cloud: Clients) -> None:
    service = await cloud.services.get_service(name=DEMO.resource)
    assert service.terminal_condition.type_ == "Ready"
    assert service.terminal_condition.state is run_v2.Condition.State.CONDITION_SUCCEEDED
    assert service.uri == cloud.url
    assert not service.reconciling
    assert service.template.containers[0].resources.limits["memory"] == "16Gi"


async def test_its_revision_is_the_one_that_gets_the_traffic(cloud: Clients) -> None:
    service = await cloud.services.get_service(name=DEMO.resource)
    revision = await cloud.revisions.get_revision(name=service.latest_ready_revision)
    assert revision.name == service.latest_created_revision
    assert revision.service == service.name
    assert revision.containers == service.template.containers
    assert [share.percent for share in service.traffic_statuses] == [100]


@pytest.mark.parametrize("region", [DEMO.region, "-"])
async def test_services_are_listed_by_region_or_all(cloud: Clients, region: str) -> None:
    pager = await cloud.services.list_services(parent=f"projects/{DEMO.project}/locations/{region}")
    assert [service.name async for service in pager] == [DEMO.resource]


async def test_another_region_has_none(cloud: Clients) -> None:
    pager = await cloud.services.list_services(parent=f"projects/{DEMO.project}/locations/local-2")
    assert [service.name async for service in pager] == []


async def test_revisions_are_listed(cloud: Clients) -> None:
    service = await cloud.services.get_service(name=DEMO.resource)
    pager = await cloud.revisions.list_revisions(parent=DEMO.resource)
    assert [revision.name async for revision in pager] == [service.latest_ready_revision]


async def test_a_service_that_does_not_exist_is_not_found(cloud: Clients) -> None:
    with pytest.raises(exceptions.NotFound, match="services/other"):
        await cloud.services.get_service(name=f"{PARENT}/services/other")


async def test_another_project_is_refused_by_the_permission_it_needs(cloud: Clients) -> None:
    with pytest.raises(exceptions.PermissionDenied, match=r"run\.services\.get"):
        await cloud.services.get_service(name="projects/other/locations/x/services/zimage")


async def test_a_page_token_that_was_never_given_is_refused(cloud: Clients) -> None:
    request = run_v2.ListServicesRequest(parent=PARENT, page_token="next")
    with pytest.raises(exceptions.InvalidArgument):
        await cloud.services.list_services(request)


async def test_what_the_sandbox_cannot_do_is_unimplemented(cloud: Clients) -> None:
    with pytest.raises(exceptions.MethodNotImplemented):
        await cloud.jobs.list_jobs(parent=PARENT)
