"""A login that runs out while a file is sent is renewed, and nothing else is sent again for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from door import Door, open_door
from google.auth import credentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud import storage as google_storage
from push_scene import BUCKET, MIB, Scene

from console.sources.object_writer import BucketWriter


class Short(credentials.Credentials):
    """A login whose tokens are taken only until the door has another word."""

    def __init__(self, door: WordedDoor) -> None:
        super().__init__()
        self.door = door
        self.renewed = 0
        self.token = "token-0"

    def refresh(self, request: object) -> None:
        self.renewed += 1
        self.token = self.door.word


class WordedDoor(Door):
    """Lets nobody through without the word of the moment, which changes with the second part."""

    def __init__(self, behind: str) -> None:
        super().__init__(behind)
        self.word = "token-0"
        self.parts = 0
        self.refused = 0

    def refusal(self, method: str, path: str, authorization: str) -> tuple[int, bytes] | None:
        if authorization != f"Bearer {self.word}":
            self.refused += 1
            return 401, b"Unauthorized"
        if "partNumber" in path:
            self.parts += 1
            if self.parts == 2:
                self.word = "token-1"
        return None


@pytest.fixture
def door(at: Scene) -> Iterator[WordedDoor]:
    with open_door(WordedDoor, at.served.url) as opened:
        yield opened


def test_a_token_that_runs_out_is_renewed_on_the_way(
    at: Scene, door: WordedDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = at.file(23 * MIB)
    login = Short(door)
    session = AuthorizedSession(login)
    session.trust_env = False
    at.served.sessions.append(session)
    client = google_storage.Client(
        project="sandbox",
        credentials=login,
        client_options={"api_endpoint": door.url},
        _http=session,
    )
    monkeypatch.setattr(at, "writer", lambda: BucketWriter(client, BUCKET))

    _, meter = at.push(path)

    assert at.holds(path)
    assert door.refused >= 1
    assert login.renewed >= 1
    assert meter.file.failures == 0
    assert meter.file.again <= at.threads * 5 * MIB
