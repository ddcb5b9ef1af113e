"""Buckets and objects, read through Google's client from the sandbox's storage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import requests
from google.oauth2.credentials import Credentials
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from console.model.storage import Kept
from console.sandbox.faults import Fault, Faults
from console.sandbox.gateway import Gateway
from console.sandbox.moments import utc_now
from console.sandbox.storage.cloud_storage import CloudStorage as SandboxStorage
from console.sources.base import Denied, Malformed, Missing, Offline, StorageSource, Unauthenticated
from console.sources.storage import CloudStorage, on_google, on_loopback

BUCKET = "sandbox-z-image-models"


class Cloud:
    """A storage on loopback, the console's way to it, and another client that writes."""

    def __init__(self, address: str, faults: Faults, http: httpx.AsyncClient) -> None:
        self.source = CloudStorage(lambda: on_loopback(address))
        self.faults = faults
        self._http = http
        self._address = address

    async def ask(self, method: str, path: str, **how: object) -> httpx.Response:
        url = f"http://{self._address}{path}"
        answer = await self._http.request(method, url, **how)  # type: ignore[arg-type]
        assert answer.is_success, answer.text
        return answer

    async def put(self, name: str, data: bytes = b"weights") -> None:
        await self.ask(
            "POST",
            f"/upload/storage/v1/b/{BUCKET}/o",
            params={"uploadType": "media", "name": name},
            content=data,
        )


@pytest_asyncio.fixture
async def cloud(tmp_path: Path) -> AsyncIterator[Cloud]:
    models = tmp_path / "models"
    models.mkdir()
    faults = Faults()
    storage = await SandboxStorage.open(
        tmp_path / "storage", "sandbox", "local-1", faults=faults, clock=utc_now, models=models
    )
    gateway = Gateway(storage.routes(), faults)
    address = await gateway.open()
    async with httpx.AsyncClient(trust_env=False) as http:
        cloud = Cloud(address, faults, http)
        yield cloud
        await cloud.source.aclose()
    await gateway.close()
    storage.close()


async def test_a_bucket_is_told_with_its_settings(cloud: Cloud) -> None:
    rule = {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 1}}
    await cloud.ask(
        "PATCH",
        f"/storage/v1/b/{BUCKET}",
        json={"versioning": {"enabled": True}, "lifecycle": {"rule": [rule]}},
    )
    found = await cloud.source.bucket(BUCKET)
    assert (found.name, found.location, found.storage_class) == (BUCKET, "LOCAL-1", "STANDARD")
    assert (found.uniform_access, found.public_access_prevented) == (True, True)
    assert found.versioned
    assert found.soft_delete == timedelta(days=7)
    assert found.rules == ("AbortIncompleteMultipartUpload",)
    assert found.created is not None
    assert await cloud.source.buckets("sandbox") == (found,)


async def test_objects_are_told_apart_by_why_they_are_there(cloud: Cloud) -> None:
    await cloud.put("vae.safetensors", b"12345")
    await cloud.put("gone.gguf", b"123")
    await cloud.ask("DELETE", f"/storage/v1/b/{BUCKET}/o/gone.gguf")
    await cloud.ask("PATCH", f"/storage/v1/b/{BUCKET}", json={"versioning": {"enabled": True}})
    await cloud.put("vae.safetensors", b"123456")
    found = await cloud.source.objects(BUCKET)
    assert [(each.name, each.kept, each.size) for each in found.objects] == [
        ("gone.gguf", Kept.SOFT_DELETED, 3),
        ("vae.safetensors", Kept.NONCURRENT, 5),
        ("vae.safetensors", Kept.LIVE, 6),
    ]
    gone, old, new = found.objects
    assert gone.until is not None
    assert gone.since is not None
    assert gone.until - gone.since == timedelta(days=7)
    assert old.generation < new.generation
    assert len(new.crc32c) == 8
    assert found.complete


async def test_a_long_list_says_that_there_is_more(cloud: Cloud) -> None:
    for number in range(3):
        await cloud.put(f"dir/{number}")
    await cloud.put("elsewhere")
    found = await cloud.source.objects(BUCKET, "dir/", 2)
    assert ([each.name for each in found.objects], found.complete) == (["dir/0", "dir/1"], False)
    assert (await cloud.source.objects(BUCKET, "dir/", 3)).complete


async def test_unfinished_uploads_are_found(cloud: Cloud) -> None:
    assert await cloud.source.unfinished_uploads(BUCKET) == ()
    for name in ("b", "a"):
        await cloud.ask("POST", f"/{BUCKET}/{name}?uploads")
    found = await cloud.source.unfinished_uploads(BUCKET)
    assert [each.name for each in found] == ["a", "b"]
    assert all(each.id and each.started is not None for each in found)


async def test_unfinished_uploads_say_how_much_they_hold(cloud: Cloud) -> None:
    begun = await cloud.ask("POST", f"/{BUCKET}/a?uploads")
    upload = begun.text.partition("<UploadId>")[2].partition("<")[0]
    for number, size in ((1, 5_000), (3, 700)):
        part = f"/{BUCKET}/a?partNumber={number}&uploadId={upload}"
        await cloud.ask("PUT", part, content=b"x" * size)
    await cloud.ask("POST", f"/{BUCKET}/b?uploads")

    found = await cloud.source.unfinished_uploads(BUCKET)

    assert [(each.name, each.bytes) for each in found] == [("a", 5_700), ("b", 0)]
    assert {each.storage_class for each in found} == {"STANDARD"}


async def test_names_full_of_escape_sequences_are_harmless(cloud: Cloud) -> None:
    await cloud.put("\x1b]0;owned\x07\x1b[31m[red]vae\u202egpj")
    await cloud.ask("POST", f"/{BUCKET}/%1B%5B31mred?uploads")
    (found,) = (await cloud.source.objects(BUCKET)).objects
    assert found.name == "[red]vae·gpj"
    (upload,) = await cloud.source.unfinished_uploads(BUCKET)
    assert "\x1b" not in upload.name


