"""A door before a storage, over HTTP, that lets requests through, refuses them or loses answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

import requests


class Door(ThreadingHTTPServer):
    """Hands requests on to `behind`, one after the other."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Doorkeeper)
        self.behind = behind
        self.asked: list[tuple[str, str]] = []
        self.session = requests.Session()
        self.session.trust_env = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def refusal(self, method: str, path: str, authorization: str) -> tuple[int, bytes] | None:
        """Return what is answered in the storage's place, None to hand a request on."""
        return None

    def loses(self, method: str, path: str) -> bool:
        """Say whether the answer to a request that was carried out is lost."""
        return False


_Door = TypeVar("_Door", bound=Door)


class _Doorkeeper(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Door

    def do_ANY(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append((self.command, self.path))
        refusal = self.server.refusal(
            self.command, self.path, self.headers.get("authorization", "")
        )
        if refusal is not None:
            self._answer(refusal[0], {}, refusal[1])
            return
        kept = {key: value for key, value in self.headers.items() if key.lower() != "host"}
        answer = self.server.session.request(
            self.command, self.server.behind + self.path, data=body, headers=kept
        )
        if self.server.loses(self.command, self.path):
            self.close_connection = True
            return
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


@contextmanager
def open_door(kind: Callable[[str], _Door], behind: str) -> Iterator[_Door]:
    """Yield a door of a kind before the storage at `behind`, served from a thread."""
    with kind(behind) as door:
        serving = threading.Thread(target=door.serve_forever, args=(0.02,))
        serving.start()
        try:
            yield door
        finally:
            door.shutdown()
            serving.join()
            door.session.close()
