"""What holds of the storage whatever is sent: names, pages, ranges, and uploads in any pieces."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Coroutine, Sequence
from pathlib import Path, PurePosixPath
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from console.sandbox.faults import Faults
from console.sandbox.moments import utc_now
from console.sandbox.storage.catalogue import Catalogue
from console.sandbox.storage.contents import Incoming, after, gathered
from console.sandbox.storage.disturbances import Disturbances
from console.sandbox.storage.downloads import asked
from console.sandbox.storage.listing import listed
from console.sandbox.storage.mounts import place
from console.sandbox.storage.records import Bucket, Version
from console.sandbox.storage.refusals import Refused
from console.sandbox.storage.resumable import UNIT, Resumable
from console.sandbox.storage.uploads import related
from console.sandbox.storage.warehouse import Warehouse

T = TypeVar("T")
unhurried = settings(deadline=None)
NAMES = st.text(st.sampled_from("ab/.%\0名"), min_size=1, max_size=8)
PIECES = st.lists(st.binary(max_size=40), max_size=12)


async def stream(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def all_of(pieces: AsyncIterator[bytes]) -> list[bytes]:
    return [piece async for piece in pieces]


def done(work: Coroutine[object, object, T]) -> T:
    return asyncio.run(work)


@given(NAMES, NAMES)
@unhurried
def test_every_name_has_a_place_of_its_own_in_the_bucket(one: str, other: str) -> None:
    path = PurePosixPath(place(one))
    assert not path.is_absolute()
    assert not {"", ".", ".."} & set(path.parts)
    assert "\0" not in str(path)
    if one.removesuffix("/") != other.removesuffix("/"):
        assert place(one) != place(other)


@given(PIECES, st.integers(1, 8), st.integers(0, 60))
@unhurried
def test_gathering_keeps_all_bytes_in_order(pieces: list[bytes], unit: int, skip: int) -> None:
    found = done(all_of(gathered(after(stream(pieces), skip), unit, unit * 3)))
    assert b"".join(found) == b"".join(pieces)[skip:]
    assert all(len(piece) == unit * 3 for piece in found[:-1])


@given(st.binary(max_size=300), st.integers(1, 50), st.sampled_from([b"\n", b"\r\n"]))
@unhurried
def test_bytes_in_a_body_of_two_parts_are_kept_as_they_are(
    data: bytes, chunk: int, end: bytes
) -> None:
    lines = [b"--xyz", b"Content-Type: application/json", b"", b'{"name": "a"}', b"--xyz"]
    lines += [b"Content-Type: text/x", b"", data, b"--xyz--", b""]
    body = end.join(lines)
    pieces = [body[start : start + chunk] for start in range(0, len(body), chunk)]
    with tempfile.TemporaryDirectory() as directory:
        incoming = Incoming(Path(directory) / "file")
        said = done(related("multipart/related; boundary=xyz", stream(pieces), incoming))
        incoming.close()
        assert (Path(directory) / "file").read_bytes() == data
    assert said == {"name": "a", "contentType": "text/x"}


@given(st.integers(0, 20), st.integers(0, 25), st.integers(0, 25))
@unhurried
def test_a_range_is_what_a_slice_is(size: int, first: int, last: int) -> None:
    data, text = bytes(range(size)), f"bytes={first}-{last}"
    if first > last:
        # It makes no sense, and so it is as if it were not there.
        assert asked(text, size) == (0, size)
    elif first >= size:
        with pytest.raises(Refused, match="not satisfiable"):
            asked(text, size)
    else:
        start, length = asked(text, size)
        assert data[start : start + length] == data[first : last + 1]


@given(
    st.lists(NAMES, max_size=12, unique=True),
    st.sampled_from(["", "a", "a/", "/"]),
    st.sampled_from(["", "/", "b", "/a"]),
    st.integers(1, 4),
)
@unhurried
def test_pages_together_are_the_whole_list(
    names: list[str], prefix: str, delimiter: str, size: int
) -> None:
    catalogue = Catalogue(Path(":memory:"))
    for number, name in enumerate(names):
        version = Version("b", name, number + 1, "", 0, "", "", "STANDARD", "", "")
        catalogue.put(version)
    items: list[str] = []
    prefixes: list[str] = []
    query = {"prefix": prefix, "delimiter": delimiter, "maxResults": str(size)}
    while True:
        page = listed(catalogue, "b", query, "")
        found = page.get("items", [])
        assert isinstance(found, list)
        folders = page.get("prefixes", [])
        assert isinstance(folders, list)
        assert len(found) + len(folders) <= size
        items += [each["name"] for each in found]
        prefixes += folders
        if "nextPageToken" not in page:
            break
        query["pageToken"] = str(page["nextPageToken"])
    catalogue.close()
    wanted = sorted((name for name in names if name.startswith(prefix)), key=str.encode)
    in_folders = [name for name in wanted if delimiter and delimiter in name[len(prefix) :]]
    assert items == [name for name in wanted if name not in in_folders]
    ends = [len(prefix) + name[len(prefix) :].index(delimiter) for name in in_folders]
    cut = {name[: end + len(delimiter)] for name, end in zip(in_folders, ends, strict=True)}
    assert prefixes == sorted(cut, key=str.encode)


SENDINGS = st.lists(
    st.tuples(st.integers(0, UNIT), st.integers(0, 3 * UNIT), st.booleans()), max_size=6
)


@given(st.integers(0, 3 * UNIT), SENDINGS)
@settings(unhurried, max_examples=30)
def test_an_upload_in_any_pieces_that_break_anywhere_arrives_whole(
    size: int, sendings: list[tuple[int, int, bool]]
) -> None:
    data = (b"%08d" * (size // 8 + 1) % tuple(range(size // 8 + 1)))[:size]
    with tempfile.TemporaryDirectory() as directory:
        assert done(uploaded(Path(directory), data, sendings)) == data


async def uploaded(directory: Path, data: bytes, sendings: list[tuple[int, int, bool]]) -> bytes:
    """Send `data` in pieces, some of them broken off; return what has arrived in the end."""
    numbers = iter(range(1_000))
    warehouse = Warehouse(directory, utc_now, lambda count: f"{next(numbers)}")
    warehouse.catalogue.put_bucket(Bucket("b", 1, "", "", {}, {}))
    warehouse.mounts.open("b")
    resumable = Resumable(warehouse, Disturbances(Faults()))
    await resumable.begin(request(b"", {}, "POST", b"name=a"), "b")
    (upload,) = warehouse.catalogue.uploads()
    kept = 0
    for back, length, breaks in sendings:
        start = max(0, kept - back)
        piece = data[start : start + length]
        if not piece or start + len(piece) >= len(data):
            continue
        said = {"Content-Range": f"bytes {start}-{start + len(piece) - 1}/*"}
        try:
            answer = await resumable.go_on(request(piece, said, breaks=breaks), upload.id)
            assert answer.status_code == 308
        except ClientDisconnect:
            assert breaks
        asked_for = await resumable.go_on(request(b"", {"Content-Range": "bytes */*"}), upload.id)
        now = int(asked_for.headers.get("Range", "bytes=0--1").rpartition("0-")[2]) + 1
        assert kept <= now <= max(kept, start + len(piece))
        assert now % UNIT == 0
        kept = now
    rest = f"bytes {kept}-{len(data) - 1}/{len(data)}" if kept < len(data) else "bytes */0"
    answer = await resumable.go_on(request(data[kept:], {"Content-Range": rest}), upload.id)
    assert answer.status_code == 200
    (found,) = (warehouse.find("b", "a"),)
    result = warehouse.file(found.content).read_bytes()
    resumable.close()
    warehouse.close()
    return result


def request(
    body: bytes,
    headers: dict[str, str],
    method: str = "PUT",
    query: bytes = b"",
    breaks: bool = False,
) -> Request:
    """Return a request whose body comes in two pieces, of which the second may never come."""
    half = len(body) // 2
    events: list[Message] = [
        {"type": "http.request", "body": body[:half], "more_body": True},
        {"type": "http.request", "body": body[half:], "more_body": False},
    ]
    if breaks:
        events[1] = {"type": "http.disconnect"}

    async def receive() -> Message:
        return events.pop(0)

    said = headers | {"Content-Length": str(len(body)), "Host": "x"}
    scope = {
        "type": "http",
        "method": method,
        "path": "/upload",
        "query_string": query,
        "headers": [(key.lower().encode(), value.encode()) for key, value in said.items()],
    }
    return Request(scope, receive)