async def asked(source: StorageSource, what: str) -> object:
    match what:
        case "bucket":
            return await source.bucket(BUCKET)
        case "buckets":
            return await source.buckets("sandbox")
        case "objects":
            return await source.objects(BUCKET)
        case _:
            return await source.unfinished_uploads(BUCKET)


@pytest.mark.parametrize(
    ("what", "permission", "role"),
    [
        ("bucket", "storage.buckets.get", "roles/storage.bucketViewer"),
        ("buckets", "storage.buckets.list", "roles/storage.bucketViewer"),
        ("objects", "storage.objects.list", "roles/storage.objectViewer"),
        ("uploads", "storage.multipartUploads.list", "roles/storage.objectUser"),
    ],
)
async def test_a_denial_names_permission_and_role(
    cloud: Cloud, what: str, permission: str, role: str
) -> None:
    cloud.faults.begin(Fault.STORAGE_DENIED)
    with pytest.raises(Denied) as denied:
        await asked(cloud.source, what)
    assert (denied.value.permission, denied.value.role) == (permission, role)
    assert f"permission {permission} is missing; have {role} granted" in denied.value.message
    cloud.faults.end(Fault.STORAGE_DENIED)
    await asked(cloud.source, what)


@pytest.mark.parametrize("what", ["bucket", "buckets", "objects", "uploads"])
@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault.STORAGE_UNAVAILABLE, Offline, "We encountered an internal error"),
        (Fault.NETWORK_DOWN, Offline, "is out of reach"),
        (Fault.TOKEN_EXPIRED, Unauthenticated, "gcloud auth application-default login"),
    ],
)
async def test_every_trouble_is_told_in_a_line_and_gets_over(
    cloud: Cloud, what: str, fault: Fault, kind: type[Exception], words: str
) -> None:
    cloud.faults.begin(fault)
    with pytest.raises(kind, match=words) as raised:
        await asked(cloud.source, what)
    assert "http://" not in str(raised.value)
    cloud.faults.end(fault)
    await asked(cloud.source, what)


async def test_a_bucket_that_is_not_there_is_missing(cloud: Cloud) -> None:
    for question in (cloud.source.bucket, cloud.source.objects, cloud.source.unfinished_uploads):
        with pytest.raises(Missing, match=r"gs://nowhere: there is none"):
            await question("nowhere")


@asynccontextmanager
async def answering(answer: Callable[[Request], Response]) -> AsyncIterator[CloudStorage]:
    async def reply(request: Request) -> Response:
        return answer(request)

    gateway = Gateway([Route("/{path:path}", reply)])
    address = await gateway.open()
    source = CloudStorage(lambda: on_loopback(address))
    yield source
    await source.aclose()
    await gateway.close()


@pytest.mark.parametrize("what", ["bucket", "buckets", "objects", "uploads"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"items": 7}',
        b'{"items": [{"name": 7, "size": "many", "generation": "1"}], "name": {}}',
        b'{"name": "x", "timeCreated": "yesterday", "items": [{"timeCreated": "yesterday"}]}',
        b'{"name": "x", "softDeletePolicy": {"retentionDurationSeconds": "9999999999999999999"}}',
        b'<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>',
        b"<x><Upload><Initiated>yesterday</Initiated></Upload></x>",
        b"\xff\xfe",
        b"<?xml version='1.0' encoding='gb18030'?><x/>",
        b"<?xml version='1.0' encoding='rot13'?><x/>",
    ],
)
async def test_answers_that_make_no_sense_are_said_to(body: bytes, what: str) -> None:
    def answer(request: Request) -> Response:
        return Response(body, media_type="application/json")

    async with answering(answer) as source:
        problem = await refusal(source, what)
    assert problem is None or "answered what makes no sense" in problem.message


async def refusal(source: StorageSource, what: str) -> Malformed | None:
    """Ask, and return how the answer is refused; some make sense, if not much."""
    try:
        await asked(source, what)
    except Malformed as error:
        return error
    return None


async def test_a_person_s_address_is_taken_for_no_permission() -> None:
    said = (
        "me@mail.example.com does not have storage.objects.list access to the Google Cloud "
        "Storage bucket. Permission 'storage.objects.list' denied on resource (or it may not "
        "exist)."
    )

    def answer(request: Request) -> Response:
        return JSONResponse({"error": {"code": 403, "message": said}}, 403)

    async with answering(answer) as source:
        with pytest.raises(Denied) as denied:
            await source.objects(BUCKET)
    assert denied.value.permission == "storage.objects.list"


async def test_the_real_cloud_is_asked_at_google_s_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def answer(session: requests.Session, request: requests.PreparedRequest, **_: object) -> None:
        asked.append(f"{request.url} {request.headers['Authorization']}")
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "send", answer)
    source = CloudStorage(lambda: on_google(Credentials("a-token")))
    with pytest.raises(Offline, match=r"storage\.googleapis\.com is out of reach"):
        await source.bucket("models")
    (line,) = asked
    assert line.startswith("https://storage.googleapis.com/storage/v1/b/models?")
    assert line.endswith(" Bearer a-token")
    await source.aclose()


async def test_who_asks_no_more_does_not_wait_for_an_answer() -> None:
    connected, answered, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await answered.wait()
        writer.close()
        await writer.wait_closed()
        done.set()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    source = CloudStorage(lambda: on_loopback(f"{host}:{port}"))
    asking = asyncio.create_task(source.bucket(BUCKET))
    await connected.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    answered.set()
    await done.wait()
    server.close()
    await source.aclose()
