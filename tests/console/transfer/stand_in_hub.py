"""A stand-in for the Hugging Face hub on loopback, with a second port as its "CDN".

It answers what `huggingface_hub` asks (`/{repo}/resolve/{revision}/{path}` with the hub's headers,
`/api/models/{repo}/paths-info/{revision}`) and keeps a list of what it was asked. Faults are handed
to it one by one, each for one answer of the CDN or of the hub.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

CHUNK = 64 * 1024
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True)
class Fault:
    """What goes wrong with one answer; `after` is how many bytes come before."""

    kind: str
    after: int = 0
    status: int = 503
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Asked:
    """One request: to the `hub` or to the `cdn`."""

    whom: str
    method: str
    path: str
    headers: dict[str, str]

    @property
    def start(self) -> int:
        """From which byte on."""
        span = self.headers.get("range", "bytes=0-")
        return int(span.removeprefix("bytes=").partition("-")[0])


@dataclass
class StandInHub:
    """What it holds, what goes wrong next, and what it was asked."""

    files: dict[str, bytes] = field(default_factory=dict)
    sums: dict[str, str] = field(default_factory=dict)
    hub_faults: deque[Fault] = field(default_factory=deque)
    cdn_faults: deque[Fault] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    sent: int = 0
    pause: float = 0.0
    small: frozenset[str] = frozenset()
    own_tag: bool = False
    commit: str = COMMIT
    endpoint: str = ""
    cdn: str = ""
    moved: threading.Condition = field(default_factory=threading.Condition)

    def publish(self, repository: str, path: str, content: bytes) -> None:
        """Hold a file."""
        self.files[f"{repository}/{path}"] = content
        self.sums[f"{repository}/{path}"] = hashlib.sha256(content).hexdigest()

    def starts(self) -> list[int]:
        """Return from which bytes on the CDN was asked."""
        return [each.start for each in self.asked if each.whom == "cdn"]

    def wait_sent(self, count: int, seconds: float = 30.0) -> None:
        """Wait until so many bytes were sent in all."""
        with self.moved:
            assert self.moved.wait_for(lambda: self.sent >= count, seconds), self.sent

    # -- the hub

    async def resolve(self, request: Request) -> Response:
        name = f"{request.path_params['owner']}/{request.path_params['repo']}"
        path = request.path_params["path"]
        self._note("hub", request)
        if self.hub_faults:
            fault = self.hub_faults.popleft()
            if fault.kind == "status":
                return Response(status_code=fault.status, headers=dict(fault.headers))
        content = self.files.get(f"{name}/{path}")
        if content is None:
            return Response(status_code=404, headers={"X-Error-Code": "EntryNotFound"})
        headers = {"X-Repo-Commit": self.commit}
        if path in self.small:
            return Response(content, headers=headers | {"ETag": f'"{git_name(content)}"'})
        if self.own_tag:
            headers["ETag"] = '"d41d8cd98f00b204e9800998ecf8427e-12"'
        else:
            headers["X-Linked-Etag"] = f'"{self.sums[f"{name}/{path}"]}"'
            headers["X-Linked-Size"] = str(len(content))
        headers["Location"] = f"{self.cdn}/blob/{name}/{path}?Signature=secret"
        return Response(status_code=302, headers=headers)

    async def paths_info(self, request: Request) -> Response:
        self._note("hub", request)
        name = f"{request.path_params['owner']}/{request.path_params['repo']}"
        paths = parse_qs((await request.body()).decode())["paths"]
        entries = []
        for path in paths:
            content = self.files[f"{name}/{path}"]
            lfs = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}
            entries.append(
                {
                    "type": "file",
                    "path": path,
                    "oid": git_name(content),
                    "size": len(content),
                    "lfs": lfs | {"pointerSize": 135},
                }
            )
        return JSONResponse(entries)

    # -- the CDN

    async def blob(self, request: Request) -> Response:
        self._note("cdn", request)
        content = self.files[request.path_params["path"]]
        fault = self.cdn_faults.popleft() if self.cdn_faults else Fault("none")
        start = self.asked[-1].start
        if fault.kind == "status":
            return Response(status_code=fault.status, headers=dict(fault.headers))
        if fault.kind == "ignores-range":
            start = 0
        body: bytes | memoryview = memoryview(content)[start:]
        status = 206 if start else 200
        headers = {"Content-Length": str(len(body))}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        if fault.kind == "longer":
            body = bytes(body) + b"more"
            del headers["Content-Length"]
        if fault.kind == "ends-early":
            # No length is told, and the end comes in good order.
            body = body[: fault.after]
            headers.pop("Content-Length")
            headers.pop("Content-Range", None)
            status = 200 if not start else 206
            if start:
                headers["Content-Range"] = f"bytes {start}-*/*"
        if fault.kind == "corrupt":
            place = min(fault.after, len(body) - 1)
            damaged = bytearray(body)
            damaged[place] ^= 0x10
            body = bytes(damaged)
        return StreamingResponse(self._chunks(body, fault), status_code=status, headers=headers)

    async def _chunks(self, body: bytes | memoryview, fault: Fault) -> AsyncIterator[bytes]:
        for begin in range(0, len(body), CHUNK):
            if fault.kind in ("reset", "stall") and begin >= fault.after:
                if fault.kind == "stall":
                    await asyncio.sleep(3600)
                raise ConnectionResetError
            chunk = bytes(body[begin : begin + CHUNK])
            yield chunk
            with self.moved:
                self.sent += len(chunk)
                self.moved.notify_all()
            await asyncio.sleep(self.pause)

    def _note(self, whom: str, request: Request) -> None:
        self.asked.append(
            Asked(whom, request.method, request.url.path, dict(request.headers.items()))
        )


def git_name(content: bytes) -> str:
    """Return how git names a file of that content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


@contextmanager
def stand_in_hub() -> Iterator[StandInHub]:
    """Serve one, on two ports."""
    hub = StandInHub()
    routes = [
        Route("/{owner}/{repo}/resolve/{revision}/{path:path}", hub.resolve),
        Route("/api/models/{owner}/{repo}/paths-info/{revision}", hub.paths_info, methods=["POST"]),
    ]
    with (
        _served(Starlette(routes=routes)) as hub.endpoint,
        _served(Starlette(routes=[Route("/blob/{path:path}", hub.blob)])) as hub.cdn,
    ):
        yield hub


@contextmanager
def _served(app: Starlette) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)

    async def serve() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await server.serve(sockets=[listener])

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)
        listener.close()
        assert not thread.is_alive()
