"""What could be freed of what Docker keeps: this project's own, and nothing else."""

from __future__ import annotations

import pytest

from console.model.doctor import tools
from console.model.doctor.facts import (
    CacheRecord,
    Docker,
    DockerEngine,
    DockerImage,
    Program,
    Space,
)
from console.model.doctor.finding import State
from console.model.text import SafeText

OWN = DockerImage(SafeText("aaa"), SafeText("us-docker.pkg.dev/p/z-image/gpu:1"), 7_000_000_000)
THEIRS = DockerImage(SafeText("bbb"), SafeText("postgres:16"), 400_000_000)
USED = DockerImage(SafeText("ccc"), SafeText("z-image:latest"), 1_000, used=True)
OWN_CACHE = CacheRecord(SafeText("k1"), SafeText('cached mount from exec with id "zimage-pip"'), 5)
THEIR_CACHE = CacheRecord(SafeText("k2"), SafeText("mount / from exec /bin/sh -c npm ci"), 5)
ENGINE = DockerEngine(
    version=SafeText("28.2.2"),
    root=SafeText("/var/lib/docker"),
    here=True,
    images=(OWN, THEIRS, USED),
    cache=(OWN_CACHE, THEIR_CACHE),
    used=9_000_000_000,
)
DOCKER = Docker(Program(SafeText("/usr/bin/docker"), SafeText("28.2.2")), ENGINE)
FULL = Space(SafeText("/var/lib/docker"), 8_000_000_000, 100_000_000_000)


def test_only_what_is_this_project_s_and_unused_is_offered_for_removal() -> None:
    images, cache = tools.freeing(ENGINE)

    assert images.command == "docker image rm aaa"
    assert cache.command == ("for id in k1; do docker builder prune --force --filter id=$id; done")


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("z-image:latest", True),
        ("zimage", True),
        ("europe-docker.pkg.dev/p/z-image/cpu", True),
        ("europe-docker.pkg.dev/p/images/z-image-gpu:2", True),
        ("quiz-images:1", False),
        ("fuzz-image", False),
        ("zimages/thing", False),
        ("", False),
    ],
)
def test_an_image_is_this_project_s_by_its_name(name: str, own: bool) -> None:
    assert tools.is_own(DockerImage(SafeText("a"), SafeText(name), 1)) is own


def test_a_disk_with_room_for_one_kind_of_image_may_have_none_for_the_other() -> None:
    assert tools.build_space(DOCKER, FULL, gpu=False).state is State.OK
    found = tools.build_space(DOCKER, FULL, gpu=True)
    assert found.state is State.WRONG
    assert "a build for GPU takes about 20.0 GB" in found.found
    assert "Docker holds 9.0 GB, of it 2 images of this project" in found.found
    assert found.mends[0].command == "docker image rm aaa"


def test_a_docker_on_another_machine_is_not_judged_by_this_one() -> None:
    assert tools.build_space(DOCKER, None, gpu=True).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("text", "version"),
    [("28.2.2", (28, 2, 2)), ("27.0-rc.1", (27, 0, 0)), ("dev", None), ("", None)],
)
def test_versions_are_read_as_far_as_they_are_any(
    text: str, version: tuple[int, int, int] | None
) -> None:
    assert tools.version_of(text) == version
