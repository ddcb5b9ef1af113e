"""Projects, regions and services, listed over a real connection."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from google_over_http import answering
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from console.model.projects import Project, Region
from console.model.service import ConditionState, ServiceName
from console.sandbox.faults import Fault
from console.sandbox.gateway import refusal
from console.sandbox.project.projects import NUMBER, Projects
from console.sources.base import Denied, Malformed, Offline, Throttled, Unauthenticated
from console.sources.google_channel import Endpoints, connect

SERVICES = "/apis/serving.knative.dev/v1/namespaces/{project}/services"


def always(path: str, answer: Response) -> BaseRoute:
    async def endpoint(request: Request) -> Response:
        return answer

    return Route(path, endpoint)


def service(name: str, region: str, ready: str = "True", **status: object) -> dict[str, object]:
    moment = "2026-11-24T11:00:00.5Z"
    condition = {"type": "Ready", "status": ready, "lastTransitionTime": moment}
    return {
        "metadata": {
            "name": name,
            "namespace": NUMBER,
            "labels": {"cloud.googleapis.com/location": region},
        },
        "status": {"conditions": [condition], "url": f"https://{name}.run.app"} | status,
    }


async def test_the_sandbox_has_one_project_with_one_region() -> None:
    async with answering(Projects("sandbox", ["local-1"]).routes()) as cloud:
        projects = await cloud.projects.projects()
        regions = await cloud.projects.regions("sandbox")

    assert projects == (Project("sandbox", "Sandbox on this machine", NUMBER),)
    assert regions == (Region("local-1", "This machine"),)


async def test_services_of_all_regions_come_in_one_list() -> None:
    items = [service("b", "us-central1"), service("a", "us-central1"), service("z", "europe-west1")]
    async with answering([always(SERVICES, JSONResponse({"items": items}))]) as cloud:
        listed = await cloud.projects.services("my-project")

    assert [str(each.name) for each in listed.services] == [
        "my-project/europe-west1/z",
        "my-project/us-central1/a",
        "my-project/us-central1/b",
    ]
    first = listed.services[0]
    assert first.url == "https://z.run.app"
    assert first.ready is not None
    assert first.ready.state is ConditionState.SUCCEEDED
    assert first.updated == datetime(2026, 11, 24, 11, 0, 0, 500_000, tzinfo=UTC)
    assert listed.unreachable == ()


async def test_regions_that_did_not_answer_are_told() -> None:
    answer = {"items": [], "unreachable": ["us-east4", "projects/p/locations/asia-south1"]}
    async with answering([always(SERVICES, JSONResponse(answer))]) as cloud:
        listed = await cloud.projects.services("p-1")

    assert listed.unreachable == ("asia-south1", "us-east4")


async def test_a_long_list_is_read_to_its_end() -> None:
    async def page(request: Request) -> Response:
        if request.query_params.get("continue") == "more":
            return JSONResponse({"items": [service("second", "us-central1")]})
        items = [service("first", "us-central1")]
        return JSONResponse({"items": items, "metadata": {"continue": "more"}})

    async with answering([Route(SERVICES, page)]) as cloud:
        listed = await cloud.projects.services("p-1")

    assert [each.name.service for each in listed.services] == ["first", "second"]


async def test_projects_are_read_page_by_page_and_sorted() -> None:
    async def page(request: Request) -> Response:
        assert request.query_params["query"] == "state:ACTIVE"
        if request.query_params.get("pageToken") == "2":
            return JSONResponse({"projects": [{"projectId": "alpha", "displayName": "A"}]})
        return JSONResponse({"projects": [{"projectId": "zeta"}], "nextPageToken": "2"})

    async with answering([Route("/v3/projects:search", page)]) as cloud:
        projects = await cloud.projects.projects()

    assert [(each.id, each.name) for each in projects] == [("alpha", "A"), ("zeta", "zeta")]


async def test_a_list_without_an_end_is_given_up() -> None:
    endless = always("/v3/projects:search", JSONResponse({"nextPageToken": "again"}))
    async with answering([endless]) as cloud:
        with pytest.raises(Malformed, match="does not end"):
            await cloud.projects.projects()


async def test_what_makes_no_sense_in_a_list_is_left_out() -> None:
    items = [
        "text",
        {},
        {"metadata": {"name": "Upper", "labels": {}}},
        service("good", "us-central1", conditions="none", url=7),
        service("\x1b[31mred", "us-central1"),
    ]
    async with answering([always(SERVICES, JSONResponse({"items": items}))]) as cloud:
        (listed,) = (await cloud.projects.services("p-1")).services

    assert listed.name == ServiceName("p-1", "us-central1", "good")
    assert (listed.url, listed.ready, listed.updated) == (None, None, None)


async def test_names_full_of_escape_sequences_are_harmless() -> None:
    answer = {"projects": [{"projectId": "p-1", "displayName": "\x1b[2J[bold]x\u202e"}]}
    async with answering([always("/v3/projects:search", JSONResponse(answer))]) as cloud:
        (project,) = await cloud.projects.projects()

    assert "\x1b" not in project.name
    assert "\u202e" not in project.name


async def test_who_may_not_list_is_told_the_permission_and_the_role() -> None:
    routes = Projects("sandbox", ["local-1"], {Fault.SERVICES_DENIED}).routes()
    async with answering(routes) as cloud:
        with pytest.raises(Denied, match=r"run\.locations\.list is missing; have roles/run") as no:
            await cloud.projects.regions("sandbox")

    assert no.value.role == "roles/run.viewer"


async def test_an_interface_that_is_not_enabled_says_how_to_enable_it() -> None:
    disabled = JSONResponse(
        {
            "error": {
                "code": 403,
                "message": "API has not been used",
                "status": "PERMISSION_DENIED",
                "details": [
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": "SERVICE_DISABLED",
                        "domain": "googleapis.com",
                    }
                ],
            }
        },
        403,
    )
    routes = [always(SERVICES, disabled), always("/v3/projects:search", disabled)]
    async with answering(routes) as cloud:
        with pytest.raises(Denied, match=r"services enable run\.googleapis\.com --project p-1"):
            await cloud.projects.services("p-1")
        with pytest.raises(Denied, match="set-quota-project PROJECT"):
            await cloud.projects.projects()


@pytest.mark.parametrize(
    ("answer", "kind", "why"),
    [
        (refusal(429, "Quota exceeded"), Throttled, r"too much was asked for \(Quota exceeded\)"),
        (refusal(401, "Invalid credentials"), Unauthenticated, "who asks: Invalid credentials"),
        (refusal(503, "Unavailable"), Offline, "is out of reach"),
        (PlainTextResponse("<html>", 502), Offline, "HTTP status 502 Bad Gateway"),
        (PlainTextResponse("<html>", 403), Denied, r"resourcemanager\.projects\.get"),
        (PlainTextResponse("<html>"), Malformed, "answered no JSON"),
        (JSONResponse([1]), Malformed, "answered no JSON"),
    ],
)
async def test_refusals_are_told_in_the_console_s_own_words(
    answer: Response, kind: type[Exception], why: str
) -> None:
    async with answering([always("/v3/projects:search", answer)]) as cloud:
        with pytest.raises(kind, match=why):
            await cloud.projects.projects()


@pytest.mark.parametrize(("delay", "seconds"), [("12.5s", 12.5), ("soon", None), (None, None)])
async def test_a_quota_that_is_used_up_says_when_to_ask_again(
    delay: str | None, seconds: float | None
) -> None:
    detail = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    error = {"code": 429, "message": "Quota", "status": "X", "details": [detail]}
    answer = JSONResponse({"error": error}, 429)
    async with answering([always("/v3/projects:search", answer)]) as cloud:
        with pytest.raises(Throttled) as throttled:
            await cloud.projects.projects()

    assert throttled.value.retry_after == seconds


async def test_a_cloud_that_is_not_there_is_offline() -> None:
    nobody = "127.0.0.1:1"
    cloud = await connect(Endpoints.on_loopback(nobody, nobody), {}, lambda: datetime.now(UTC))
    try:
        with pytest.raises(Offline, match="is there a network"):
            await cloud.projects.projects()
    finally:
        await cloud.aclose()
