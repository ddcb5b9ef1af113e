"""Whatever is asked of the storage, it answers in Google's way and goes on."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from console.sandbox.faults import Faults
from console.sandbox.moments import utc_now
from console.sandbox.storage.cloud_storage import CloudStorage

BUCKET = "sandbox-z-image-models"
ONE = f"storage/v1/b/{BUCKET}"


def words(text: str) -> st.SearchStrategy[str]:
    """Return any of the words of a text; `_` stands for the empty one."""
    return st.sampled_from(["" if word == "_" else word for word in text.split()])


SEGMENTS = words(
    f"""storage v1 b o {BUCKET} nowhere object a%2Fb %FF %0A .. %00 upload download resumable batch
    iam testPermissions storageLayout compose restore rewriteTo copyTo projects serviceAccount"""
)
PATHS = st.one_of(
    st.lists(SEGMENTS, max_size=8).map("/".join),
    st.lists(SEGMENTS, max_size=4).map(lambda rest: "/".join(["storage/v1/b", BUCKET, *rest])),
    st.lists(SEGMENTS, max_size=3).map(lambda rest: "/".join(["storage/v1/b", BUCKET, "o", *rest])),
    words(f"upload/storage/v1/b/{BUCKET}/o {BUCKET}/object {BUCKET} batch/storage/v1"),
)
VALUES = words(
    f"""_ 0 1 -1 99999999999999999999 x true media multipart resumable object {BUCKET} sandbox \x00
    e30= WyIiLCAiMSJd {{}} [ ** [z-a] {{a, %"""
)
QUERIES = st.dictionaries(
    words(
        """alt uploadType upload_id name generation ifGenerationMatch project sourceGeneration
        ifMetagenerationNotMatch pageToken maxResults matchGlob prefix delimiter versions
        softDeleted uploads uploadId partNumber permissions startOffset endOffset key-marker
        part-number-marker"""
    ),
    VALUES,
    max_size=4,
)
NAMES = words(
    """name location storageClass metadata softDeletePolicy iamConfiguration versioning lifecycle
    bindings etag sourceObjects destination labels retentionDurationSeconds enabled contentType
    crc32c md5Hash members generation objectPreconditions"""
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), VALUES
)
DOCUMENTS = st.dictionaries(
    NAMES,
    st.recursive(
        LEAVES,
        lambda inside: st.one_of(
            st.lists(inside, max_size=3), st.dictionaries(NAMES, inside, max_size=3)
        ),
        max_leaves=6,
    ),
    max_size=4,
)
BODIES = st.one_of(
    st.just(b""),
    DOCUMENTS.map(lambda document: json.dumps(document).encode()),
    st.binary(max_size=60),
    st.sampled_from(
        [
            b"[" * 5_000,
            b'{"name": "\\ud800"}',
            b"<CompleteMultipartUpload><Part/></CompleteMultipartUpload>",
            b"<?xml version='1.0' encoding='utf-7'?><x/>",
            b"<?xml version='1.0' encoding='gb18030'?><x/>",
            b'<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>',
            b"--x\r\n\r\nDELETE / HTTP/1.1\r\n\r\n--x--",
            *(
                b"--x\r\n\r\n%b HTTP/1.1\r\n\r\n--x--" % line.encode()
                for line in (
                    f"GET /{ONE}/o/object?alt=media",
                    f"DELETE /{ONE}/o/object",
                    f"POST /upload/{ONE}/o?uploadType=media&name=object",
                )
            ),
            b'--x\n\n{"name": "object"}\n--x\n\nabc\n--x--',
        ]
    ),
)
HEADERS = st.dictionaries(
    words(
        """Range Content-Range Content-Type X-Goog-Hash Content-MD5 If-Match
        X-Upload-Content-Length X-Goog-Storage-Class X-Goog-Meta-a"""
    ),
    st.sampled_from(
        ["", "7", "STANDARD", "application/json", "crc32c=x,md5="]
        + [f"bytes={span}" for span in ("0-", "-0", "9-1", "-99999999999999999999")]
        + [f"bytes {span}" for span in ("*/*", "0-1/2", "5-1/2", "0-99999999999999999999/*")]
        + [f"multipart/{kind}; boundary=x" for kind in ("related", "mixed")]
    ),
    max_size=3,
)
METHODS = words("GET HEAD POST PUT PATCH DELETE")
ROUTES = st.sampled_from(
    [
        ("GET", "storage/v1/b", "project prefix maxResults pageToken"),
        ("POST", "storage/v1/b", "project"),
        ("PATCH", ONE, "ifMetagenerationMatch"),
        ("PUT", ONE, ""),
        ("PUT", f"{ONE}/iam", ""),
        ("GET", f"{ONE}/iam/testPermissions", "permissions"),
        ("GET", f"{ONE}/o", "prefix delimiter matchGlob maxResults pageToken versions softDeleted"),
        ("GET", f"{ONE}/o/object", "alt generation softDeleted ifGenerationNotMatch"),
        ("PATCH", f"{ONE}/o/object", "generation"),
        ("DELETE", f"{ONE}/o/object", "generation"),
        ("POST", f"{ONE}/o/object/compose", "ifGenerationMatch"),
        ("POST", f"{ONE}/o/object/restore", "generation"),
        ("POST", f"{ONE}/o/object/rewriteTo/b/{BUCKET}/o/a%2Fb", "sourceGeneration"),
        ("POST", f"upload/{ONE}/o", "uploadType name"),
        ("PUT", f"upload/{ONE}/o", "upload_id"),
        ("POST", f"{BUCKET}/object", "uploads uploadId"),
        ("PUT", f"{BUCKET}/object", "uploadId partNumber"),
        ("GET", BUCKET, "uploads key-marker"),
        ("POST", "batch/storage/v1", ""),
    ]
)
REQUESTS = st.one_of(
    st.tuples(METHODS, PATHS, QUERIES, BODIES, HEADERS),
    ROUTES.flatmap(
        lambda route: st.tuples(
            st.just(route[0]),
            st.just(route[1]),
            st.dictionaries(words(route[2] or "fields"), VALUES, max_size=3),
            BODIES,
            HEADERS,
        )
    ),
)


BEGINNING = ("POST", f"upload/{ONE}/o", {"uploadType": "media", "name": "object"}, b"abc", {})


@given(st.lists(REQUESTS, min_size=1, max_size=8))
@settings(deadline=None, max_examples=60)
def test_nothing_that_is_asked_brings_it_down(
    requests: list[tuple[str, str, dict[str, str], bytes, dict[str, str]]],
) -> None:
    asyncio.run(asked(requests))


async def asked(
    requests: list[tuple[str, str, dict[str, str], bytes, dict[str, str]]],
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        models = Path(directory) / "models"
        await asyncio.to_thread(models.mkdir)
        cloud = await CloudStorage.open(
            Path(directory) / "storage",
            "sandbox",
            "local-1",
            faults=Faults(),
            clock=utc_now,
            models=models,
        )
        transport = httpx.ASGITransport(Starlette(routes=cloud.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            for method, path, query, body, headers in [BEGINNING, *requests]:
                url = httpx.URL(f"http://x/{path}", params=query)
                answer = await client.request(method, url, content=body, headers=headers)
                assert answer.status_code < 500 or answer.status_code == 501, answer.text
                if answer.content and answer.headers["content-type"] == "application/json":
                    answer.json()
            url = "/storage/v1/b?project=sandbox"
            assert (await client.get(url)).status_code == 200
        cloud.close()
