"""What an image runs on is found out, whatever form the image has and whatever it says."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from answering_rest import answering

from console.model.image_name import ImageName
from console.sources.deploying.image_platform import platform_of

DIGEST, CONFIG = "sha256:" + "1" * 64, "sha256:" + "2" * 64
URI = f"us-central1-docker.pkg.dev/my-project/z-image/engine@{DIGEST}"
WHERE = "/v2/my-project/z-image/engine"
MANIFEST = {"config": {"digest": CONFIG}}


def of(architecture: object, system: str = "linux") -> dict[str, object]:
    return {"platform": {"architecture": architecture, "os": system}}


async def platform(answers: dict[str, Sequence[object]], **told: object) -> str | None:
    async with answering(answers) as rest:
        return await platform_of(rest, ImageName.parse(URI), URI, told)


async def test_it_is_read_from_the_configuration_of_the_image() -> None:
    answers = {
        f"{WHERE}/manifests/{DIGEST}": [MANIFEST],
        f"{WHERE}/blobs/{CONFIG}": [{"architecture": "arm64", "os": "linux"}],
    }
    assert await platform(answers) == "arm64"


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([of("arm64"), of("amd64")], "amd64"),
        ([of("amd64", "windows"), of("arm64"), of("unknown", "unknown")], "arm64"),
        ([of("unknown", "unknown")], None),
        ([{"platform": 1}, 2], None),
    ],
    ids=["several", "another system", "attestation", "odd"],
)
async def test_of_several_the_one_that_would_run_is_told(
    listed: list[object], said: str | None
) -> None:
    assert await platform({f"{WHERE}/manifests/{DIGEST}": [{"manifests": listed}]}) == said


async def test_what_the_registry_tells_is_not_looked_up() -> None:
    told = [{"architecture": "arm64", "os": "linux"}, {"architecture": "amd64", "os": "linux"}]
    assert await platform({}, imageManifests=told) == "amd64"


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {f"{WHERE}/manifests/{DIGEST}": [403]},
        {f"{WHERE}/manifests/{DIGEST}": [[1]]},
        {f"{WHERE}/manifests/{DIGEST}": [{"config": {"digest": "../secrets"}}]},
        {f"{WHERE}/manifests/{DIGEST}": [MANIFEST]},
        {
            f"{WHERE}/manifests/{DIGEST}": [MANIFEST],
            f"{WHERE}/blobs/{CONFIG}": [{"architecture": "\x1b[31mred"}],
        },
    ],
    ids=["gone", "denied", "no object", "odd digest", "no configuration", "hostile word"],
)
async def test_what_cannot_be_found_out_is_not_known(answers: dict[str, Sequence[object]]) -> None:
    assert await platform(answers) is None
