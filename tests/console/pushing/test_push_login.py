"""A login that runs out while a file is sent is renewed, and nothing else is sent again for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from google.auth import credentials
from google.auth.transport.requests import AuthorizedSession
from google.cloud import storage as google_storage
from push_scene import BUCKET, MIB, Scene

from console.sources.object_writer import BucketWriter


class Short(credentials.Credentials):
    """A login whose tokens are taken only until the door has another word."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self.door = door
        self.renewed = 0
        self.token = "token-0"

    def refresh(self, request: object) -> None:
        self.renewed += 1
        self.token = self.door.word


class Door(ThreadingHTTPServer):
    """Lets requests with the right token through, one after the other, to `behind`."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), Doorkeeper)
        self.behind = behind
        self.word = "token-0"
        self.parts = 0
        self.refused = 0
        self.session = requests.Session()
        self.session.trust_env = False


class Doorkeeper(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Door

    def do_ANY(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers["authorization"] != f"Bearer {self.server.word}":
            self.server.refused += 1
            self._answer(401, {}, b"Unauthorized")
            return
        if "partNumber" in self.path:
            self.server.parts += 1
            if self.server.parts == 2:
                self.server.word = "token-1"
        kept = {key: value for key, value in self.headers.items() if key.lower() != "host"}
        answer = self.server.session.request(
            self.command, self.server.behind + self.path, data=body, headers=kept
        )
        self._answer(answer.status_code, answer.headers, answer.content)

    def _answer(self, status: int, headers: object, body: bytes) -> None:
        self.send_response(status)
        for name, value in dict(headers).items():  # type: ignore[call-overload]
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_ANY

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def door(at: Scene) -> Iterator[Door]:
    with Door(at.served.url) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        yield server
        server.shutdown()
        serving.join()
        server.session.close()


def test_a_token_that_runs_out_is_renewed_on_the_way(
    at: Scene, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = at.file(23 * MIB)
    login = Short(door)
    session = AuthorizedSession(login)
    session.trust_env = False
    at.served.sessions.append(session)
    client = google_storage.Client(
        project="sandbox",
        credentials=login,
        client_options={"api_endpoint": f"http://127.0.0.1:{door.server_port}"},
        _http=session,
    )
    monkeypatch.setattr(at, "writer", lambda: BucketWriter(client, BUCKET))

    _, meter = at.push(path)

    assert at.holds(path)
    assert door.refused >= 1
    assert login.renewed >= 1
    assert meter.file.failures == 0
    assert meter.file.again <= at.threads * 5 * MIB
