"""Objects that are bigger than what may be held in memory, and a process that is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

MIB = 1 << 20
SIZE = 192 * MIB

PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from console.sandbox.faults import Faults
from console.sandbox.gateway import Gateway
from console.sandbox.moments import utc_now
from console.sandbox.storage.cloud_storage import CloudStorage

async def main():
    directory, models = map(Path, sys.argv[1:])
    cloud = await CloudStorage.open(
        directory, "sandbox", "local-1", faults=Faults(), clock=utc_now, models=models
    )
    print(json.dumps(await Gateway(cloud.routes()).open()), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@contextmanager
def process(directory: Path, models: Path) -> Iterator[tuple[int, str]]:
    """Serve the storage from a process that is killed in the end; yield its id and address."""
    command = [sys.executable, "-c", PROGRAM, str(directory), str(models)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        try:
            assert running.stdout is not None
            yield running.pid, f"http://{json.loads(running.stdout.readline())}"
        finally:
            os.kill(running.pid, signal.SIGKILL)


def memory(pid: int) -> int:
    """Return the most memory that a process has had, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1_024


def pieces(size: int) -> Iterator[bytes]:
    piece = bytes(range(256)) * (MIB // 256)
    for _ in range(size // MIB):
        yield piece


def session() -> requests.Session:
    plain = requests.Session()
    plain.trust_env = False
    return plain


def test_a_big_object_is_never_held_in_memory(tmp_path: Path, models: Path) -> None:
    with process(tmp_path / "storage", models) as (pid, url), session() as client:
        before = memory(pid)
        bucket = f"{url}/storage/v1/b/sandbox-z-image-models/o"
        answer = client.post(
            f"{url}/upload/storage/v1/b/sandbox-z-image-models/o?uploadType=media&name=big",
            data=pieces(SIZE),
        )
        assert answer.json()["size"] == str(SIZE)
        composed = client.post(
            f"{bucket}/twice/compose", json={"sourceObjects": [{"name": "big"}, {"name": "big"}]}
        )
        assert composed.json()["size"] == str(2 * SIZE)
        with client.get(f"{bucket}/big?alt=media", stream=True) as download:
            assert sum(len(chunk) for chunk in download.iter_content(MIB)) == SIZE
        assert memory(pid) - before < 48 * MIB


def test_what_arrived_of_an_upload_outlives_a_kill(tmp_path: Path, models: Path) -> None:
    begin = "/upload/storage/v1/b/sandbox-z-image-models/o?uploadType=resumable&name=big"
    data = b"".join(pieces(2 * MIB))
    with process(tmp_path / "storage", models) as (_, url), session() as client:
        where = client.post(url + begin, json={}).headers["Location"]
        half = client.put(where, data[:MIB], headers={"Content-Range": f"bytes 0-{MIB - 1}/*"})
        assert half.headers["Range"] == f"bytes=0-{MIB - 1}"
        where = where.removeprefix(url)
    with process(tmp_path / "storage", models) as (_, url), session() as client:
        asked = client.put(url + where, headers={"Content-Range": "bytes */*"})
        assert asked.headers["Range"] == f"bytes=0-{MIB - 1}"
        rest = {"Content-Range": f"bytes {MIB}-{2 * MIB - 1}/{2 * MIB}"}
        assert client.put(url + where, data[MIB:], headers=rest).json()["size"] == str(2 * MIB)
        path = "/storage/v1/b/sandbox-z-image-models/o/big?alt=media"
        assert client.get(url + path).content == data


def test_a_finished_object_outlives_a_kill(tmp_path: Path, models: Path) -> None:
    upload = "/upload/storage/v1/b/sandbox-z-image-models/o?uploadType=media&name="
    with process(tmp_path / "storage", models) as (_, url), session() as client:
        for number in range(20):
            assert client.post(f"{url}{upload}{number}", data=b"kept").status_code == 200
    with process(tmp_path / "storage", models) as (_, url), session() as client:
        listed = client.get(f"{url}/storage/v1/b/sandbox-z-image-models/o").json()["items"]
        assert len(listed) == 21
        for each in range(20):
            path = f"/storage/v1/b/sandbox-z-image-models/o/{each}?alt=media"
            assert client.get(url + path).content == b"kept"
