"""A bucket on loopback that does to each request for bytes what a test says."""

from __future__ import annotations

import base64
import json
import re
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import google_crc32c

BUCKET = "models"
_OBJECTS = f"/storage/v1/b/{BUCKET}/o"
_ACCOUNT = "/computeMetadata/v1/instance/service-accounts/default/token"


class Trouble(Enum):
    """What happens to one request for bytes."""

    NONE = auto()
    UNAVAILABLE = auto()
    THROTTLED = auto()
    RESET = auto()
    SHORT = auto()
    STALL = auto()
    DAMAGED = auto()
    OTHER_RANGE = auto()
    TEAPOT = auto()


@dataclass
class Asked:
    """A request that came."""

    path: str
    range: str
    token: str


@dataclass
class FaultyBucket:
    """What the server serves and does; a test may change everything at any time."""

    objects: dict[str, bytes] = field(default_factory=dict)
    generation: int = 1_000
    troubles: deque[Trouble] = field(default_factory=deque)
    always: Trouble = Trouble.NONE
    damaged: str = ""
    checksums: bool = True
    denied: str = ""
    lists: bool = True
    valid: str = ""
    tokens: list[str] = field(default_factory=list)
    lifetime: int = 3_600
    on_bytes: Callable[[], None] = lambda: None
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    processes: int = 0

    def put(self, directory: Path, folder: str = "") -> None:
        """Hold the files of a directory."""
        for file in directory.iterdir():
            self.objects[folder + file.name] = file.read_bytes()

    def replace(self, name: str, data: bytes) -> None:
        """Put another object in the place of one."""
        self.objects[name] = data
        self.generation += 1

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a process that is to find this bucket."""
        return {"STORAGE_EMULATOR_HOST": self.url}

    def reads(self, name: str) -> list[str]:
        """Return which ranges of an object were asked for."""
        return [each.range for each in self.asked if each.path == f"{_OBJECTS}/{name}"]


class Handler(BaseHTTPRequestHandler):
    """Answers on one connection."""

    protocol_version = "HTTP/1.1"
    bucket: FaultyBucket

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        path, query = unquote(parts.path), parse_qs(parts.query)
        said = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.bucket.asked.append(Asked(path, self.headers.get("Range", ""), said))
        if path == _ACCOUNT and self.headers.get("Metadata-Flavor") == "Google":
            self._token()
        elif self.bucket.valid and said != self.bucket.valid:
            self._say(401, {"error": {"message": "Invalid Credentials"}})
        elif self.bucket.denied and self.bucket.denied in ("list" if path == _OBJECTS else "get"):
            self._say(403, {"error": {"message": "Permission denied"}})
        elif path == _OBJECTS and self.bucket.lists:
            self._list(query.get("prefix", [""])[0])
        elif path.startswith(f"{_OBJECTS}/"):
            self._media(path.removeprefix(f"{_OBJECTS}/"), query)
        else:
            self._say(404, {})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length).decode()
        self.bucket.asked.append(Asked(self.path, "", body))
        self._token()

    def log_message(self, format: str, *args: Any) -> None: ...

    def _token(self) -> None:
        if not self.bucket.tokens:
            self._say(400, {"error": "invalid_grant"})
            return
        token = self.bucket.tokens.pop(0)
        self._say(200, {"access_token": token, "expires_in": self.bucket.lifetime})

    def _list(self, prefix: str) -> None:
        items = []
        folders = set()
        for name, data in sorted(self.bucket.objects.items()):
            below = name.removeprefix(prefix)
            if not name.startswith(prefix):
                continue
            if "/" in below:
                folders.add(prefix + below.partition("/")[0] + "/")
                continue
            checksum = base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()
            item = {"name": name, "size": str(len(data)), "generation": str(self.bucket.generation)}
            items.append(item | ({"crc32c": checksum} if self.bucket.checksums else {}))
        self._say(200, {"items": items, "prefixes": sorted(folders)})

    def _media(self, name: str, query: dict[str, list[str]]) -> None:
        self.bucket.on_bytes()
        trouble = self.bucket.troubles.popleft() if self.bucket.troubles else self.bucket.always
        data = self.bucket.objects.get(name)
        if data is None or query["generation"] != [str(self.bucket.generation)]:
            self._say(404, {})
        elif trouble in (Trouble.UNAVAILABLE, Trouble.THROTTLED, Trouble.TEAPOT):
            status = {Trouble.UNAVAILABLE: 503, Trouble.THROTTLED: 429, Trouble.TEAPOT: 418}
            self._say(status[trouble], {})
        else:
            self._send(data, trouble)

    def _send(self, data: bytes, trouble: Trouble) -> None:
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"])
        assert match
        first, last = int(match[1]), int(match[2])
        body = data[first : last + 1]
        ends = self.bucket.damaged and data is self.bucket.objects.get(self.bucket.damaged)
        if trouble is Trouble.DAMAGED or (ends and last + 1 == len(data)):
            body = body[:-1] + bytes([body[-1] ^ 1])
        shift = 1 if trouble is Trouble.OTHER_RANGE else 0
        self.send_response(206)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Range", f"bytes {first + shift}-{last}/{len(data)}")
        self.send_header("X-Goog-Generation", str(self.bucket.generation))
        self.end_headers()
        if trouble in (Trouble.RESET, Trouble.SHORT, Trouble.STALL):
            self.wfile.write(body[: len(body) // 2])
            self._break_off(trouble)
            return
        self.wfile.write(body)

    def _break_off(self, trouble: Trouble) -> None:
        self.wfile.flush()
        if trouble is Trouble.STALL:
            self.connection.recv(1)  # until the other end has had enough
        if trouble is Trouble.RESET:
            # Closing without waiting for what was sent resets the connection.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def _say(self, status: int, body: dict[str, object]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Metadata-Flavor", "Google")
        self.end_headers()
        self.wfile.write(data)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up."""


@contextmanager
def faulty_bucket() -> Iterator[FaultyBucket]:
    """Serve an empty bucket."""
    bucket = FaultyBucket()
    server = _Server(("127.0.0.1", 0), type("Own", (Handler,), {"bucket": bucket}))
    bucket.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
