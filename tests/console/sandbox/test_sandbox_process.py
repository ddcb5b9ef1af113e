"""The sandbox as a program: started as a child, as the console does."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from deploying import a_service, created, ended
from open_sandbox import opened
from running_session import PATIENCE

from console.sandbox.cloud import Sandbox
from console.sandbox.run.demo_service import DEMO
from console.sandbox.run.services import BadState


@asynccontextmanager
async def program(*arguments: str) -> AsyncIterator[Process]:
    command = [sys.executable, "-m", "console.sandbox", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        async with asyncio.timeout(PATIENCE):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_says_where_it_answers_and_ends_with_its_input(tmp_path: Path) -> None:
    async with program("--state", str(tmp_path), "--exit-on-stdin-eof") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        said = json.loads(await process.stdout.readline())
        assert said["event"] == "sandbox_open"
        assert said["run"].startswith("127.0.0.1:")
        assert said["logging"].startswith("127.0.0.1:")
        assert said["services"]["sandbox/local-1/zimage"].startswith("http://127.0.0.1:")
        process.stdin.close()
        assert await process.wait() == 0
        assert await process.communicate() == (b"", b"")


async def test_it_opens_without_the_service_that_it_began_with(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        await created(cloud, "other", a_service())
        await ended(cloud, await cloud.services.delete_service(name=DEMO.resource))
    async with program("--state", str(tmp_path), "--exit-on-stdin-eof") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        said = json.loads(await process.stdout.readline())
        assert list(said["services"]) == ["sandbox/local-1/other"]
        process.stdin.close()
        assert await process.wait() == 0


async def test_sigterm_ends_it(tmp_path: Path) -> None:
    async with program("--state", str(tmp_path)) as process:
        assert process.stdout is not None
        await process.stdout.readline()
        process.terminate()
        assert await process.wait() == 0


async def test_a_second_one_in_the_same_directory_is_refused_in_one_line(tmp_path: Path) -> None:
    async with opened(tmp_path), program("--state", str(tmp_path)) as process:
        out, error = await process.communicate()
        assert (process.returncode, out) == (1, b"")
        assert error.decode().splitlines() == [
            f"sandbox: a sandbox is already running in {tmp_path}; end it or name another directory"
        ]


@pytest.mark.parametrize(
    "flags", [["--idle", "soon"], ["--idle", "nan"], ["--port", "70000"], ["--fault", "rain"]]
)
async def test_a_wrong_flag_is_a_matter_of_usage(flags: list[str]) -> None:
    async with program(*flags) as process:
        _, error = await process.communicate()
        assert process.returncode == 2
        assert flags[1].encode() in error


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"deployments": [{"service": {}, "revisions": []}]}', "\ud800"]
)
async def test_a_damaged_state_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "services.json"
    damaged = text.encode("utf-8", "surrogatepass")
    path.write_bytes(damaged)
    with pytest.raises(BadState, match=r"services\.json.* delete it to begin anew"):
        async with Sandbox(tmp_path, environment={}):
            pass
    assert path.read_bytes() == damaged


async def test_a_directory_that_cannot_be_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(BadState, match="name another directory"):
        async with Sandbox(file / "state", environment={}):
            pass


async def test_a_log_with_a_broken_end_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    async with opened(tmp_path) as cloud:
        await cloud.http.get(cloud.url + "/healthz")
        before = [entry.insert_id for entry in await cloud.entries()]
    with (tmp_path / "log.jsonl").open("ab") as log:
        log.write(b'{"logName": "projects/sand')
    async with opened(tmp_path) as cloud:
        after = [entry.insert_id for entry in await cloud.entries()]
    assert after[: len(before)] == before
