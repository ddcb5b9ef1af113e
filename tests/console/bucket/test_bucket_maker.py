"""What a cloud may answer to the maker of buckets, apart from what the sandbox does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.model.models.bucket_settings import BucketSettings, SafeSettings, Setting
from console.sandbox.faults import Faults
from console.sandbox.gateway import Gateway
from console.sources.base import Malformed, Overtaken, SourceError, Throttled
from console.sources.bucket_making import BucketMaker, NameTaken
from console.sources.storage import CloudStorage, on_loopback

SAFE = SafeSettings("us-central1")
BUCKET: dict[str, Any] = {"name": "models", "location": "US-CENTRAL1", "metageneration": "4"}
Answer = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def maker(answer: Answer) -> AsyncIterator[BucketMaker]:
    """Open the way to a cloud that answers so to whatever is asked."""
    methods = ["GET", "POST", "PATCH"]
    gateway = Gateway([Route("/{path:path}", answer, methods=methods)], Faults())
    address = await gateway.open()
    source = CloudStorage(lambda: on_loopback(address))
    try:
        yield source.maker()
    finally:
        await source.aclose()
        await gateway.close()


def refusing(status: int, message: str) -> Answer:
    async def answer(request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse(BUCKET)
        return JSONResponse({"error": {"code": status, "message": message}}, status)

    return answer


async def made_and_changed(answer: Answer) -> list[SourceError]:
    """Return how both making and changing a bucket were refused."""
    refused = []
    async with maker(answer) as buckets:
        with pytest.raises(SourceError) as making:
            await buckets.create("acme", "models", SAFE)
        refused.append(making.value)
        observed = await buckets.settings("models")
        with pytest.raises(SourceError) as changing:
            await buckets.change(observed, SAFE, [Setting.PUBLIC_ACCESS])
        refused.append(changing.value)
    return refused


async def test_what_an_organisation_forbids_is_told_in_its_words() -> None:
    words = "'us-central1' violates constraint 'constraints/gcp.resourceLocations'"
    for error in await made_and_changed(refusing(412, words)):
        assert not isinstance(error, Overtaken)
        assert "constraints/gcp.resourceLocations" in error.message


async def test_too_many_questions_are_told_as_such() -> None:
    words = "The project exceeded the rate limit for creating and deleting buckets."
    making, changing = await made_and_changed(refusing(429, words))
    assert isinstance(making, Throttled)
    assert isinstance(changing, Throttled)
    assert "exceeded the rate limit" in making.message


async def test_a_taken_name_is_ones_own_only_if_the_cloud_says_so() -> None:
    own = "Your previous request to create the named bucket succeeded and you already own it."
    for words, ours in ((own, True), ("The requested bucket name is not available.", False)):
        async with maker(refusing(409, words)) as buckets:
            with pytest.raises(NameTaken) as taken:
                await buckets.create("acme", "models", SAFE)
        assert taken.value.ours is ours


@pytest.mark.parametrize(
    "said",
    [
        {"metageneration": "many"},
        {"metageneration": "-1"},
        {"softDeletePolicy": {"retentionDurationSeconds": "long"}},
        {"softDeletePolicy": {"retentionDurationSeconds": "9" * 19}},
        {"timeCreated": "yesterday"},
    ],
    ids=str,
)
async def test_an_answer_that_makes_no_sense_is_told_as_such(said: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        await _settings(BUCKET | said)


@pytest.mark.parametrize(
    "said",
    [
        {"lifecycle": {"rule": "none"}},
        {"lifecycle": []},
        {"lifecycle": {"rule": [None, 3, {"action": "x", "condition": {"age": "7"}}]}},
        {"iamConfiguration": {"uniformBucketLevelAccess": "yes", "publicAccessPrevention": 1}},
        {"location": "\x1b[31mUS\n", "storageClass": {}},
        {"billing": "you"},
    ],
    ids=str,
)
async def test_what_is_odd_in_an_answer_counts_as_unsaid_and_is_safe_to_show(
    said: dict[str, Any],
) -> None:
    found = await _settings(BUCKET | said)
    assert not any(each.clears_uploads for each in found.rules)
    assert found.public_access_prevented is not True
    assert found.location.isprintable()
    assert all(each.text.isascii() and each.text.isprintable() for each in found.rules)


async def _settings(resource: dict[str, Any]) -> BucketSettings:
    async def answer(request: Request) -> Response:
        return JSONResponse(resource)

    async with maker(answer) as buckets:
        return await buckets.settings("models")
