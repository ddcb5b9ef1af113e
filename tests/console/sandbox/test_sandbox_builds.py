"""Builds by HTTP: taken in, carried out from a source in a bucket, and told of."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from open_project import PROJECT, REGION, OpenProject, open_project
from running_session import PATIENCE

from console.sandbox.json_calls import JsonObject
from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.log_filter import compiled

BUILDS = f"/v1/projects/{PROJECT}/locations/{REGION}/builds"
IMAGE = f"{REGION}-docker.pkg.dev/{PROJECT}/z-image/gpu:v1"
DOCKER = "gcr.io/cloud-builders/docker"
DOCKERFILE = "# syntax\nFROM scratch\nCOPY a \\\n  b /srv/\n"


@pytest_asyncio.fixture
async def project(tmp_path: Path) -> AsyncIterator[OpenProject]:
    async with asyncio.timeout(PATIENCE), open_project(tmp_path / "state") as project:
        yield project


def archive(**files: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content.encode()))
    return packed.getvalue()


async def upload(project: OpenProject, content: bytes) -> JsonObject:
    """Put a source into a bucket, and return how a build names it."""
    await project.post("/storage/v1/b", {"name": "sources", "location": REGION}, project=PROJECT)
    await project.http.post(
        "/upload/storage/v1/b/sources/o",
        params={"uploadType": "media", "name": "source/1.tgz"},
        content=content,
    )
    return {"storageSource": {"bucket": "sources", "object": "source/1.tgz"}}


def docker(*arguments: str) -> JsonObject:
    return {"name": DOCKER, "args": list(arguments)}


def image_build(source: JsonObject, **more: object) -> JsonObject:
    steps = [docker("build", "-t", "${_IMAGE}", ".")]
    asked = {"source": source, "steps": steps, "images": ["${_IMAGE}"]}
    return asked | {"substitutions": {"_IMAGE": IMAGE}} | more


async def finished(project: OpenProject, operation: JsonObject) -> JsonObject:
    """Wait until a build has ended, and return it."""
    identifier = operation["metadata"]["build"]["id"]
    build = operation["metadata"]["build"]
    while build["status"] in ("QUEUED", "WORKING"):
        build = await project.get(f"{BUILDS}/{identifier}")
    return build


async def test_a_build_makes_an_image_of_its_source(project: OpenProject) -> None:
    source = await upload(project, archive(Dockerfile=DOCKERFILE))
    operation = await project.post(BUILDS, image_build(source))
    build = await finished(project, operation)
    ended = await project.get(f"/v1/{operation['name']}")

    assert build["status"] == "SUCCESS"
    assert build["createTime"] <= build["startTime"] <= build["finishTime"]
    assert build["steps"][0]["args"][2] == IMAGE
    (pushed,) = build["results"]["images"]
    assert pushed["name"] == IMAGE
    assert (ended["done"], ended["response"]["id"]) == (True, build["id"])
    log = project.log('resource.type="build"')
    assert log[:3] == ["FETCHSOURCE", "Fetching storage object: gs://sources/source/1.tgz", "BUILD"]
    assert "Step #0: Step 2/2 : COPY a b /srv/" in log
    assert log[-1] == "DONE"


async def test_the_same_source_makes_the_same_digest(project: OpenProject) -> None:
    digests = []
    for content in (DOCKERFILE, DOCKERFILE, DOCKERFILE + "USER 1\n"):
        source = await upload(project, archive(Dockerfile=content))
        build = await finished(project, await project.post(BUILDS, image_build(source)))
        digests.append(build["results"]["images"][0]["digest"])

    assert digests[0] == digests[1] != digests[2]
    where = f"/v1/projects/{PROJECT}/locations/{REGION}/repositories/z-image/dockerImages"
    tags = {each["uri"]: each["tags"] for each in (await project.get(where))["dockerImages"]}
    path = IMAGE.removesuffix(":v1")
    assert (tags[f"{path}@{digests[0]}"], tags[f"{path}@{digests[2]}"]) == ([], ["v1"])


async def test_global_builds_are_listed_apart_from_those_of_a_region(
    project: OpenProject,
) -> None:
    everywhere = f"/v1/projects/{PROJECT}/builds"
    operation = await project.post(everywhere, {"steps": [docker("build", ".")]})
    await finished(project, operation)

    assert "/locations/global/" in operation["metadata"]["build"]["name"]
    assert len((await project.get(everywhere))["builds"]) == 1
    assert await project.get(BUILDS) == {}
    assert await project.get(everywhere, filter='status="SUCCESS"') == {}


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (docker("build", "-f", "Dockerfile.gpu", "."), "lstat /workspace/Dockerfile.gpu"),
        (docker("build", "--file=empty", "."), "(empty) cannot be empty"),
        (docker("push", "unknown"), "An image does not exist locally with the tag: unknown"),
        ({"name": "bash", "args": ["-c", "rm -rf /"]}, "docker build and docker push alone"),
        ({"name": DOCKER}, "docker build and docker push alone"),
    ],
)
async def test_a_step_that_fails_says_why_in_the_log(
    project: OpenProject, step: JsonObject, why: str
) -> None:
    source = await upload(project, archive(Dockerfile=DOCKERFILE, empty="# nothing\n"))
    operation = await project.post(BUILDS, {"source": source, "steps": [step]})
    build = await finished(project, operation)
    ended = await project.get(f"/v1/{operation['name']}")

    assert (build["status"], build["failureInfo"]["type"]) == ("FAILURE", "USER_BUILD_STEP")
    assert any(why in line for line in project.log('labels.build_step:"Step #0"'))
    assert project.log("severity=ERROR")[-1].startswith("ERROR: build step 0")
    assert ended["error"]["message"] == build["statusDetail"]


@pytest.mark.parametrize(
    "content", [b"no archive", archive(Dockerfile=DOCKERFILE)[:60]], ids=["none", "cut off"]
)
async def test_a_source_that_cannot_be_unpacked_fails_the_build(
    project: OpenProject, content: bytes
) -> None:
    source = await upload(project, content)
    build = await finished(project, await project.post(BUILDS, image_build(source)))

    assert build["failureInfo"]["type"] == "FETCH_SOURCE_FAILED"
    assert "gs://sources/source/1.tgz" in build["statusDetail"]


async def test_an_image_without_a_repository_cannot_be_pushed(project: OpenProject) -> None:
    source = await upload(project, archive(Dockerfile=DOCKERFILE))
    asked = image_build(source, substitutions={"_IMAGE": IMAGE.replace("z-image", "other")})
    build = await finished(project, await project.post(BUILDS, asked))

    assert build["failureInfo"]["type"] == "PUSH_FAILED"
    assert "/repositories/other" in build["statusDetail"]


@pytest.mark.parametrize(
    ("build", "why"),
    [
        ({}, "at least one step"),
        ({"steps": [{}]}, "must name the image"),
        ({"steps": [docker("${_NONE}")]}, '"_NONE" is not a valid built-in substitution'),
        ({"steps": [docker()], "substitutions": {"_UNUSED": "1"}}, '"_UNUSED"'),
        ({"steps": [docker()], "substitutions": {"lower": "1"}}, '"lower"'),
        ({"steps": [docker()], "timeout": "forever"}, "invalid timeout 'forever'"),
        ({"steps": [docker()], "timeout": "nans"}, "invalid timeout"),
    ],
)
async def test_a_build_that_cannot_be_run_is_refused(
    project: OpenProject, build: JsonObject, why: str
) -> None:
    refused = (await project.post(BUILDS, build))["error"]
    assert refused["code"] == 400
    assert why in refused["message"]


async def test_substitutions_are_put_in_wherever_they_stand(project: OpenProject) -> None:
    step = docker("build", "$_A-${PROJECT_ID}", "$$HOME", "$BUILD_ID")
    asked = {"steps": [step], "substitutions": {"_A": "a"}}
    build = (await project.post(BUILDS, asked))["metadata"]["build"]
    assert build["steps"][0]["args"] == ["build", f"a-{PROJECT}", "$HOME", build["id"]]


async def test_a_build_that_is_cancelled_ends_and_cannot_be_cancelled_again(
    tmp_path: Path,
) -> None:
    async with open_project(tmp_path / "state", instruction_seconds=3_600) as project:
        source = await upload(project, archive(Dockerfile=DOCKERFILE))
        operation = await project.post(BUILDS, image_build(source))
        name = f"{BUILDS}/{operation['metadata']['build']['id']}"
        cancelled = await project.post(f"{name}:cancel")
        again = await project.post(f"{name}:cancel")

    assert cancelled["status"] == "CANCELLED"
    assert again["error"]["message"] == "Build has already finished."


async def test_a_build_that_takes_too_long_is_broken_off(tmp_path: Path) -> None:
    async with open_project(tmp_path / "state", instruction_seconds=3_600) as project:
        source = await upload(project, archive(Dockerfile=DOCKERFILE))
        operation = await project.post(BUILDS, image_build(source, timeout="0.01s"))
        build = await finished(project, operation)

    assert (build["status"], build["statusDetail"]) == (
        "TIMEOUT",
        "the build took longer than 0.01 s",
    )


async def test_a_build_that_was_under_way_when_the_sandbox_ended_has_failed(
    tmp_path: Path,
) -> None:
    book = LogBook()
    async with open_project(tmp_path / "state", book, instruction_seconds=3_600) as project:
        source = await upload(project, archive(Dockerfile=DOCKERFILE))
        with book.listening(compiled('labels.build_step:"Step #0"')) as listener:
            operation = await project.post(BUILDS, image_build(source))
            await listener.news()
    async with open_project(tmp_path / "state", book) as project:
        build = await finished(project, operation)

    assert build["status"] == "INTERNAL_ERROR"
