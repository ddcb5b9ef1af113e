"""Long work that an interface in JSON has begun is waited for, and its end told."""

from __future__ import annotations

import pytest
from answering_rest import answering

from console.sources.base import AlreadyThere, Denied, Missing, Offline, SourceError
from console.sources.deploying.rest_operations import waited_for
from console.sources.google_errors import Asked

ASKED = Asked(
    "make repository a/b/c",
    "a",
    "artifactregistry.googleapis.com",
    "artifactregistry.repositories.create",
)
NAME = "projects/a/locations/b/operations/1"
BEGUN = {"name": NAME, "metadata": {"@type": "x"}}


class Naps:
    """Sleeps in no time, and notes how long it would have been."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


async def test_it_is_looked_after_until_it_is_done() -> None:
    naps = Naps()
    done = {**BEGUN, "done": True, "response": {"name": "c"}}
    async with answering({f"/v1/{NAME}": [BEGUN, BEGUN, BEGUN, done]}) as rest:
        assert await waited_for(rest, ASKED, BEGUN, naps) == {"name": "c"}
    assert naps.taken == [0.5, 1.0, 2.0, 2.0]


async def test_what_is_done_at_once_is_not_asked_for_again() -> None:
    naps = Naps()
    async with answering({}) as rest:
        assert await waited_for(rest, ASKED, {"done": True}, naps) == {}
    assert naps.taken == []


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        ({"code": 7, "message": "Permission 'a.b.c' denied"}, Denied, r"permission a\.b\.c is"),
        ({"code": 6, "message": "it exists"}, AlreadyThere, "refuses: it exists"),
        ({"code": 9, "message": "no\nbilling"}, SourceError, "refuses: no billing"),
        ({"code": 14, "message": "later"}, Offline, "later"),
        ({"code": 5}, Missing, "there is none"),
        ({"code": "odd", "message": "odd"}, SourceError, "odd"),
        ({"code": 999, "message": "odd"}, SourceError, "odd"),
    ],
)
async def test_its_error_is_that_of_a_refusal(
    error: dict[str, object], kind: type[SourceError], words: str
) -> None:
    async with answering({}) as rest:
        with pytest.raises(kind, match=words) as raised:
            await waited_for(rest, ASKED, {"done": True, "error": error}, Naps())
    assert raised.value.message.startswith("cannot make repository a/b/c")


async def test_what_never_ends_is_given_up() -> None:
    naps = Naps()
    async with answering({f"/v1/{NAME}": [BEGUN]}) as rest:
        with pytest.raises(Offline, match="it takes longer than 30"):
            await waited_for(rest, ASKED, BEGUN, naps)
    assert 300 <= sum(naps.taken) < 303
