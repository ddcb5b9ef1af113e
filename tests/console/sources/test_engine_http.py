"""What the client makes of answers, good and bad, that come over a real socket."""

from __future__ import annotations

import asyncio
import base64
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from console.model.images import Preview
from console.sources.base import (
    Denied,
    EngineFailed,
    Malformed,
    Missing,
    Offline,
    SourceError,
    Throttled,
)
from console.sources.engine_http import EngineClient, Finished, Progress
from engine.schema import (
    Encoded,
    GenerationRequest,
    Phase,
    Queued,
    Readiness,
    Size,
    StartupEvent,
    Step,
)

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 96, 64) + b"the rest"
REQUEST = GenerationRequest("a red circle")
COMPLETED = {
    "type": "image_generation.completed",
    "b64_json": base64.b64encode(PNG).decode(),
    "seed": 5,
    "seconds": 1.5,
}


def answer(body: object, status: str = "200 OK", **headers: str) -> bytes:
    """Return an HTTP answer with a JSON body, or with the bytes given."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(content)}", "connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def stream(*events: tuple[str, object], ends: bool = True) -> bytes:
    """Return an HTTP answer of server-sent events that the server breaks off unless it `ends`."""
    text = "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events)
    body = ": keep-alive\n\n" + text + ("data: [DONE]\n\n" if ends else "")
    length = len(body) if ends else len(body) + 1_000
    head = f"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {length}"
    return f"{head}\r\nconnection: close\r\n\r\n{body}".encode()


def progress(**event: object) -> tuple[str, object]:
    return "image_generation.progress", {"type": "image_generation.progress", **event}


class Service:
    """Answers every request with `canned` and remembers what it was asked."""

    def __init__(self, canned: bytes) -> None:
        self.canned = canned
        self.asked = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if b"content-length" in line),
            0,
        )
        self.asked = head + await reader.readexactly(length)
        writer.write(self.canned)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def client_of(service: Service) -> AsyncIterator[EngineClient]:
    async with await asyncio.start_server(service.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = EngineClient(f"http://127.0.0.1:{port}", "the key")
        try:
            yield client
        finally:
            await client.aclose()


async def generated(service: Service) -> list[Progress | Preview | Finished]:
    async with client_of(service) as client:
        return [event async for event in client.generate(REQUEST)]


async def test_readiness_is_read_whether_or_not_it_is_there_yet() -> None:
    loading = {"ready": False, "phase": "weights_read", "percent": 40, "message": "rea\x1b[0mding"}
    async with client_of(Service(answer(loading, "503 Service Unavailable"))) as client:
        readiness = await client.readiness()
    assert readiness == Readiness(False, Phase.WEIGHTS_READ, 40, "reading")


async def test_the_timeline_is_read_with_safe_texts() -> None:
    events = [
        {"event": "weights_read", "at": 1.5, "file": "a\u202e.gguf", "bytes": 7, "seconds": 1}
    ]
    body = {"schema_version": 1, "events": events}
    async with client_of(Service(answer(body))) as client:
        timeline = await client.timeline()
    assert timeline == (StartupEvent(Phase.WEIGHTS_READ, 1.5, "a·.gguf", 7, 1.0),)


async def test_models_are_named_and_the_key_is_sent() -> None:
    service = Service(answer({"object": "list", "data": [{"id": "z-image"}]}))
    async with client_of(service) as client:
        assert await client.models() == ("z-image",)
    assert b"authorization: bearer the key" in service.asked.lower()


async def test_a_picture_comes_with_its_progress() -> None:
    service = Service(
        stream(
            progress(event="queued", position=2),
            progress(event="encoded", tokens=9, seconds=0.1),
            progress(event="step", index=1, total=1, seconds=0.2),
            ("image_generation.partial_image", {"b64_json": COMPLETED["b64_json"]}),
            ("image_generation.completed", COMPLETED),
        )
    )
    assert await generated(service) == [
        Queued(2),
        Encoded(9, 0.1),
        Step(1, 1, 0.2),
        Preview(PNG),
        Finished(PNG, Size(96, 64), 5, 1.5),
    ]


async def test_only_what_was_settled_is_asked_for() -> None:
    service = Service(stream(("image_generation.completed", COMPLETED)))
    async with client_of(service) as client:
        request = GenerationRequest("圆", Size(64, 96), steps=3, seed=0)
        assert [event async for event in client.generate(request)]
    body = json.loads(service.asked.partition(b"\r\n\r\n")[2])
    settled = {key: body.get(key) for key in ("prompt", "size", "steps", "seed", "stream")}
    assert settled == {"prompt": "圆", "size": "64x96", "steps": 3, "seed": 0, "stream": True}

    service = Service(stream(("image_generation.completed", COMPLETED)))
    await generated(service)
    unasked = {"size", "seed", "partial_images"}
    assert not unasked & set(json.loads(service.asked.partition(b"\r\n\r\n")[2]))


async def test_previews_are_asked_for_as_far_as_the_interface_goes() -> None:
    service = Service(stream(("image_generation.completed", COMPLETED)))
    async with client_of(service) as client:
        async for _ in client.generate(GenerationRequest("圆", previews=8)):
            pass
    assert json.loads(service.asked.partition(b"\r\n\r\n")[2])["partial_images"] == 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad Request", EngineFailed),
        ("401 Unauthorized", Denied),
        ("403 Forbidden", Denied),
        ("404 Not Found", Missing),
        ("429 Too Many Requests", Throttled),
        ("500 Internal Server Error", EngineFailed),
    ],
)
async def test_a_refusal_is_told_in_the_engine_s_words(
    status: str, kind: type[SourceError]
) -> None:
    body = {"error": {"message": "because\nof \x1b[31mthis", "type": "x", "code": "y"}}
    with pytest.raises(kind) as refused:
        await generated(Service(answer(body, status)))
    assert refused.value.message == "because␊of this"


async def test_a_throttle_says_when_to_come_back() -> None:
    with pytest.raises(Throttled) as refused:
        await generated(Service(answer({"error": "busy"}, "429 Too Many", retry_after="7")))
    assert (refused.value.message, refused.value.retry_after) == ("busy", 7.0)


@pytest.mark.parametrize("body", [b"<html>", b"", b"[1]", b'{"error": {}}', b"\xff"])
async def test_a_refusal_without_words_tells_its_status(body: bytes) -> None:
    with pytest.raises(EngineFailed, match="500 Oh No"):
        await generated(Service(answer(body, "500 Oh No")))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"no json", id="text"),
        pytest.param(b"[]", id="list"),
        pytest.param(b'{"ready": true}', id="incomplete"),
        pytest.param(b'{"ready": true, "phase": "lunch", "percent": 3}', id="phase"),
        pytest.param(b'{"ready": true, "phase": "ready", "percent": "all"}', id="percent"),
        pytest.param(b"x" * 9_000_000, id="huge"),
        pytest.param(b"[" * 100_000, id="deep"),
    ],
)
async def test_readiness_that_makes_no_sense_is_said_to_be_so(body: bytes) -> None:
    async with client_of(Service(answer(body))) as client:
        with pytest.raises(Malformed, match="makes no sense"):
            await client.readiness()


@pytest.mark.parametrize("body", [{}, {"events": 3}, {"events": [3]}, {"events": [{"at": 1}]}])
async def test_a_timeline_that_makes_no_sense_is_said_to_be_so(body: object) -> None:
    async with client_of(Service(answer(body))) as client:
        with pytest.raises(Malformed):
            await client.timeline()


@pytest.mark.parametrize(
    "event",
    [
        ("image_generation.completed", {**COMPLETED, "b64_json": "!"}),
        ("image_generation.completed", {**COMPLETED, "b64_json": "AAAA"}),
        ("image_generation.completed", {**COMPLETED, "seed": "many"}),
        ("image_generation.completed", {**COMPLETED, "seconds": None}),
        ("image_generation.completed", {}),
        progress(event="step", index="one", total=2, seconds=0),
        progress(event="unheard of"),
        ("image_generation.progress", [1]),
    ],
)
async def test_an_event_that_makes_no_sense_is_said_to_be_so(event: tuple[str, object]) -> None:
    with pytest.raises(Malformed, match="makes no sense"):
        await generated(Service(stream(event)))


async def test_an_answer_that_is_no_stream_is_said_to_be_so() -> None:
    with pytest.raises(Malformed, match="not a stream"):
        await generated(Service(answer({"data": []})))


async def test_an_error_in_the_stream_is_told() -> None:
    failure = ("error", {"error": {"message": "not-a-number values"}})
    with pytest.raises(EngineFailed, match="not-a-number values"):
        await generated(Service(stream(failure)))


@pytest.mark.parametrize("ends", [True, False])
async def test_a_stream_that_stops_before_the_picture_is_an_error(ends: bool) -> None:
    step = progress(event="step", index=1, total=8, seconds=0.2)
    with pytest.raises(Offline):
        await generated(Service(stream(step, ends=ends)))


@pytest.mark.parametrize("canned", [b"", b"nonsense\r\n\r\n"])
async def test_no_answer_at_all_is_offline(canned: bytes) -> None:
    async with client_of(Service(canned)) as client:
        with pytest.raises(Offline):
            await client.readiness()


async def test_an_address_where_nobody_listens_is_offline() -> None:
    server = await asyncio.start_server(Service(b"").serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    client = EngineClient(f"http://127.0.0.1:{port}", "key")
    with pytest.raises(Offline, match="nothing answers"):
        await client.readiness()
    await client.aclose()


async def test_proxies_of_the_environment_see_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with client_of(Service(answer({"data": []}))) as client:
        assert await client.models() == ()
