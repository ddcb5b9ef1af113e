"""Starts that are slow, fail once, or are probed too early or late, as the log tells of them."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import sys
import time
from asyncio.subprocess import PIPE
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from deploying import IMAGE, demo, updated, with_image
from google.cloud import run_v2
from google.cloud.logging_v2.types import LogEntry
from open_sandbox import Clients, opened, texts
from running_session import PATIENCE

from console.sandbox.cloud import DEMO
from console.sandbox.fault_command import ADDRESS_FILE
from console.sandbox.faults import Fault

SYSTEM = 'log_id("run.googleapis.com/varlog/system")'
STARTING = "Starting new instance."


async def moments(cloud: Clients, *beginnings: str) -> list[datetime]:
    """Return when each of the lines was written that begin so; an engine's by its event."""
    found = [await moment(cloud, beginning) for beginning in beginnings]
    assert found == sorted(found)
    return found


async def moment(cloud: Clients, beginning: str) -> datetime:
    for entry in await cloud.entries():
        if said(entry).startswith(beginning):
            stamp: datetime = entry.timestamp
            return stamp
    raise AssertionError(f"nothing in the log begins with {beginning}")


def said(entry: LogEntry) -> str:
    return entry.text_payload or str((entry.json_payload or {}).get("event", ""))


async def made(cloud: Clients) -> httpx.Response:
    return await cloud.http.post(cloud.url + "/v1/images/generations", json={"prompt": "a cat"})


async def with_http_probe(cloud: Clients) -> None:
    service = await demo(cloud)
    service.template.revision = ""
    service.template.containers[0].startup_probe = run_v2.Probe(
        http_get=run_v2.HTTPGetAction(path="/healthz"), period_seconds=1, failure_threshold=60
    )
    await updated(cloud, service)


async def test_a_place_can_be_long_in_coming(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.SLOW_SCHEDULING, 0.4)
    assert (await made(cloud)).status_code == 200
    asked, up = await moments(cloud, STARTING, "process_start")
    assert up - asked >= timedelta(seconds=0.4)


async def test_an_image_can_be_long_in_coming(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.SLOW_IMAGE, 0.4)
    assert (await made(cloud)).status_code == 200
    asked, opened_at = await moments(cloud, STARTING, "port_open")
    assert opened_at - asked >= timedelta(seconds=0.4)


async def test_who_waits_for_a_place_can_go_and_the_sandbox_closes_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        cloud.sandbox.faults.begin(Fault.SLOW_SCHEDULING, 600.0)
        async with cloud.tail(SYSTEM) as lines:
            waiting = asyncio.create_task(made(cloud))
            assert STARTING in said((await anext(aiter(lines))).entries[0])
    # It closed within the patience of a test, and nobody was served.
    with pytest.raises(httpx.TransportError):
        await waiting
    async with opened(tmp_path) as cloud:
        assert "Container terminated on signal 15." in texts(await cloud.entries(SYSTEM))


async def test_whoever_waits_for_a_start_that_fails_once_is_served_by_the_next(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, idle_seconds=0.0) as cloud:
        cloud.sandbox.faults.begin(Fault.START_FAILS_ONCE, 0.2)
        for wait in (1, 2):
            assert (await made(cloud)).status_code == 200
            lines = texts(await cloud.entries(SYSTEM))
            # The first start of each wait fails, and the second does not.
            assert sum(line.startswith(STARTING) for line in lines) == 2 * wait
            assert sum(line == "Container called exit(1)." for line in lines) == wait
            await until_at_zero(cloud)
        asked, failed = await moments(cloud, STARTING, "Default STARTUP TCP probe failed")
        assert failed - asked >= timedelta(seconds=0.2)


async def until_at_zero(cloud: Clients) -> None:
    """Wait until as many instances have ended as were started."""

    async def over() -> bool:
        lines = texts(await cloud.entries(SYSTEM))
        started = sum(line.startswith(STARTING) for line in lines)
        return started == sum(line.startswith("Container ") for line in lines)

    async with asyncio.timeout(PATIENCE), cloud.tail(SYSTEM) as changes:
        while not await over():
            await anext(aiter(changes))


async def test_a_deployment_is_checked_again_when_its_start_fails_once(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.START_FAILS_ONCE, 0.0)
    after = await updated(cloud, with_image(await demo(cloud), IMAGE))
    assert after.terminal_condition.state == run_v2.Condition.State.CONDITION_SUCCEEDED
    assert len(await cloud.entries(f'textPayload:"{STARTING}"')) == 2


async def test_an_early_probe_is_content_with_an_open_port(cloud: Clients) -> None:
    await with_http_probe(cloud)
    cloud.sandbox.faults.begin(Fault.EARLY_PROBE)
    await updated(cloud, with_image(await demo(cloud), IMAGE))
    probed = [line for line in texts(await cloud.entries(SYSTEM)) if "probe succeeded" in line]
    assert probed[0].startswith("STARTUP HTTP probe succeeded")
    assert probed[1].startswith("Default STARTUP TCP probe succeeded after 1 attempt")


async def test_a_late_probe_learns_late_that_the_engine_is_ready(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.LATE_PROBE, 0.5)
    assert (await made(cloud)).status_code == 200
    ready, probed = await moments(cloud, "ready", "STARTUP HTTP probe succeeded after")
    assert probed - ready >= timedelta(seconds=0.5)
    (line,) = (one for one in texts(await cloud.entries(SYSTEM)) if "probe succeeded" in one)
    assert line.endswith('attempts for container "zimage-1" on port 7860 path "/readyz".')


async def test_a_container_that_is_stopped_ends_with_the_sandbox(tmp_path: Path) -> None:
    before = set(children_of(os.getpid()))
    async with opened(tmp_path) as cloud:
        assert (await made(cloud)).status_code == 200
        (child,) = set(children_of(os.getpid())) - before
        os.kill(child, signal.SIGSTOP)
    assert child not in children_of(os.getpid())


def children_of(process: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    threads = Path(f"/proc/{process}/task").iterdir()
    return [int(each) for thread in threads for each in (thread / "children").read_text().split()]


def only_child_of(process: int, log: Path, last: str) -> int:
    """Return the container of a sandbox that is about to start it, once its log has a line."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        children = children_of(process)
        if children and last in log.read_text():
            return children[0]
        # What another process starts is no event here.
        time.sleep(0.01)
    raise AssertionError("no container was started")


@pytest.mark.parametrize(
    ("fault", "last"),
    [("slow-image", STARTING), ("slow-import", "port_open"), ("start-fails-once", STARTING)],
)
async def test_a_sandbox_that_is_killed_leaves_no_container_behind(
    tmp_path: Path, fault: str, last: str
) -> None:
    command = [sys.executable, "-m", "console.sandbox", "--state", str(tmp_path)]
    command += ["--fault", f"{fault}=600"]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False) as http:
        address = json.loads(await process.stdout.readline())
        assert json.loads((tmp_path / ADDRESS_FILE).read_bytes()) == address
        url = address["services"][f"{DEMO.project}/{DEMO.region}/{DEMO.service}"]
        waiting = asyncio.create_task(http.get(url + "/readyz", timeout=PATIENCE))
        child = await asyncio.to_thread(only_child_of, process.pid, tmp_path / "log.jsonl", last)
        watched = os.pidfd_open(child)
        try:
            process.kill()
            await process.wait()
            with pytest.raises(httpx.TransportError):
                await waiting
            ended, _, _ = await asyncio.to_thread(select.select, [watched], [], [], PATIENCE)
            assert ended == [watched]
        finally:
            os.close(watched)
