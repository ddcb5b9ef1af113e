"""Memory: an instance that uses more than it may is killed, in the platform's words."""

from __future__ import annotations

import os
import re

import pytest
from deploying import a_service, created
from google.api_core import exceptions
from open_sandbox import Clients, texts
from test_sandbox_instances import EXIT, SYSTEM, until_it_says

from console.sandbox.faults import Fault
from console.sandbox.instances.memory import in_bytes, resident

OVERFULL = re.compile(r"Memory limit of (\d+) MiB exceeded with (\d+) MiB used\. Consider ")


async def test_a_running_instance_is_killed_when_memory_runs_out(cloud: Clients) -> None:
    url, body = cloud.url + "/v1/images/generations", {"prompt": "stall", "stream": True}
    async with cloud.http.stream("POST", url, json=body) as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        cloud.sandbox.faults.begin(Fault.OUT_OF_MEMORY)
        await until_it_says(cloud, EXIT)
    _, _, overfull, exited = texts(await cloud.entries(SYSTEM))
    found = OVERFULL.match(overfull)
    assert found is not None
    assert int(found[2]) > int(found[1])
    assert exited == "Container terminated on signal 9."


async def test_a_request_that_waits_is_told_so(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.OUT_OF_MEMORY)
    answer = await cloud.http.get(cloud.url + "/healthz")
    assert answer.status_code in (500, 503)
    await until_it_says(cloud, EXIT)
    cloud.sandbox.faults.end(Fault.OUT_OF_MEMORY)
    assert (await cloud.http.get(cloud.url + "/healthz")).status_code == 200


async def test_a_deployment_fails_when_memory_runs_out(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.OUT_OF_MEMORY)
    with pytest.raises(exceptions.GoogleAPICallError, match="is not ready"):
        await created(cloud, "other", a_service())
    assert any(OVERFULL.match(text) for text in texts(await cloud.entries(SYSTEM)))


def test_this_process_holds_some_memory() -> None:
    used = resident(os.getpid())
    assert used is None or used > 1 << 20


def test_a_process_that_is_gone_holds_nothing_known() -> None:
    assert resident(2**22 + 1) is None


@pytest.mark.parametrize(
    ("text", "size"),
    [("16Gi", 16 << 30), ("512Mi", 512 << 20), ("1G", 10**9), ("0.5Gi", 1 << 29), ("7", 7)],
)
def test_amounts_are_read_as_kubernetes_writes_them(text: str, size: int) -> None:
    assert in_bytes(text) == size


@pytest.mark.parametrize("text", ["", "16GB", "Gi", "-1Gi", "1e9"])
def test_other_amounts_are_none(text: str) -> None:
    assert in_bytes(text) is None
