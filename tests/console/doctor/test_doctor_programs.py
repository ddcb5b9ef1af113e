"""What programs of this machine say of themselves, and what there is of memory and room."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from doctor_worlds import program
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from console.model.doctor.facts import DockerEngine
from console.sources.base import Offline
from console.sources.docker import DockerProgram
from console.sources.programs import ask as ask_program
from console.sources.this_machine import ThisMachine
from console.sources.tools import Tools

IMAGE, OTHER = (f"sha256:{letter * 64}" for letter in "ab")
TAG = "us-central1-docker.pkg.dev/p/z-image/gpu:1"
LABELLED = {
    "Id": IMAGE,
    "RepoTags": [TAG, "z-image:gpu"],
    "RepoDigests": [f"us-central1-docker.pkg.dev/p/z-image/gpu@{IMAGE}", f"mirror/gpu@{IMAGE}"],
    "Config": {"Labels": {"org.opencontainers.image.title": "zimage-engine-gpu"}},
}
KEPT = {
    "LayersSize": 9_000_000_000,
    "Images": [
        {
            "Id": IMAGE,
            "RepoTags": [TAG],
            "Created": 1,
            "Size": 7_000_000_000,
            "SharedSize": 0,
            "Containers": 0,
        },
        {
            "Id": OTHER,
            "RepoTags": ["postgres:16"],
            "Created": 1,
            "Size": 400_000_000,
            "SharedSize": 0,
            "Containers": 1,
        },
    ],
    "Containers": [],
    "Volumes": [],
    "BuildCache": [
        {
            "ID": "ym69rgx3jodxzj96n5fxtihtg",
            "Type": "exec.cachemount",
            "Description": 'cached mount /root/.cache/pip from exec sh -c x with id "zimage-pip"',
            "InUse": False,
            "Shared": False,
            "Size": 1_500_000_000,
            "CreatedAt": "2026-01-01T00:00:00Z",
            "LastUsedAt": None,
            "UsageCount": 3,
        }
    ],
}


@asynccontextmanager
async def docker_engine(address: Path) -> AsyncIterator[list[str]]:
    """Serve what the real docker program asks an engine for; yields what it asked."""
    asked: list[str] = []
    answers = {
        "info": {"ServerVersion": "28.2.2", "DockerRootDir": "/"},
        "version": {"Version": "28.2.2", "ApiVersion": "1.50", "MinAPIVersion": "1.24"},
        "df": KEPT,
        "json": [KEPT["Images"][0]],
    }

    async def answer(request: Request) -> Response:
        asked.append(f"{request.method} {request.url.path}")
        *_, before, last = request.url.path.split("/")
        if last == "json" and before != "images":
            return JSONResponse(LABELLED)
        if last == "_ping":
            return PlainTextResponse("OK", headers={"API-Version": "1.50", "OSType": "linux"})
        return JSONResponse(answers.get(last, {}))

    app = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "HEAD", "POST"])])
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(address))
    listener.listen()
    config = uvicorn.Config(app, log_level="critical", lifespan="off", loop="asyncio")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield asked
    finally:
        server.should_exit = True
        await serving


@pytest.mark.skipif(shutil.which("docker") is None, reason="the docker program is not installed")
async def test_the_real_docker_program_tells_what_its_engine_keeps(tmp_path: Path) -> None:
    address = tmp_path / "docker.sock"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "DOCKER_HOST": f"unix://{address}",
    }
    async with docker_engine(address) as asked:
        found = await DockerProgram(environment).look()

    assert found.client.version
    assert isinstance(found.engine, DockerEngine)
    own, other = found.engine.images
    assert (own.id, own.title) == ("a" * 12, "zimage-engine-gpu")
    assert own.names == (TAG, "z-image:gpu", f"mirror/gpu@{IMAGE}")
    assert (other.title, other.names) == ("", ())
    assert (own.size, own.used, other.used) == (7_000_000_000, False, True)
    (record,) = found.engine.cache
    assert (record.size, record.in_use, record.mount) == (1_500_000_000, False, True)
    assert {str(each.kind): each.bytes for each in found.engine.kept} == {
        "images": 9_000_000_000,
        "containers": 0,
        "volumes": 0,
        "build cache": 1_500_000_000,
    }
    assert found.engine.here
    assert {each.partition(" ")[0] for each in asked} <= {"GET", "HEAD"}


async def test_an_engine_on_another_machine_is_not_here(tmp_path: Path) -> None:
    info = '{"ServerVersion":"28.2.2","DockerRootDir":"/"}'
    program(tmp_path / "bin", "docker", f"echo '{info}'")
    environment = {"PATH": f"{tmp_path}/bin", "DOCKER_HOST": "ssh://builder"}
    found = await DockerProgram(environment).look()

    assert isinstance(found.engine, DockerEngine)
    assert not found.engine.here


@pytest.mark.parametrize(
    "said", ["", "[]", "null", "{" * 50_000, '{"ServerVersion": 3}', "\x1b[2J"]
)
async def test_a_docker_that_makes_no_sense_is_told_of(said: str, tmp_path: Path) -> None:
    (tmp_path / "said").write_text(said)
    program(
        tmp_path / "bin", "docker", f'while read -r line; do echo "$line"; done < {tmp_path}/said'
    )
    found = await DockerProgram({"PATH": f"{tmp_path}/bin"}).look()

    assert not isinstance(found.engine, DockerEngine)
    assert "\x1b" not in found.engine


async def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    program(tmp_path / "bin", "slow", f"(echo began; exec /bin/sleep 600) > {pipe} & wait")
    # The pipe has an end when nobody is left who could write into it.
    ended = asyncio.create_task(asyncio.to_thread(pipe.read_bytes))
    with pytest.raises(Offline, match="said nothing within"):
        await ask_program([str(tmp_path / "bin" / "slow")], {}, seconds=0.5)

    async with asyncio.timeout(30.0):
        assert await ended == b"began\n"


async def test_the_engine_tells_what_model_files_are(
    environment: dict[str, str], tmp_path: Path
) -> None:
    bundled = await Tools(environment).models(None)
    empty = await Tools(environment).models(str(tmp_path))
    nowhere = await Tools(environment).models(str(tmp_path / "no such"))

    assert (bundled.bundled, bundled.problem) == (True, "")
    assert {each.part for each in bundled.files} == {"transformer", "text_encoder", "vae"}
    assert bundled.bytes == sum(each.bytes for each in bundled.files)
    assert empty.problem
    assert "no such" in nowhere.problem


def test_a_container_s_limit_is_the_memory_there_is(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "meminfo").write_text(
        "MemTotal:       16000000 kB\nMemAvailable:   15000000 kB\n"
    )
    folder = tmp_path / "sys" / "fs" / "cgroup"
    folder.mkdir(parents=True)
    machine = ThisMachine(root=tmp_path)

    (folder / "memory.max").write_text("max\n")
    assert machine.memory().total == 16_000_000 * 1_024
    (folder / "memory.max").write_text("4000000000\n")
    (folder / "memory.current").write_text("1000000000\n")
    assert (machine.memory().total, machine.memory().available) == (4_000_000_000, 3_000_000_000)


def test_room_is_told_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    space = ThisMachine().space(tmp_path / "not" / "yet")

    assert space.folder == str(tmp_path)
    assert 0 < space.free <= space.total
    assert space.writable
