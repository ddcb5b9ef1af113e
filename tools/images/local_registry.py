"""A registry on this machine, to push to and to run from by digest."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from images.docker_engine import Docker
from images.failure import CheckFailed
from images.machine import program

_START_SECONDS: Final = 30.0
_MANIFESTS: Final = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
)


@dataclass(frozen=True, slots=True)
class Pushed:
    """An image in a registry: its name with the digest, and its bytes as they were sent."""

    by_digest: str
    size: int


@contextmanager
def running_registry(scratch: Path) -> Iterator[str]:
    """Run a registry and yield its address, which any Docker engine takes without encryption."""
    home = scratch / "registry"
    home.mkdir()
    address = f"127.0.0.1:{_free_port()}"
    settings = home / "config.json"
    settings.write_text(json.dumps(_settings(address, home / "data")))
    with (home / "registry.log").open("wb") as log:
        command = [program("docker-registry"), "serve", str(settings)]
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_until_up(server, address)
        yield address
    finally:
        server.terminate()
        server.wait()


def push(docker: Docker, tag: str, registry: str) -> Pushed:
    """Push an image under its own name, and take it from the engine, so that it must be pulled."""
    repository = f"{registry}/z-image-cpu"
    docker("tag", tag, f"{repository}:check")
    docker("push", "--quiet", f"{repository}:check")
    listing = docker("inspect", "--format", '{{join .RepoDigests "\\n"}}', f"{repository}:check")
    by_digest = next((each for each in listing.splitlines() if each.startswith(repository)), "")
    if not by_digest:
        raise CheckFailed("the pushed image has no digest")
    docker("rmi", f"{repository}:check")
    docker("rmi", "--force", tag)
    return Pushed(by_digest, _stored_bytes(registry, by_digest.partition("@")[2]))


def _stored_bytes(registry: str, digest: str) -> int:
    url = f"http://{registry}/v2/z-image-cpu/manifests/{digest}"
    answer = httpx.get(url, headers={"accept": ", ".join(_MANIFESTS)}, trust_env=False)
    answer.raise_for_status()
    return sum(int(layer["size"]) for layer in answer.json()["layers"])


def _settings(address: str, data: Path) -> dict[str, object]:
    # JSON is YAML.
    return {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(data)}},
        "http": {"addr": address},
    }


def _wait_until_up(server: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"http://{address}/v2/", trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise CheckFailed("the local registry does not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
