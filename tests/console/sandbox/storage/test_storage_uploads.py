"""Uploads and downloads, through Google's own client and by hand where it can do no wrong."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path

import google_crc32c
import pytest
import requests
from google.api_core import exceptions
from google.cloud import storage
from google.cloud.storage import transfer_manager
from google.cloud.storage._media.requests import ResumableUpload
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse
from served_storage import Served, serving

UNIT = 262_144


def weights(size: int) -> bytes:
    """Return bytes of which no two stretches are the same."""
    return b"".join(hashlib.sha256(number.to_bytes(8)).digest() for number in range(size // 32))


def crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.Checksum(data).digest()).decode()


def upload_url(shared: Served, bucket: storage.Bucket, prefix: str = "") -> str:
    return f"{shared.url}{prefix}/upload/storage/v1/b/{bucket.name}/o"


def begun(shared: Served, bucket: storage.Bucket, name: str, prefix: str = "", **query: str) -> str:
    """Open a resumable upload and return where it goes on."""
    answer = shared.session().post(
        upload_url(shared, bucket, prefix),
        params={"uploadType": "resumable", "name": name, **query},
        json={},
    )
    assert answer.status_code == 200
    return answer.headers["Location"]


def sent(shared: Served, url: str, data: bytes, content_range: str) -> requests.Response:
    return shared.session().put(url, data=data, headers={"Content-Range": content_range})


class Breaking(io.BytesIO):
    """A file that cannot be read beyond a point, once."""

    broken = False

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= 3 * UNIT and not self.broken:
            self.broken = True
            raise ConnectionResetError
        return super().read(size)


def test_a_big_object_goes_in_chunks(bucket: storage.Bucket, tmp_path: Path) -> None:
    data = weights(9 << 20)
    (tmp_path / "big.gguf").write_bytes(data)
    blob = bucket.blob("big.gguf", chunk_size=UNIT * 8)
    blob.upload_from_filename(tmp_path / "big.gguf", if_generation_match=0, checksum="crc32c")
    assert (blob.size, blob.crc32c) == (len(data), crc32c(data))
    assert blob.md5_hash == base64.b64encode(hashlib.md5(data).digest()).decode()
    assert blob.download_as_bytes() == data


@pytest.mark.parametrize("prefix", ["", "/resumable"])
def test_an_upload_goes_on_where_it_broke(
    shared: Served, bucket: storage.Bucket, prefix: str
) -> None:
    data = weights(5 * UNIT + 32)
    url = upload_url(shared, bucket, prefix) + "?uploadType=resumable"
    upload = ResumableUpload(url, UNIT, checksum="crc32c")
    session = shared.session()
    upload.initiate(session, Breaking(data), {"name": "a"}, "application/octet-stream")
    for _ in range(3):
        upload.transmit_next_chunk(session)
    with pytest.raises(ConnectionResetError):
        upload.transmit_next_chunk(session)
    upload.recover(session)
    assert upload.bytes_uploaded == 3 * UNIT
    while not upload.finished:
        upload.transmit_next_chunk(session)
    assert bucket.blob("a").download_as_bytes() == data


def test_only_whole_units_are_kept_before_the_end(shared: Served, bucket: storage.Bucket) -> None:
    url = begun(shared, bucket, "a")
    data = weights(UNIT + 640)
    assert sent(shared, url, data[:100], "bytes 0-99/*").headers.get("Range") is None
    half = sent(shared, url, data[: UNIT + 320], f"bytes 0-{UNIT + 319}/*")
    assert (half.status_code, half.headers["Range"]) == (308, f"bytes=0-{UNIT - 1}")
    asked = sent(shared, url, b"", "bytes */*")
    assert (asked.status_code, asked.headers["Range"]) == (308, f"bytes=0-{UNIT - 1}")
    # What was kept already may be sent again.
    last = sent(shared, url, data[1_000:], f"bytes 1000-{len(data) - 1}/{len(data)}")
    assert last.json()["crc32c"] == crc32c(data)


def test_a_finished_upload_says_so_again(shared: Served, bucket: storage.Bucket) -> None:
    url = begun(shared, bucket, "a")
    first = sent(shared, url, b"abc", "bytes 0-2/3").json()
    again = sent(shared, url, b"", "bytes */3")
    assert (again.status_code, again.json()) == (200, first)
    assert bucket.blob("a").download_as_bytes() == b"abc"


def test_an_upload_of_unknown_length_ends_with_its_body(
    shared: Served, bucket: storage.Bucket
) -> None:
    url = begun(shared, bucket, "a")
    data = weights(UNIT + 640)
    chunks = (data[start : start + 1_000] for start in range(0, len(data), 1_000))
    assert shared.session().put(url, data=chunks).json()["crc32c"] == crc32c(data)


def test_an_empty_object_can_be_sent(shared: Served, bucket: storage.Bucket) -> None:
    url = begun(shared, bucket, "a")
    assert sent(shared, url, b"", "bytes */0").json()["size"] == "0"
    assert bucket.blob("a").download_as_bytes() == b""


@pytest.mark.parametrize(
    ("content_range", "why"),
    [
        ("bytes 300000-300002/*", "exceeds already uploaded size of 0"),
        ("bytes 0-9/10", "There were 3 byte"),
        ("bytes 0-2/2", "Failed to parse Content-Range"),
        ("furlongs 0-2/3", "Failed to parse Content-Range"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(
    shared: Served, bucket: storage.Bucket, content_range: str, why: str
) -> None:
    url = begun(shared, bucket, "a")
    answer = sent(shared, url, b"abc", content_range)
    assert answer.status_code == 400
    assert why in answer.json()["error"]["message"]
    # The upload is none the worse for it.
    assert sent(shared, url, b"abc", "bytes 0-2/3").status_code == 200


def test_an_upload_can_be_cancelled(shared: Served, bucket: storage.Bucket) -> None:
    url = begun(shared, bucket, "a")
    sent(shared, url, weights(UNIT), f"bytes 0-{UNIT - 1}/*")
    assert shared.session().delete(url).status_code == 499
    assert sent(shared, url, b"", "bytes */*").status_code == 404
    assert bucket.get_blob("a") is None


def test_an_announced_size_holds(shared: Served, bucket: storage.Bucket) -> None:
    answer = shared.session().post(
        upload_url(shared, bucket),
        params={"uploadType": "resumable", "name": "a"},
        headers={"X-Upload-Content-Length": "4", "X-Upload-Content-Type": "text/x-weights"},
    )
    url = answer.headers["Location"]
    assert "announced was 4" in sent(shared, url, b"abc", "bytes 0-2/3").text
    assert sent(shared, url, b"abcd", "bytes 0-3/4").json()["contentType"] == "text/x-weights"


def test_a_precondition_is_looked_at_in_the_end_too(shared: Served, bucket: storage.Bucket) -> None:
    url = begun(shared, bucket, "a", ifGenerationMatch="0")
    bucket.blob("a").upload_from_string(b"quicker")
    assert sent(shared, url, b"abc", "bytes 0-2/3").status_code == 412
    assert bucket.blob("a").download_as_bytes() == b"quicker"


@pytest.mark.parametrize("header", ["X-Goog-Hash", "Content-MD5"])
def test_a_checksum_that_is_wrong_is_refused(
    shared: Served, bucket: storage.Bucket, header: str
) -> None:
    wrong = {"X-Goog-Hash": f"crc32c={crc32c(b'other')}", "Content-MD5": "A" * 22 + "=="}
    answer = shared.session().post(
        upload_url(shared, bucket),
        params={"uploadType": "media", "name": "a"},
        data=b"abc",
        headers={header: wrong[header]},
    )
    assert answer.status_code == 400
    assert "doesn't match calculated" in answer.json()["error"]["message"]
    assert bucket.get_blob("a") is None


def test_a_claim_in_the_metadata_is_checked(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.md5_hash = "A" * 22 + "=="
    with pytest.raises(exceptions.BadRequest, match="doesn't match calculated MD5"):
        blob.upload_from_string(b"abc")


def test_a_body_of_two_parts_may_have_bare_line_feeds(
    shared: Served, bucket: storage.Bucket
) -> None:
    data = b"\r\n--x\n" + weights(640) + b"\n\r\n"
    body = (
        b'--=x=\nContent-Type: application/json\nMIME-Version: 1.0\n\n{"name": "a"}\n--=x=\n'
        b"Content-Type: text/x-weights\nContent-Transfer-Encoding: binary\n\n" + data + b"\n--=x=--"
    )
    answer = shared.session().post(
        upload_url(shared, bucket),
        params={"uploadType": "multipart"},
        data=body,
        headers={"Content-Type": "multipart/related; boundary='=x='"},
    )
    assert (answer.json()["contentType"], answer.json()["crc32c"]) == (
        "text/x-weights",
        crc32c(data),
    )


@pytest.mark.parametrize("body", [b"", b"--x--", b"--x\r\n\r\n{}\r\n--x\r\n\r\nabc", b"\xff" * 99])
def test_a_body_that_makes_no_sense_is_refused(
    shared: Served, bucket: storage.Bucket, body: bytes
) -> None:
    answer = shared.session().post(
        upload_url(shared, bucket),
        params={"uploadType": "multipart", "name": "a"},
        data=body,
        headers={"Content-Type": "multipart/related; boundary=x"},
    )
    assert answer.status_code == 400
    assert bucket.get_blob("a") is None


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ("bytes=2-4", b"234"),
        ("bytes=7-", b"789"),
        ("bytes=-2", b"89"),
        ("bytes=8-100", b"89"),
        ("bytes=0-9", b"0123456789"),
        ("bytes=-100", b"0123456789"),
    ],
)
def test_a_range_is_sent_alone(
    shared: Served, bucket: storage.Bucket, asked: str, got: bytes
) -> None:
    bucket.blob("a").upload_from_string(b"0123456789")
    url = f"{shared.url}/storage/v1/b/{bucket.name}/o/a?alt=media"
    answer = shared.session().get(url, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, got)
    start = b"0123456789".index(got)
    assert answer.headers["Content-Range"] == f"bytes {start}-{start + len(got) - 1}/10"


def test_a_range_beyond_the_end_is_refused(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.upload_from_string(b"0123456789")
    assert blob.download_as_bytes(start=3, end=5) == b"345"
    with pytest.raises(exceptions.RequestRangeNotSatisfiable):
        blob.download_as_bytes(start=10)


def test_what_a_reader_has_already_is_not_sent(bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.upload_from_string(b"0123456789")
    with pytest.raises(exceptions.NotModified):
        bucket.blob("a").reload(if_generation_not_match=blob.generation)
    with pytest.raises((exceptions.NotModified, InvalidResponse)):
        blob.download_as_bytes(if_generation_not_match=blob.generation, retry=None)


def test_parts_go_at_once_and_come_at_once(bucket: storage.Bucket, tmp_path: Path) -> None:
    data = weights(12 << 20)
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(data)
    blob = bucket.blob("dir/z image.gguf")
    blob.metadata = {"sha256": "ab"}
    transfer_manager.upload_chunks_concurrently(
        str(there),
        blob,
        chunk_size=5 << 20,
        max_workers=3,
        worker_type=transfer_manager.THREAD,
        retry=None,
    )
    found = bucket.get_blob("dir/z image.gguf")
    assert found is not None
    assert (found.size, found.crc32c, found.md5_hash) == (len(data), crc32c(data), None)
    assert found.metadata == {"sha256": "ab"}
    transfer_manager.download_chunks_concurrently(
        found, str(back), chunk_size=3 << 20, worker_type=transfer_manager.THREAD
    )
    assert back.read_bytes() == data


def test_an_upload_in_parts_is_listed_until_it_ends(shared: Served, bucket: storage.Bucket) -> None:
    session, url = shared.session(), f"{shared.url}/{bucket.name}/a%2Fb"
    identity = between(session.post(f"{url}?uploads").text, "UploadId")
    part = session.put(f"{url}?partNumber=1&uploadId={identity}", data=b"abc")
    assert part.headers["ETag"] == f'"{hashlib.md5(b"abc").hexdigest()}"'
    assert "<Size>3</Size>" in session.get(f"{url}?uploadId={identity}").text
    unfinished = session.get(f"{shared.url}/{bucket.name}?uploads").text
    assert (between(unfinished, "Key"), between(unfinished, "UploadId")) == ("a/b", identity)
    assert session.delete(f"{url}?uploadId={identity}").status_code == 204
    assert "<Upload>" not in session.get(f"{shared.url}/{bucket.name}?uploads").text
    gone = session.put(f"{url}?partNumber=2&uploadId={identity}", data=b"abc")
    assert (gone.status_code, between(gone.text, "Code")) == (404, "NoSuchUpload")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([(2, "b"), (1, "a")], "InvalidPartOrder"),
        ([(1, "a"), (3, "c")], "InvalidPart"),
        ([(1, "wrong")], "InvalidPart"),
        ([(1, "a"), (2, "b")], "EntityTooSmall"),
        ([], "InvalidPartOrder"),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    shared: Served, bucket: storage.Bucket, parts: list[tuple[int, str]], code: str
) -> None:
    session, url = shared.session(), f"{shared.url}/{bucket.name}/a"
    identity = between(session.post(f"{url}?uploads").text, "UploadId")
    for number, data in ((1, b"a"), (2, b"b")):
        session.put(f"{url}?partNumber={number}&uploadId={identity}", data=data)
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber>"
        f"<ETag>{hashlib.md5(data.encode()).hexdigest()}</ETag></Part>"
        for number, data in parts
    )
    answer = session.post(
        f"{url}?uploadId={identity}",
        data=f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>",
    )
    assert (answer.status_code, between(answer.text, "Code")) == (400, code)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<x",
        b"\xff\xfe",
        b"<?xml version='1.0' encoding='gb18030'?><x/>",
        b"<?xml version='1.0' encoding='rot13'?><x/>",
        b'<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>',
    ],
)
def test_a_list_of_parts_that_is_no_xml_is_refused(
    shared: Served, bucket: storage.Bucket, body: bytes
) -> None:
    session, url = shared.session(), f"{shared.url}/{bucket.name}/a"
    identity = between(session.post(f"{url}?uploads").text, "UploadId")
    answer = session.post(f"{url}?uploadId={identity}", data=body)
    assert (answer.status_code, between(answer.text, "Code")) == (400, "MalformedXML")


def test_a_damaged_part_is_noticed(shared: Served, bucket: storage.Bucket) -> None:
    session, url = shared.session(), f"{shared.url}/{bucket.name}/a"
    identity = between(session.post(f"{url}?uploads").text, "UploadId")
    answer = session.put(
        f"{url}?partNumber=1&uploadId={identity}",
        data=b"abc",
        headers={"X-Goog-Hash": f"crc32c={crc32c(b'abd')}"},
    )
    assert (answer.status_code, between(answer.text, "Code")) == (400, "CrcMismatch")


def between(text: str, tag: str) -> str:
    return text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]


def test_nothing_is_lost_when_the_storage_starts_anew(tmp_path: Path, models: Path) -> None:
    data = weights(2 * UNIT + 640)
    with serving(tmp_path / "storage", models) as served:
        bucket = served.bucket()
        bucket.blob("a").upload_from_string(b"kept")
        bucket.blob("gone").upload_from_string(b"restorable")
        bucket.delete_blob("gone")
        url = begun(served, bucket, "b")
        sent(served, url, data[: UNIT + 5], f"bytes 0-{UNIT + 4}/*")
        first = served.url
    with serving(tmp_path / "storage", models) as served:
        bucket = served.bucket()
        assert bucket.blob("a").download_as_bytes() == b"kept"
        assert [blob.name for blob in bucket.list_blobs(soft_deleted=True)] == ["gone"]
        directory = served.cloud.directory_of(bucket.name)
        assert directory is not None
        assert [path.name for path in directory.iterdir()] == ["a"]
        url = url.replace(first, served.url)
        asked = sent(served, url, b"", "bytes */*")
        assert asked.headers["Range"] == f"bytes=0-{UNIT - 1}"
        last = sent(served, url, data[UNIT:], f"bytes {UNIT}-{len(data) - 1}/{len(data)}")
        assert last.json()["crc32c"] == crc32c(data)
    with serving(tmp_path / "storage", models) as served:
        assert served.bucket().blob("b").download_as_bytes() == data


def test_files_that_nothing_needs_are_removed(tmp_path: Path, models: Path) -> None:
    with serving(tmp_path / "storage", models) as served:
        (served.directory / "files" / "half-written").write_bytes(b"x" * 100)
    with serving(tmp_path / "storage", models) as served:
        assert [path.stat().st_size for path in (served.directory / "files").iterdir()] == [1_004]


def test_a_download_that_arrives_damaged_is_noticed(shared: Served, bucket: storage.Bucket) -> None:
    bucket.blob("a").upload_from_string(b"weights")
    files = shared.cloud.directory_of(bucket.name)
    assert files is not None
    (files / "a").write_bytes(b"weighty")
    with pytest.raises(DataCorruption):
        bucket.blob("a").download_as_bytes(retry=None)
