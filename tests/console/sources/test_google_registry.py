"""What registries hold, over a real connection, and what names of images mean."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from google_over_http import answering
from hypothesis import given
from hypothesis import strategies as st
from scripted_google import NOON
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.model.image_name import ImageName, Repository
from console.sandbox.gateway import refusal
from console.sources.base import Denied, Missing

HERE = Repository("my-project", "us-central1", "z-image")
ONE, OTHER = ("sha256:" + digit * 64 for digit in "12")
PATH = "us-central1-docker.pkg.dev/my-project/z-image/gpu"
LIST = f"/v1/{HERE.resource}/dockerImages"


def image(name: str, size: object, uploaded: str, *tags: str) -> dict[str, object]:
    return {
        "name": f"{HERE.resource}/dockerImages/{name}",
        "imageSizeBytes": size,
        "tags": list(tags),
        "uploadTime": uploaded,
    }


def registry(*images: dict[str, object], pages: int = 100, **repository: object) -> list[Route]:
    """Serve one repository, its images so many on a page."""

    async def listed(request: Request) -> Response:
        first = int(request.query_params.get("pageToken", 0))
        more = {"nextPageToken": str(first + pages)} if first + pages < len(images) else {}
        return JSONResponse({"dockerImages": images[first : first + pages], **more})

    async def described(request: Request) -> Response:
        return JSONResponse({"name": HERE.resource, **repository})

    return [Route(LIST, listed), Route(f"/v1/{HERE.resource}", described)]


async def test_images_come_newest_first_with_what_all_of_it_takes_up() -> None:
    routes = registry(
        image(f"gpu@{ONE}", "3000", "2026-11-01T00:00:00Z", "v1"),
        image(f"gpu@{OTHER}", "3500", "2026-11-20T00:00:00.5Z", "v2", "latest"),
        image("cpu@sha256:3", "2000", "2026-11-10T00:00:00Z"),
        pages=2,
        sizeBytes="5200",
    )
    async with answering(routes) as cloud:
        facts = await cloud.registry.images(HERE)

    assert [(each.name, each.bytes) for each in facts.images] == [
        ("gpu", 3500),
        ("cpu", 2000),
        ("gpu", 3000),
    ]
    assert facts.images[0].tags == ("v2", "latest")
    assert facts.images[0].uploaded == datetime(2026, 11, 20, 0, 0, 0, 500_000, tzinfo=UTC)
    # Less than the sum of the images, which have layers in common.
    assert (facts.stored_bytes, facts.total_bytes) == (5200, 5200)
    assert (facts.region, facts.fetched_at) == ("us-central1", NOON)


async def test_what_present_revisions_use_is_told_apart() -> None:
    routes = registry(
        image(f"gpu@{ONE}", "3000", "2026-11-01T00:00:00Z", "v1"),
        image(f"gpu@{OTHER}", "3500", "2026-11-20T00:00:00Z", "latest"),
    )
    async with answering(routes) as cloud:
        facts = await cloud.registry.images(HERE)

    assert facts.total_bytes == 6500
    assert facts.used_bytes([f"{PATH}@{ONE}"]) == 3000
    assert facts.used_bytes([PATH]) == 3500
    assert facts.used_bytes([f"{PATH}:v1", f"{PATH}@{ONE}"]) == 3000
    assert facts.used_bytes([f"{PATH}:v1@{ONE}", PATH]) == 6500
    elsewhere = PATH.replace("my-project", "other-project")
    assert facts.used_bytes([f"{elsewhere}:v1", "ghcr.io/me/gpu:v1", "nonsense"]) == 0


@pytest.mark.parametrize("size", [None, "-1", "1e9", 3000, "٣", "9" * 30], ids=str)
async def test_a_size_that_is_not_said_is_not_nothing(size: object) -> None:
    odd = image(f"gpu@{ONE}", size, "soon", "v1")
    async with answering(registry(odd, sizeBytes=size)) as cloud:
        facts = await cloud.registry.images(HERE)

    assert (facts.images[0].bytes, facts.images[0].uploaded) == (None, None)
    assert facts.total_bytes is facts.used_bytes([f"{PATH}:v1"]) is None


async def test_an_empty_repository_takes_up_nothing() -> None:
    async with answering(registry(sizeBytes="0")) as cloud:
        facts = await cloud.registry.images(HERE)

    assert (facts.images, facts.total_bytes) == ((), 0)


async def test_a_missing_permission_is_named_with_its_role() -> None:
    async def answer(request: Request) -> Response:
        return refusal(
            403,
            "Permission 'artifactregistry.dockerimages.list' denied on resource "
            f"'//artifactregistry.googleapis.com/{HERE.resource}' (or it may not exist).",
        )

    async with answering([Route(LIST, answer)]) as cloud:
        with pytest.raises(Denied) as told:
            await cloud.registry.images(HERE)

    assert told.value.message == (
        "cannot read the images in my-project/us-central1/z-image: permission "
        "artifactregistry.dockerimages.list is missing; have roles/artifactregistry.reader granted "
        "in my-project"
    )


async def test_a_repository_that_is_gone_is_missing() -> None:
    async def answer(request: Request) -> Response:
        return refusal(404, "Requested entity was not found.")

    async with answering([Route(LIST, answer)]) as cloud:
        with pytest.raises(Missing, match="my-project/us-central1/z-image"):
            await cloud.registry.images(HERE)


async def test_names_are_made_safe() -> None:
    odd = image("gpu\x1b[2J@sha256:1", "1", "", "ta\x07g")
    async with answering(registry(odd)) as cloud:
        facts = await cloud.registry.images(HERE)

    (found,) = facts.images
    assert not any("\x1b" in each or "\x07" in each for each in (found.name, *found.tags))


NAMES = [
    (f"{PATH}:v1", ("us-central1", "my-project", "z-image", "gpu", "v1", "")),
    (f"{PATH}@{ONE}", ("us-central1", "my-project", "z-image", "gpu", "", ONE)),
    (f"{PATH}:v1@{ONE}", ("us-central1", "my-project", "z-image", "gpu", "v1", ONE)),
    (
        "europe-docker.pkg.dev/example.com:my-project/r/a/b_c",
        ("europe", "example.com:my-project", "r", "a/b_c", "", ""),
    ),
    (
        "local-1-docker.pkg.dev/sandbox/z-image/demo",
        ("local-1", "sandbox", "z-image", "demo", "", ""),
    ),
    ("gcr.io/my-project/app", ("us", "my-project", "gcr.io", "app", "", "")),
    ("eu.gcr.io/my-project/x/app:1", ("europe", "my-project", "eu.gcr.io", "x/app", "1", "")),
]


@pytest.mark.parametrize(("text", "parts"), NAMES)
def test_a_name_says_where_its_image_is(text: str, parts: tuple[str, ...]) -> None:
    name = ImageName.parse(text)

    place = name.repository
    assert (place.location, place.project, place.name, name.name, name.tag, name.digest) == parts


NO_NAMES = [
    "",
    "nginx",
    "docker.io/library/nginx:1",
    "ghcr.io/me/app",
    "us-central1-docker.pkg.dev/my-project/r",
    PATH.upper(),
    f"{PATH}:",
    f"{PATH}@sha256:12",
    f"{PATH}/../x",
    f"{PATH}//x",
    f"{PATH} ",
    "a" * 999,
]


@pytest.mark.parametrize("text", NO_NAMES)
def test_other_names_are_in_no_repository(text: str) -> None:
    with pytest.raises(ValueError, match="no image of Artifact Registry"):
        ImageName.parse(text)


@given(st.text(max_size=200))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert ImageName.parse(f"us-docker.pkg.dev/my-project/r/{text}").name in text


async def test_a_name_in_folders_is_the_one_that_revisions_have() -> None:
    nested = image(f"team%2Fgpu@{ONE}", "7", "2026-11-01T00:00:00Z", "v1")
    async with answering(registry(nested)) as cloud:
        facts = await cloud.registry.images(HERE)

    assert facts.used_bytes([PATH.replace("/gpu", "/team/gpu") + ":v1"]) == 7
