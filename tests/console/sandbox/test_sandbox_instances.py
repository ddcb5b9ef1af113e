"""Instances: real processes, started by requests to the service's address, ended when idle."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from google.cloud.logging_v2.types import LogEntry
from google.logging.type.log_severity_pb2 import INFO, WARNING
from open_sandbox import Clients, opened, texts
from running_session import PATIENCE, child

SYSTEM = 'log_id("run.googleapis.com/varlog/system")'
REQUESTS = 'log_id("run.googleapis.com/requests")'
EXIT = re.compile(r"Container (called exit|terminated on signal)")


async def until_it_says(cloud: Clients, pattern: re.Pattern[str]) -> None:
    """Wait for a line of the platform; one that was written before counts too."""
    async with asyncio.timeout(PATIENCE), cloud.tail(SYSTEM) as responses:
        if any(pattern.match(text) for text in texts(await cloud.entries(SYSTEM))):
            return
        async for response in responses:
            if any(pattern.match(text) for text in texts(response.entries)):
                return
    raise AssertionError(f"the platform never said {pattern.pattern}")


async def test_a_service_at_zero_has_said_nothing(cloud: Clients) -> None:
    assert await cloud.entries() == []


async def test_a_request_starts_an_instance_and_is_answered_by_it(cloud: Clients) -> None:
    answer = await cloud.http.get(cloud.url + "/healthz")
    assert answer.status_code == 200
    said = texts(await cloud.entries(SYSTEM))
    assert said == [
        "Starting new instance. Reason: AUTOSCALING - Instance started due to configured scaling "
        "factors (e.g. CPU utilization, request throughput, etc.) or no existing capacity for "
        "current traffic.",
        'Default STARTUP TCP probe succeeded after 1 attempt for container "zimage-1" '
        "on port 7860.",
    ]


async def test_the_next_request_finds_the_instance_warm(cloud: Clients) -> None:
    for _ in range(3):
        assert (await cloud.http.get(cloud.url + "/healthz")).status_code == 200
    assert len(await cloud.entries(SYSTEM + ' AND textPayload:"Starting new instance"')) == 1


async def test_requests_that_come_together_share_one_start(cloud: Clients) -> None:
    answers = await asyncio.gather(*(cloud.http.get(cloud.url + "/healthz") for _ in range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert len(await cloud.entries(SYSTEM + ' AND textPayload:"Starting new instance"')) == 1


async def test_a_picture_streams_through_the_address(cloud: Clients) -> None:
    body = {"prompt": "a cat", "stream": True}
    url = cloud.url + "/v1/images/generations"
    async with cloud.http.stream("POST", url, json=body) as answer:
        events = [line async for line in answer.aiter_lines() if line.startswith("event:")]
    assert answer.status_code == 200
    assert events[-1] == "event: image_generation.completed"


async def test_a_request_is_logged_with_what_came_of_it(cloud: Clients) -> None:
    await cloud.http.get(cloud.url + "/nothing?x=1", headers={"user-agent": "tester"})
    (entry,) = await entries_of(cloud, REQUESTS, 1)
    request = entry.http_request
    assert (request.request_method, request.status) == ("GET", 404)
    assert request.request_url == cloud.url + "/nothing?x=1"
    assert request.user_agent == "tester"
    assert request.remote_ip == "127.0.0.1"
    assert request.response_size > 0
    assert request.latency.ToTimedelta().total_seconds() > 0
    assert entry.severity == WARNING
    assert entry.labels["instanceId"]
    assert entry.resource.labels["service_name"] == "zimage"


async def test_the_engines_lines_share_the_trace_of_their_request(cloud: Clients) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    await cloud.http.get(cloud.url + "/v1/models", headers=headers)
    named = f'trace="projects/sandbox/traces/{trace}"'
    logs = {entry.log_name.rpartition("/")[2] for entry in await entries_of(cloud, named, 2)}
    assert logs == {"run.googleapis.com%2Frequests", "run.googleapis.com%2Fstdout"}


async def test_the_engines_output_is_structured_as_it_wrote_it(cloud: Clients) -> None:
    await cloud.http.get(cloud.url + "/healthz")
    (entry,) = await cloud.entries('jsonPayload.event="port_open"')
    assert entry.severity == INFO
    assert "time" not in entry.json_payload
    assert entry.labels["instanceId"] == (await cloud.entries(SYSTEM))[0].labels["instanceId"]


async def test_an_idle_instance_ends_and_the_next_request_starts_another(tmp_path: Path) -> None:
    async with opened(tmp_path, idle_seconds=0.0) as cloud:
        await cloud.http.get(cloud.url + "/healthz")
        await until_it_says(cloud, EXIT)
        assert "Container called exit(0)." in texts(await cloud.entries(SYSTEM))
        assert (await cloud.http.get(cloud.url + "/healthz")).status_code == 200
        started = await cloud.entries('textPayload:"Starting new instance"')
        assert len({entry.labels["instanceId"] for entry in started}) == 2


async def test_a_container_that_does_not_start_is_an_error_with_its_last_words(
    tmp_path: Path,
) -> None:
    broken = child("import sys; print('no luck', file=sys.stderr); sys.exit(3)")
    async with opened(tmp_path, broken) as cloud:
        answer = await cloud.http.get(cloud.url + "/")
        assert answer.status_code == 503
        await until_it_says(cloud, EXIT)
        said = texts(await cloud.entries(SYSTEM))
        assert said[1].startswith(
            'Default STARTUP TCP probe failed 1 time consecutively for container "zimage-1" on '
            "port 7860. The instance was not started."
        )
        assert said[2] == "Container called exit(3)."
        assert texts(await cloud.entries('log_id("run.googleapis.com/stderr")')) == ["no luck"]


async def test_a_command_that_does_not_exist_is_a_start_that_failed(tmp_path: Path) -> None:
    async with opened(tmp_path, [str(tmp_path / "nowhere")]) as cloud:
        assert (await cloud.http.get(cloud.url + "/")).status_code == 503


async def test_an_instance_that_dies_at_work_is_replaced(cloud: Clients) -> None:
    url = cloud.url + "/v1/images/generations"
    answer = await cloud.http.post(url, json={"prompt": "die"})
    assert answer.status_code == 503
    await until_it_says(cloud, EXIT)
    assert "Container called exit(7)." in texts(await cloud.entries(SYSTEM))
    assert (await cloud.http.post(url, json={"prompt": "a cat"})).status_code == 200


async def test_a_client_that_hangs_up_stops_its_picture_and_the_next_one_is_made(
    cloud: Clients,
) -> None:
    url = cloud.url + "/v1/images/generations"
    body = {"prompt": "stall", "stream": True}
    async with cloud.http.stream("POST", url, json=body) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("event:"):
                break
    assert (await cloud.http.post(url, json={"prompt": "a cat"})).status_code == 200
    assert len(await entries_of(cloud, REQUESTS, 2)) == 2


async def test_instances_end_with_the_sandbox_whatever_they_are_doing(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        url, body = cloud.url + "/v1/images/generations", {"prompt": "stall", "stream": True}
        async with cloud.http.stream("POST", url, json=body) as answer:
            await anext(answer.aiter_lines())
            (opening,) = await cloud.entries("jsonPayload.event=port_open")
            await cloud.sandbox.__aexit__(None, None, None)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", int(opening.json_payload["port"]))


async def test_bytes_that_are_no_request_are_refused(cloud: Clients) -> None:
    port = httpx.URL(cloud.url).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x16\x03\x01 hello\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 400 ")
    writer.close()
    assert await cloud.entries() == []


async def entries_of(cloud: Clients, text: str, count: int) -> list[LogEntry]:
    """Return the entries of a filter once there are `count`: some are written after the answer."""
    async with asyncio.timeout(PATIENCE), cloud.tail(text) as responses:
        found = await cloud.entries(text)
        while len(found) < count:
            found += (await anext(aiter(responses))).entries
    return found
