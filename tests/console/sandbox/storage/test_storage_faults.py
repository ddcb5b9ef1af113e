"""The storage's faults, as Google's own client sees them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import requests
from google.api_core import exceptions
from google.cloud import storage
from google.cloud.storage._media.requests import ResumableUpload
from served_storage import Served
from starlette.requests import Request
from starlette.types import Message

from console.sandbox.faults import Fault, Faults
from console.sandbox.storage.disturbances import Disturbances

UNIT = 262_144


def test_a_permission_can_be_missing(served: Served) -> None:
    bucket = served.bucket()
    served.faults.begin(Fault.STORAGE_DENIED)
    with pytest.raises(
        exceptions.Forbidden,
        match=r"operator@sandbox\.test does not have storage\.objects\.list access to the Google "
        r"Cloud Storage bucket\. Permission 'storage\.objects\.list' denied",
    ):
        list(bucket.list_blobs())
    with pytest.raises(exceptions.Forbidden, match=r"storage\.buckets\.get"):
        bucket.reload()
    with pytest.raises(exceptions.Forbidden, match=r"storage\.objects\.create"):
        bucket.blob("a").upload_from_string(b"1")
    assert bucket.test_iam_permissions(["storage.objects.get"]) == []
    served.faults.end(Fault.STORAGE_DENIED)
    assert list(bucket.list_blobs()) == []


def test_storage_can_be_out_of_order(served: Served) -> None:
    bucket = served.bucket()
    served.faults.begin(Fault.STORAGE_UNAVAILABLE)
    with pytest.raises(exceptions.ServiceUnavailable, match="We encountered an internal error"):
        bucket.reload(retry=None)
    with pytest.raises(exceptions.ServiceUnavailable):
        bucket.blob("a").upload_from_string(b"1", retry=None)
    served.faults.end(Fault.STORAGE_UNAVAILABLE)
    bucket.reload(retry=None)


def test_a_client_that_tries_again_gets_over_it(served: Served) -> None:
    bucket = served.bucket()
    tried: list[Exception] = []

    def mend(error: Exception) -> None:
        tried.append(error)
        served.faults.end(Fault.STORAGE_UNAVAILABLE)

    served.faults.begin(Fault.STORAGE_UNAVAILABLE)
    patient = storage.retry.DEFAULT_RETRY.with_delay(initial=0.01)
    patient._on_error = mend
    bucket.reload(retry=patient)
    assert [type(error) for error in tried] == [exceptions.ServiceUnavailable]


def test_a_download_can_break_off(served: Served) -> None:
    blob = served.bucket().blob("a")
    blob.upload_from_string(bytes(UNIT))
    served.faults.begin(Fault.STORAGE_BROKEN)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        blob.download_as_bytes(retry=None)
    served.faults.end(Fault.STORAGE_BROKEN)
    assert blob.download_as_bytes() == bytes(UNIT)


def test_an_upload_can_break_off_and_goes_on(served: Served) -> None:
    bucket, data = served.bucket(), bytes(range(256)) * (UNIT // 64)
    url = f"{served.url}/upload/storage/v1/b/{bucket.name}/o?uploadType=resumable"
    path = served.directory.parent / "data"
    path.write_bytes(data)
    upload = ResumableUpload(url, len(data), checksum="crc32c", retry=None)
    session = served.session()
    with path.open("rb") as stream:
        upload.initiate(session, stream, {"name": "a"}, "application/octet-stream")
        served.faults.begin(Fault.STORAGE_BROKEN)
        with pytest.raises(requests.ConnectionError):
            upload.transmit_next_chunk(session)
        served.faults.end(Fault.STORAGE_BROKEN)
        upload.recover(session)
        assert upload.bytes_uploaded == len(data) // 2
        upload.transmit_next_chunk(session)
    assert upload.finished
    assert bucket.blob("a").download_as_bytes() == data


def test_what_broke_off_leaves_nothing_behind(served: Served) -> None:
    bucket = served.bucket()
    served.faults.begin(Fault.STORAGE_BROKEN)
    with pytest.raises(requests.ConnectionError):
        bucket.blob("a").upload_from_string(bytes(UNIT), retry=None)
    served.faults.end(Fault.STORAGE_BROKEN)
    assert bucket.get_blob("a") is None
    assert [path.stat().st_size for path in (served.directory / "files").iterdir()] == [1_004]


async def test_storage_can_be_slow_both_ways() -> None:
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    async def receive() -> Message:
        return {"type": "http.request", "body": bytes(UNIT)}

    async def data() -> AsyncIterator[bytes]:
        yield bytes(UNIT)

    request = Request({"type": "http", "headers": []}, receive)
    faults = Faults()
    faults.begin(Fault.STORAGE_SLOW, UNIT / 8)
    slow = Disturbances(faults, sleep=nap)
    received = [chunk async for chunk in slow.body(request)]
    assert (b"".join(received), sum(naps)) == (bytes(UNIT), 8)
    naps.clear()
    sent = [chunk async for chunk in slow.download(request, data(), UNIT)]
    assert (b"".join(sent), sum(naps)) == (bytes(UNIT), 8)
    assert max(naps) <= 2


def test_the_network_can_be_gone(served: Served) -> None:
    bucket = served.bucket()
    served.faults.begin(Fault.NETWORK_DOWN)
    with pytest.raises(requests.ConnectionError):
        bucket.reload(retry=None, timeout=5)
    served.faults.end(Fault.NETWORK_DOWN)
    bucket.reload()
