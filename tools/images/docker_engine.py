"""A Docker engine of its own: own socket, own data, no trace in the machine's network rules."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from images.failure import CannotCheck, CheckFailed
from images.machine import program

NETWORK: Final = "zimage-check"
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 30.0
# Far more than anything here takes: what hangs must still end.
_LONGEST: Final = 1800.0


@dataclass(frozen=True, slots=True)
class Docker:
    """The command line client of the engine behind `socket`."""

    socket: Path

    def __call__(self, *arguments: str, timeout: float = _LONGEST) -> str:
        """Return what a command prints; raises `CheckFailed` with its last line."""
        done = subprocess.run(
            [program("docker"), *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode:
            why = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
            raise CheckFailed(f"docker {arguments[0]} failed: {why[-1]}")
        return done.stdout.strip()

    def logs(self, container: str) -> list[str]:
        """Return the lines that a container wrote, to standard output or error."""
        done = subprocess.run(
            [program("docker"), "logs", container],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        return done.stdout.splitlines()

    def environment(self) -> dict[str, str]:
        """Return the variables under which the client speaks to this engine, and to no other."""
        ours = {"DOCKER_HOST": f"unix://{self.socket}", "DOCKER_BUILDKIT": "1"}
        # Whoever uses the machine may have a context of their own, or be logged in somewhere.
        return {**os.environ, **ours, "DOCKER_CONFIG": str(self.socket.parent / "client")}


@contextmanager
def running_engine(scratch: Path) -> Iterator[Docker]:
    """Start an engine under `scratch`, and end it with its containers and mounts.

    Raises `CannotCheck` if it does not start here.
    """
    home = scratch / "docker"
    home.mkdir()
    docker = Docker(home / "docker.sock")
    with (home / "engine.log").open("wb") as log:
        engine = subprocess.Popen(
            _command(home, docker), stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_until_up(engine, docker, home / "engine.log")
        # Containers are spoken to over its bridge: nothing is published, nothing reaches out.
        docker("network", "create", NETWORK)
        yield docker
    finally:
        _end(engine, docker, home)


def _command(home: Path, docker: Docker) -> list[str]:
    return [
        program("dockerd"),
        f"--host=unix://{docker.socket}",
        f"--data-root={home / 'data'}",
        f"--exec-root={home / 'run'}",
        f"--pidfile={home / 'pid'}",
        # The machine's other engines keep their bridge and their rules.
        "--bridge=none",
        "--iptables=false",
        "--ip-masq=false",
        "--default-ulimit=nofile=4096:4096",
    ]


def _wait_until_up(engine: subprocess.Popen[bytes], docker: Docker, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if engine.poll() is not None:
            break
        with suppress(CheckFailed, subprocess.TimeoutExpired):
            docker("version", "--format", "{{.Server.Version}}", timeout=5)
            return
        time.sleep(0.1)
    lines = log.read_text(errors="replace").strip().splitlines() or ["it says nothing"]
    raise CannotCheck(f"the Docker engine does not start here: {lines[-1]:.300}")


def _end(engine: subprocess.Popen[bytes], docker: Docker, home: Path) -> None:
    if engine.poll() is None:
        with suppress(CheckFailed, subprocess.TimeoutExpired):
            if containers := docker("ps", "--all", "--quiet", timeout=30).split():
                docker("rm", "--force", "--volumes", *containers, timeout=60)
            docker("network", "rm", NETWORK, timeout=30)
        engine.terminate()
    try:
        engine.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        engine.kill()
        engine.wait()
    unmount_below(home)


def unmount_below(folder: Path) -> None:
    """Take away the mounts in `folder`, the innermost first."""
    mounts = [line.split(" ")[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for mount in sorted((each for each in mounts if each.startswith(f"{folder}/")), reverse=True):
        subprocess.run(["umount", "--lazy", mount], capture_output=True, check=False)
