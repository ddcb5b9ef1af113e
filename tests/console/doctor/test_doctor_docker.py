"""What could be freed of what Docker keeps: this project's own, and nothing else."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from console.model.doctor import docker_space, tools
from console.model.doctor.facts import (
    CacheRecord,
    Docker,
    DockerEngine,
    DockerImage,
    Kept,
    Program,
    Space,
)
from console.model.doctor.finding import State
from console.model.text import SafeText

REGISTRY = SafeText("us-docker.pkg.dev/p/z-image/gpu:1")
GPU, CPU = SafeText("zimage-engine-gpu"), SafeText("zimage-engine-cpu")
OWN = DockerImage(SafeText("aaa"), 7_000_000_000, title=GPU, names=(REGISTRY,))
THEIRS = DockerImage(SafeText("bbb"), 400_000_000)
USED = DockerImage(SafeText("ccc"), 1_000, used=True, title=CPU, names=(SafeText("z-image:1"),))
ID = SafeText("ym69rgx3jodxzj96n5fxtihtg")
MADE = 'cached mount /root/.cache/pip from exec /bin/sh -c pip install . with id "{}"'
OWN_CACHE = CacheRecord(ID, SafeText(MADE.format("zimage-pip")), 5, mount=True)
THEIR_CACHE = CacheRecord(
    SafeText("g9r9uubgzyqin1apnd7gdxszg"), SafeText(MADE.format("pip")), 5, mount=True
)
ENGINE = DockerEngine(
    version=SafeText("28.2.2"),
    root=SafeText("/var/lib/docker"),
    here=True,
    images=(OWN, THEIRS, USED),
    cache=(OWN_CACHE, THEIR_CACHE),
    kept=(
        Kept(SafeText("images"), 7_500_000_000),
        Kept(SafeText("containers"), 0),
        Kept(SafeText("volumes"), 500_000_000),
        Kept(SafeText("build cache"), 1_000_000_000),
    ),
)
DOCKER = Docker(Program(SafeText("/usr/bin/docker"), SafeText("28.2.2")), ENGINE)
FULL = Space(SafeText("/var/lib/docker"), 8_000_000_000, 100_000_000_000)


def test_only_what_is_this_project_s_and_unused_is_offered_for_removal() -> None:
    images, cache = docker_space.freeing(ENGINE)

    assert images.command == "docker image rm aaa"
    assert images.words == (
        f"would remove {REGISTRY}, which no container uses: at most 7.0 GB, less what is shared"
    )
    assert cache.command == f"docker builder prune --force --filter id={ID}"
    assert "1 cache mount of this project's builds (5 B)" in cache.words


def test_an_image_with_several_names_is_removed_by_all_of_them() -> None:
    here = replace(OWN, names=(REGISTRY, SafeText("z image; rm -rf /")))
    (images,) = docker_space.freeing(replace(ENGINE, images=(here,), cache=()))

    assert shlex.split(images.command) == ["docker", "image", "rm", *here.names]


def test_an_image_that_lost_its_name_to_a_newer_one_is_told_by_its_title() -> None:
    nameless = replace(OWN, names=())
    (images,) = docker_space.freeing(replace(ENGINE, images=(nameless,), cache=()))

    assert images.command == "docker image rm aaa"
    assert "zimage-engine-gpu without a name" in images.words


@pytest.mark.parametrize(
    ("title", "own"),
    [
        ("zimage-engine", True),
        ("zimage-engine-cpu", True),
        ("zimage-engine-gpu", True),
        ("Z-Image engine for CPUs", True),
        ("Z-Image engine for NVIDIA GPUs", True),
        ("zimage-engines", False),
        ("their-zimage-engine", False),
        ("Zimage-engine of somebody else", False),
        ("z-image", False),
        ("", False),
    ],
)
def test_an_image_is_this_project_s_by_its_title_and_not_by_what_it_is_called(
    title: str, own: bool
) -> None:
    names = (SafeText("z-image:latest"),)
    assert docker_space.is_own(DockerImage(ID, 1, title=SafeText(title), names=names)) is own


def test_what_the_dockerfiles_of_this_project_write_is_this_project_s() -> None:
    files = sorted(Path(__file__).parents[3].glob("Dockerfile.*"))
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        titles = re.findall(r'image\.title="?([\w -]+\w)', text)
        caches = re.findall(r"--mount=type=cache,id=([^,\s]+)", text)
        images = [DockerImage(ID, 1, title=SafeText(title)) for title in titles]
        records = [CacheRecord(ID, SafeText(MADE.format(each)), 1, mount=True) for each in caches]
        assert (len(titles), bool(caches)) == (1, True), file
        assert all(map(docker_space.is_own, images)), titles
        assert all(map(docker_space.is_own_cache, records)), caches


@pytest.mark.parametrize(
    ("description", "own"),
    [
        (MADE.format("zimage-pip"), True),
        (MADE.format("team/zimage-apt"), True),
        (MADE.format("their-zimage-pip"), False),
        (MADE.format("zimage"), False),
        ("cached mount /zimage-pip from exec /bin/sh -c pip install .", False),
        ("mount / from exec /bin/sh -c make zImage", False),
        ('cached mount /c from exec sh -c echo with id "zimage-pip" && npm ci', False),
        ("", False),
    ],
)
def test_a_cache_mount_is_this_project_s_by_its_identifier(description: str, own: bool) -> None:
    record = CacheRecord(ID, SafeText(description), 5, mount=True)

    assert docker_space.is_own_cache(record) is own
    assert not docker_space.is_own_cache(replace(record, mount=False))


@pytest.mark.parametrize("identifier", ["k1", "", "*", "$(id)", "ym69rgx3jodxzj96n5fxtih.g"])
def test_an_identifier_that_could_mean_others_as_well_is_not_offered(identifier: str) -> None:
    record = replace(OWN_CACHE, id=SafeText(identifier))

    assert docker_space.freeing(replace(ENGINE, images=(), cache=(record,))) == ()


def test_what_is_in_use_is_not_offered() -> None:
    record = replace(OWN_CACHE, in_use=True)

    assert docker_space.freeing(replace(ENGINE, images=(USED, THEIRS), cache=(record,))) == ()


def test_a_disk_with_room_for_one_kind_of_image_may_have_none_for_the_other() -> None:
    assert docker_space.build_space(DOCKER, FULL, gpu=False).state is State.OK
    found = docker_space.build_space(DOCKER, FULL, gpu=True)
    assert found.state is State.WRONG
    assert found.found == (
        "8.0 GB free in /var/lib/docker, a build for GPU takes about 20.0 GB; Docker holds images "
        "7.5 GB, containers 0 B, volumes 500.0 MB, build cache 1.0 GB; 2 images of this project "
        "(7.0 GB with what they share)"
    )
    assert found.mends[0].command == "docker image rm aaa"


def test_a_docker_that_is_still_adding_up_is_judged_by_the_disk_alone() -> None:
    engine = DockerEngine(
        version=SafeText("28.2.2"), root=ENGINE.root, here=True, silent=SafeText("no answer")
    )
    found = docker_space.build_space(replace(DOCKER, engine=engine), FULL, gpu=False)

    assert found.state is State.OK
    assert "what Docker holds is not known: no answer" in found.found


def test_a_docker_on_another_machine_is_not_judged_by_this_one() -> None:
    assert docker_space.build_space(DOCKER, None, gpu=True).state is State.UNKNOWN


def test_a_docker_that_cannot_build_these_images_says_what_it_lacks() -> None:
    assert tools.docker(DOCKER).state is State.OK
    assert tools.docker(replace(DOCKER, buildx=True)).state is State.OK
    found = tools.docker(replace(DOCKER, buildx=False))
    assert found.state is State.WARNING
    assert "lacks buildx" in found.found
    assert "docker-buildx-plugin" in found.mends[0].words


@pytest.mark.parametrize(
    ("text", "version"),
    [("28.2.2", (28, 2, 2)), ("27.0-rc.1", (27, 0, 0)), ("dev", None), ("", None)],
)
def test_versions_are_read_as_far_as_they_are_any(
    text: str, version: tuple[int, int, int] | None
) -> None:
    assert tools.version_of(text) == version
