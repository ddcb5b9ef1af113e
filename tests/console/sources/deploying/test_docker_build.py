"""Docker run as a program: what it writes, how it fails, and that no secret gets anywhere."""

import asyncio
import json
import os
import stat
import sys
from contextlib import aclosing
from pathlib import Path

import pytest

from console.model.deploy.wish import ImageWay, ImageWish
from console.sources.base import Denied, EngineFailed, Missing, Offline, SourceError
from console.sources.deploying.docker_build import DockerBuilder
from console.sources.deploying.registry_login import RegistryLogin

TAG = "us-central1-docker.pkg.dev/p/z-image-cpu/z-image:src-0123"
SECRET = "ya29.very-secret"


def wish(context: Path) -> ImageWish:
    return ImageWish(
        way=ImageWay.DOCKER,
        repository="z-image-cpu",
        name="z-image",
        dockerfile="Dockerfile.optimized",
        context=str(context),
    )


def docker(folder: Path, script: str) -> dict[str, str]:
    """Return an environment in which `docker` is a program that does what `script` says."""
    program = folder / "docker"
    program.write_text(f"#!{sys.executable}\nimport json, os, subprocess, sys, time\n{script}")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder)}


async def written(lines: object) -> list[str]:
    return [str(each) async for each in lines]  # type: ignore[attr-defined]


SAYS_HOW = """
if sys.argv[1:] == ["buildx", "version"]:
    sys.exit(1)
print(json.dumps(sys.argv[1:]), os.environ["DOCKER_BUILDKIT"])
print("#1 one\\r#1 two\\r#1 \\x1b[31mthree\\x1b[0m")
print("x" * 200_000)
"""


async def test_lines_come_as_they_are_written_and_made_safe(tmp_path: Path) -> None:
    builder = DockerBuilder(docker(tmp_path, SAYS_HOW))
    lines = await written(builder.build(wish(tmp_path), TAG))
    command = json.loads(lines[0].removesuffix(" 1"))
    assert command == [
        *("build", "--platform", "linux/amd64", "--progress", "plain"),
        *("--file", str(tmp_path / "Dockerfile.optimized"), "--tag", TAG, str(tmp_path)),
    ]
    assert lines[1] == "#1 three"
    assert all(each.startswith("xxx") for each in lines[2:])
    assert 0 < sum(map(len, lines[2:])) <= 200_000


async def test_buildx_is_used_where_there_is_one(tmp_path: Path) -> None:
    says = "print(json.dumps(sys.argv[1:]))"
    lines = await written(DockerBuilder(docker(tmp_path, says)).build(wish(tmp_path), TAG))
    assert json.loads(lines[0])[:3] == ["buildx", "build", "--load"]


@pytest.mark.parametrize(
    ("says", "kind", "told"),
    [
        (
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. "
            "Is the docker daemon running?",
            Offline,
            "Docker's engine does not run here",
        ),
        (
            "ERROR: failed to solve: write /var/lib/docker/x: no space left on device",
            EngineFailed,
            "make room",
        ),
        (
            'ERROR: failed to solve: process "/bin/sh -c pip install" did not complete: 1',
            EngineFailed,
            "cannot build Dockerfile.optimized: ERROR: failed to solve: process",
        ),
        ("", EngineFailed, "docker ended with 7"),
    ],
    ids=["no engine", "no room", "a step fails", "silent"],
)
async def test_a_build_that_fails_says_why(
    tmp_path: Path, says: str, kind: type[SourceError], told: str
) -> None:
    script = f"""
if sys.argv[1:] == ["buildx", "version"]:
    sys.exit(0)
print({says!r}, file=sys.stderr)
sys.exit(7)
"""
    with pytest.raises(kind, match=told) as refused:
        await written(DockerBuilder(docker(tmp_path, script)).build(wish(tmp_path), TAG))
    assert "\n" not in str(refused.value)


async def test_no_docker_is_told_with_the_other_way(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="--build cloud"):
        await written(DockerBuilder({"PATH": str(tmp_path)}).build(wish(tmp_path), TAG))


async def test_a_build_that_nobody_waits_for_ends_with_all_it_started(tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    script = f"""
if sys.argv[1:] == ["buildx", "version"]:
    sys.exit(0)
pipe = open({str(held)!r}, "w")
child = subprocess.Popen(["sleep", "600"], stdout=pipe)
print("begun", flush=True)
child.wait()
"""
    builder = DockerBuilder(docker(tmp_path, script))
    # The pipe ends when the last process that holds it does.
    ended = asyncio.create_task(asyncio.to_thread(held.read_bytes))
    async with aclosing(builder.build(wish(tmp_path), TAG)) as lines:
        assert await anext(lines) == "begun"
        assert not ended.done()
    async with asyncio.timeout(10):
        assert await ended == b""


ASKS_THE_HELPER = """
settings = json.load(open(os.path.join(os.environ["DOCKER_CONFIG"], "config.json")))
host, helper = next(iter(settings["credHelpers"].items()))
said = subprocess.run(
    [f"docker-credential-{helper}", "get"], input=host.encode(), capture_output=True, check=True
)
print(json.dumps([sys.argv[1:], settings, json.loads(said.stdout)]))
print(json.dumps([open(os.path.join(folder, each)).read()
    for folder, _, names in os.walk(os.environ["DOCKER_CONFIG"]) for each in names]))
"""


async def test_a_push_logs_in_without_a_password_in_arguments_or_files(tmp_path: Path) -> None:
    (tmp_path / ".docker" / "contexts").mkdir(parents=True)
    own = {"auths": {"other.example": {"auth": "b3RoZXI="}}, "currentContext": "default"}
    (tmp_path / ".docker" / "config.json").write_text(json.dumps(own))

    async def token() -> str:
        return SECRET

    builder = DockerBuilder(docker(tmp_path, ASKS_THE_HELPER), token)
    first, files = map(json.loads, await written(builder.push(TAG)))
    arguments, settings, login = first
    assert arguments == ["push", TAG]
    assert settings == {
        "currentContext": "default",
        "credHelpers": {"us-central1-docker.pkg.dev": "zimage"},
    }
    assert login == {"Username": "oauth2accesstoken", "Secret": SECRET}
    assert all(SECRET not in each for each in files)


async def test_a_push_that_is_refused_names_permission_and_role(tmp_path: Path) -> None:
    script = 'print("denied: Permission \\"artifactregistry…\\" denied"); sys.exit(1)'
    with pytest.raises(Denied, match="cannot push us-central1") as refused:
        await written(DockerBuilder(docker(tmp_path, script)).push(TAG))
    assert refused.value.role == "roles/artifactregistry.writer"


def test_nothing_is_left_of_a_login(tmp_path: Path) -> None:
    with RegistryLogin("host.example", SECRET, {"HOME": str(tmp_path)}) as environment:
        folder = Path(environment["DOCKER_CONFIG"])
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()
    assert not os.path.exists(tmp_path / ".docker")
