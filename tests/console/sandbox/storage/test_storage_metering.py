"""Requests to buckets are counted as what they are billed as, by the methods that clients use."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import requests
from google.api_core.exceptions import PreconditionFailed
from google.cloud import storage
from google.cloud.storage import transfer_manager
from served_storage import Served

from console.model.storage_operations import OperationClass, class_of
from console.sandbox.faults import Fault
from console.sandbox.moments import written


def counted(served: Served) -> Counter[tuple[str, ...]]:
    """Return what was counted since the last time, without the names of buckets."""
    rows = served.requests._counts
    found: Counter[tuple[str, ...]] = Counter()
    for (_, (_, *names)), number in rows.items():
        found[tuple(names)] += number
    rows.clear()
    return found


@pytest.fixture
def own(served: Served) -> storage.Bucket:
    """A bucket, after what making it was counted as."""
    bucket = served.bucket()
    counted(served)
    return bucket


def test_the_life_of_an_object(served: Served, own: storage.Bucket) -> None:
    blob = own.blob("a.bin")
    blob.upload_from_string(b"1" * 100)
    assert counted(served) == {("WriteObject", "OK"): 1}
    blob.reload()
    assert counted(served) == {("GetObjectMetadata", "OK"): 1}
    assert blob.download_as_bytes() == b"1" * 100
    assert counted(served) == {("ReadObject", "OK"): 1}
    own.copy_blob(blob, own, "b.bin")
    own.blob("c.bin").rewrite(blob)
    own.blob("d.bin").compose([blob, blob])
    assert counted(served) == {
        ("CopyObject", "OK"): 1,
        ("RewriteObject", "OK"): 1,
        ("ComposeObject", "OK"): 1,
    }
    assert len(list(own.list_blobs())) == 4
    blob.delete()
    assert counted(served) == {("ListObjects", "OK"): 1, ("DeleteObject", "OK"): 1}


def test_a_resumable_upload_is_one_operation(served: Served, own: storage.Bucket) -> None:
    blob = own.blob("big.bin", chunk_size=262_144)
    blob.upload_from_string(bytes(600_000))

    assert counted(served) == {("WriteObject", "OK"): 1}


def test_parts_of_an_upload_are_operations_of_their_own(
    served: Served, own: storage.Bucket, tmp_path: Path
) -> None:
    file = tmp_path / "parts.bin"
    file.write_bytes(bytes(11 << 20))
    transfer_manager.upload_chunks_concurrently(
        str(file),
        own.blob("parts.bin"),
        chunk_size=5 << 20,
        max_workers=1,
        worker_type=transfer_manager.THREAD,
    )

    assert counted(served) == {
        ("InitiateMultipartUpload", "OK"): 1,
        ("UploadPart", "OK"): 3,
        ("CompleteMultipartUpload", "OK"): 1,
    }


def test_what_is_refused_is_counted_by_why(served: Served, own: storage.Bucket) -> None:
    # Google's client would look, beside that, whether there is the bucket.
    requests.get(f"{served.url}/storage/v1/b/{own.name}/o/nothing?alt=media", timeout=10)
    with pytest.raises(PreconditionFailed):
        own.blob("models").upload_from_string(b"1", if_generation_match=7)
    served.faults.begin(Fault.STORAGE_DENIED)
    requests.get(f"{served.url}/storage/v1/b/{own.name}", timeout=10)
    served.faults.begin(Fault.STORAGE_UNAVAILABLE)
    requests.get(f"{served.url}/storage/v1/b/{own.name}/o", timeout=10)

    assert counted(served) == {
        ("ReadObject", "NOT_FOUND"): 1,
        ("WriteObject", "FAILED_PRECONDITION"): 1,
        ("GetBucketMetadata", "PERMISSION_DENIED"): 1,
        ("ListObjects", "UNAVAILABLE"): 1,
    }


def test_requests_in_a_batch_are_counted_one_by_one(served: Served, own: storage.Bucket) -> None:
    for name in ("a", "b"):
        own.blob(name).upload_from_string(b"1")
    counted(served)
    with own.client.batch():
        own.blob("a").delete()
        own.blob("b").delete()

    assert counted(served) == {("DeleteObject", "OK"): 2}


def test_what_no_price_is_known_of_has_a_name_of_its_own(
    served: Served, own: storage.Bucket
) -> None:
    requests.get(f"{served.url}/storage/v1/b/{own.name}/storageLayout", timeout=10)
    requests.get(f"{served.url}/storage/v1/b?project=sandbox", timeout=10)

    assert counted(served) == {("GetStorageLayout", "OK"): 1}
    assert class_of("GetStorageLayout") is None


def test_they_are_counted_in_the_minute_in_which_they_were_answered(
    served: Served, own: storage.Bucket
) -> None:
    before = written(served.now())[:16]
    list(own.list_blobs())
    after = written(served.now())[:16]

    (((minute, (bucket, method, code)), number),) = served.requests._counts.items()
    assert before <= minute <= after
    assert (bucket, method, code, number) == (own.name, "ListObjects", "OK", 1)


def test_writing_is_class_a_reading_class_b_and_deleting_free() -> None:
    assert class_of("WriteObject") is class_of("ListObjects") is OperationClass.A
    assert class_of("ReadObject") is class_of("GetObjectMetadata") is OperationClass.B
    assert class_of("DeleteObject") is OperationClass.FREE
