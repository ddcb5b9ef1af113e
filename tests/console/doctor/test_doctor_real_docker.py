"""What the doctor offers to remove, removed by a real Docker: all of others' is still there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from console.model.doctor import docker_space
from console.model.doctor.facts import DockerEngine
from console.model.text import SafeText
from console.sources.docker import DockerProgram

PATIENCE = 120.0
CLIENTS = [each for each in (shutil.which("docker"), "/usr/bin/docker") if each]
SHELL = ("/bin/sh", "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2")
TITLE = "org.opencontainers.image.title"
STEP = 'echo {0} > /cache/a # with id "{0}"'
"""A build step that names its cache mount, as newer engines do in their description of it."""

pytestmark = [
    pytest.mark.skipif(shutil.which("dockerd") is None, reason="there is no Docker engine"),
    pytest.mark.skipif(os.geteuid() != 0, reason="an engine of one's own takes root"),
    pytest.mark.skipif(not all(map(os.path.exists, SHELL)), reason="no shell to put into an image"),
]


@dataclass(frozen=True)
class RealDocker:
    """An engine that keeps everything in `folder`, and the program that talks to it."""

    folder: Path
    client: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{Path(self.client).parent}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "DOCKER_HOST": f"unix://{self.folder}/docker.sock",
            "DOCKER_BUILDKIT": "1",
        }

    def __call__(self, *arguments: str) -> str:
        return self.sh(self.client, *arguments)

    def sh(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def build(self, title: str, cache: str, *names: str) -> str:
        """Build an image with a title of its own and one cache mount; return its identifier."""
        context = self.folder / "context"
        for file in SHELL:
            (context / file[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, context / file[1:])
        (context / "Dockerfile").write_text(
            f"FROM scratch\nLABEL {TITLE}={title}\nCOPY . /\n"
            f"RUN --mount=type=cache,id={cache},target=/cache {STEP.format(cache)}\n"
            f"RUN echo {title} > /title\n"
        )
        tags = [word for name in names for word in ("--tag", name)]
        self("build", "--quiet", "--network", "none", *tags, str(context))
        return self("image", "inspect", "--format", "{{.Id}}", names[0])

    async def look(self) -> DockerEngine:
        found = await DockerProgram(self.environment).look()
        assert isinstance(found.engine, DockerEngine), found
        return found.engine

    def left(self) -> set[str]:
        listed = self("image", "ls", "--no-trunc", "--quiet").split()
        return {*listed, *self("volume", "ls", "--quiet").split()}


@contextmanager
def engine(folder: Path) -> Iterator[None]:
    command = [
        *("dockerd", "--host", f"unix://{folder}/docker.sock", "--data-root", f"{folder}/root"),
        *("--exec-root", f"{folder}/run", "--pidfile", f"{folder}/pid", "--bridge", "none"),
        *("--iptables=false", "--ip6tables=false"),
    ]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield
    finally:
        running.terminate()
        running.wait(PATIENCE)


@pytest.fixture
def docker() -> Iterator[RealDocker]:
    """An engine with nothing in it; its socket's path has to be a short one."""
    folder = Path(tempfile.mkdtemp(prefix="zd-", dir="/tmp"))
    try:
        with engine(folder):
            opened = next(
                (each for each in (RealDocker(folder, one) for one in CLIENTS) if builds(each)),
                None,
            )
            if opened is None:
                log = (folder / "log").read_text(encoding="utf-8", errors="replace")
                pytest.skip(f"no Docker here builds with BuildKit: {log[-300:]}")
            yield opened
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def builds(docker: RealDocker) -> bool:
    """Wait for the engine, and say whether this program can have it build."""
    ends = time.monotonic() + PATIENCE / 4
    while time.monotonic() < ends:
        with suppress(AssertionError):
            docker("info")
            break
    try:
        docker.build("nobody", "nothing", "nobody:1")
    except AssertionError:
        return False
    return True


async def test_what_is_offered_removes_this_project_s_own_and_nothing_else(
    docker: RealDocker,
) -> None:
    own = docker.build("zimage-engine-cpu", "zimage-pip", "z-image:1", "registry.test/p/engine:1")
    used = docker.build("zimage-engine-gpu", "zimage-cuda", "z-image:gpu")
    theirs = docker.build("their-z-image", "their-zimage-pip", "they/z-image:1", "zimage:latest")
    docker("create", "--name", "runs", "z-image:gpu", "/bin/sh")
    docker("volume", "create", "precious")
    before = await docker.look()
    owned = [each for each in before.images if docker_space.is_own(each)]
    assert {name for each in owned for name in each.names} == {
        *("z-image:1", "registry.test/p/engine:1", "z-image:gpu")
    }

    for mend in docker_space.freeing(before):
        docker.sh("sh", "-c", mend.command)

    after, left = await docker.look(), docker.left()
    assert own not in left
    assert {used, theirs, "precious"} <= left
    mounts = [each.description for each in after.cache if each.mount]
    assert [each for each in mounts if "their-zimage-pip" in each]
    assert not [each for each in mounts if '"zimage-' in each]
    assert docker_space.freeing(after) == ()
    layers = {each.id for each in before.cache if not each.mount}
    assert {each.id for each in after.cache} >= layers


async def test_the_sums_are_those_that_docker_prints(docker: RealDocker) -> None:
    docker.build("zimage-engine-cpu", "zimage-pip", "z-image:1")
    found = await docker.look()

    assert [str(each.kind) for each in found.kept] == [
        *("images", "containers", "volumes", "build cache")
    ]
    assert found.kept[0].bytes > 1_000_000
    assert (found.root, found.here) == (SafeText(f"{docker.folder}/root"), True)
    assert not found.silent
