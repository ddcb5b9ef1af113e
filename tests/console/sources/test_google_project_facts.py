"""What a project is, has and allows, and what time it is there, asked over a real connection."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from google_over_http import answering
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from console.sources.base import Denied, Malformed, Offline
from console.sources.google_channel import Endpoints, connect

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
QUOTA = "/v1/projects/{project}/locations/global/services/run.googleapis.com/quotaInfos/{quota}"


def always(path: str, answer: Response, method: str = "GET") -> BaseRoute:
    async def endpoint(request: Request) -> Response:
        return answer

    return Route(path, endpoint, methods=[method])


def quota(**info: object) -> list[BaseRoute]:
    return [always(QUOTA, JSONResponse({"dimensionsInfos": [info]}))]


@pytest.mark.parametrize(
    ("info", "value"),
    [
        ({"dimensions": {"region": "r1"}, "details": {"value": "3"}}, 3),
        ({"applicableLocations": ["r0", "r1"], "details": {"value": "-1"}}, -1),
        ({"dimensions": {"region": "r2"}, "details": {"value": "3"}}, None),
    ],
)
async def test_a_quota_is_that_of_the_region(info: dict[str, object], value: int | None) -> None:
    async with answering(quota(**info)) as cloud:
        assert await cloud.project.quota("p", "r1", "CpuAllocPerProjectRegion") == value


@pytest.mark.parametrize("value", ["", "many", "9" * 40, None, ["1"], "٣"])
async def test_a_quota_that_is_no_number_makes_no_sense(value: object) -> None:
    routes = quota(dimensions={"region": "r1"}, details={"value": value})
    async with answering(routes) as cloud:
        with pytest.raises(Malformed):
            await cloud.project.quota("p", "r1", "CpuAllocPerProjectRegion")


async def test_answers_of_another_form_hold_nothing() -> None:
    nonsense = JSONResponse({"permissions": "all", "services": {"run": 1}, "billingEnabled": "yes"})
    routes = [
        always("/v3/projects/{project}:testIamPermissions", nonsense, "POST"),
        always("/v3/projects/{project}", JSONResponse({"state": 3, "projectId": ["\x1b[2J"]})),
        always("/v1/projects/{project}/services", nonsense),
        always("/v1/projects/{project}/billingInfo", nonsense),
    ]
    async with answering(routes) as cloud:
        assert await cloud.project.permissions("p", ["a.b.c"]) == frozenset()
        assert await cloud.project.interfaces("p") == frozenset()
        assert not (await cloud.project.billing("p")).enabled
        assert (await cloud.project.project("p")).state == ""


async def test_a_project_that_may_not_be_read_says_which_permission_is_missing() -> None:
    refused = JSONResponse({"error": {"code": 403, "message": "no", "status": "X"}}, 403)
    async with answering([always("/v3/projects/{project}", refused)]) as cloud:
        with pytest.raises(Denied) as told:
            await cloud.project.project("p")

    assert (told.value.permission, told.value.role) == (
        "resourcemanager.projects.get",
        "roles/browser",
    )


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Nov 2026 12:00:00 GMT"])
async def test_a_cloud_that_does_not_say_what_time_it_is_is_still_reached(date: str) -> None:
    reader_ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 404 no\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        reader_ended.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoints = Endpoints.on_loopback("127.0.0.1:1", "127.0.0.1:1", f"127.0.0.1:{port}")
    cloud = await connect(endpoints, {}, lambda: NOON)
    try:
        reached = await cloud.reach.reach()
        await reader_ended.wait()
    finally:
        await cloud.aclose()
        server.close()

    assert reached.ahead is None


async def test_nobody_there_is_out_of_reach() -> None:
    cloud = await connect(Endpoints.on_loopback("127.0.0.1:1", "127.0.0.1:1"), {}, lambda: NOON)
    try:
        with pytest.raises(Offline, match="out of reach"):
            await cloud.reach.reach()
    finally:
        await cloud.aclose()
