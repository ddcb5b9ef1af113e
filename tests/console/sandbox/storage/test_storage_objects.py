"""Objects, through Google's own client: names, pages, metadata, versions, what is deleted."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta

import google_crc32c
import pytest
from google.api_core import exceptions
from google.cloud import storage
from served_storage import Served

HOSTILE = [
    "a b/c d.gguf",
    "a//b",
    "/rooted",
    "../../escape",
    "./here",
    "folder/",
    "percent%2Fnot-a-slash",
    "question?mark#and+plus&amp;",
    "compose",
    "x/compose",
    "名前/モデル.gguf",
    "\x1b[31mred\x1b[0m",
    "line\ttab",
    "quote\"'`\\",
    "n" * 1_024,
]


def put(bucket: storage.Bucket, name: str, data: bytes = b"weights") -> storage.Blob:
    blob = bucket.blob(name)
    blob.upload_from_string(data)
    return blob


def test_what_was_put_in_comes_out(bucket: storage.Bucket) -> None:
    blob = bucket.blob("vae.safetensors")
    blob.metadata = {"sha256": "ab"}
    blob.cache_control = "no-store"
    blob.upload_from_string(b"weights", content_type="application/x-weights")
    found = bucket.get_blob("vae.safetensors")
    assert found is not None
    assert found.download_as_bytes() == b"weights"
    assert (found.size, found.content_type, found.storage_class) == (
        7,
        "application/x-weights",
        "STANDARD",
    )
    assert found.metadata == {"sha256": "ab"}
    assert found.cache_control == "no-store"
    assert found.md5_hash == base64.b64encode(hashlib.md5(b"weights").digest()).decode()
    assert found.crc32c == base64.b64encode(google_crc32c.Checksum(b"weights").digest()).decode()
    assert found.time_created == found.updated


@pytest.mark.parametrize("name", HOSTILE)
def test_any_name_is_kept_as_it_is(shared: Served, bucket: storage.Bucket, name: str) -> None:
    put(bucket, name, name.encode())
    assert [blob.name for blob in bucket.list_blobs()] == [name]
    assert bucket.blob(name).download_as_bytes() == name.encode()
    inside = [path for path in shared.directory.parent.iterdir() if path.name == "escape"]
    assert inside == []
    bucket.delete_blob(name)
    assert list(bucket.list_blobs()) == []


@pytest.mark.parametrize("name", [".", "..", "two\nlines", "n" * 1_025])
def test_a_name_that_no_object_can_have_is_refused(bucket: storage.Bucket, name: str) -> None:
    with pytest.raises(exceptions.BadRequest, match="object name"):
        put(bucket, name)


def test_an_object_that_is_not_there_is_missing(bucket: storage.Bucket) -> None:
    assert bucket.get_blob("nothing") is None
    with pytest.raises(exceptions.NotFound, match=f"No such object: {bucket.name}/nothing"):
        bucket.blob("nothing").download_as_bytes()
    with pytest.raises(exceptions.NotFound):
        bucket.delete_blob("nothing")


def test_folders_are_made_of_names(bucket: storage.Bucket) -> None:
    for name in ["a.txt", "dir/b", "dir/sub/c", "dir/sub/d", "other/e"]:
        put(bucket, name)
    top = bucket.list_blobs(delimiter="/")
    assert [blob.name for blob in top] == ["a.txt"]
    assert top.prefixes == {"dir/", "other/"}
    inside = bucket.list_blobs(prefix="dir/", delimiter="/")
    assert [blob.name for blob in inside] == ["dir/b"]
    assert inside.prefixes == {"dir/sub/"}
    assert [blob.name for blob in bucket.list_blobs(match_glob="dir/**")] == [
        "dir/b",
        "dir/sub/c",
        "dir/sub/d",
    ]
    assert [blob.name for blob in bucket.list_blobs(start_offset="dir/c", end_offset="o")] == [
        "dir/sub/c",
        "dir/sub/d",
    ]


@pytest.mark.parametrize("delimiter", [None, "/"])
def test_pages_lose_and_double_nothing(bucket: storage.Bucket, delimiter: str | None) -> None:
    names = [f"{folder}/{number}" for folder in "abc" for number in range(3)] + ["d", "e"]
    for name in names:
        put(bucket, name)
    blobs = bucket.list_blobs(page_size=2, delimiter=delimiter)
    found = [blob.name for blob in blobs]
    if delimiter:
        assert (found, blobs.prefixes) == (["d", "e"], {"a/", "b/", "c/"})
    else:
        assert found == names


def test_metadata_changes_and_counts(bucket: storage.Bucket) -> None:
    blob = put(bucket, "a")
    blob.metadata = {"kept": "1", "gone": "2"}
    blob.patch()
    blob.metadata = {"gone": None, "new": "3"}
    blob.patch()
    found = bucket.get_blob("a")
    assert found is not None
    assert found.metadata == {"kept": "1", "new": "3"}
    assert (found.metageneration, found.generation) == (3, blob.generation)


def test_a_new_object_can_be_kept_from_replacing_one(bucket: storage.Bucket) -> None:
    first = bucket.blob("a")
    first.upload_from_string(b"1", if_generation_match=0)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("a").upload_from_string(b"2", if_generation_match=0)
    bucket.blob("a").upload_from_string(b"3", if_generation_match=first.generation)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.delete_blob("a", if_generation_match=first.generation)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("a").upload_from_string(b"4", if_metageneration_match=2)
    assert bucket.blob("a").download_as_bytes() == b"3"


def test_generations_only_grow(bucket: storage.Bucket) -> None:
    generations = [put(bucket, "a").generation for _ in range(3)]
    assert generations == sorted(set(generations))


def test_what_is_deleted_can_be_restored_for_a_week(served: Served) -> None:
    bucket = served.bucket()
    blob = put(bucket, "a", b"precious")
    blob.delete()
    assert list(bucket.list_blobs()) == []
    (deleted,) = bucket.list_blobs(soft_deleted=True)
    assert deleted.hard_delete_time - deleted.soft_delete_time == timedelta(days=7)
    restored = bucket.restore_blob("a", generation=deleted.generation)
    assert restored.generation > deleted.generation
    assert bucket.blob("a").download_as_bytes() == b"precious"


def test_what_was_deleted_long_ago_is_gone(served: Served) -> None:
    bucket = served.bucket()
    put(bucket, "a").delete()
    served.later = timedelta(days=7, seconds=1)
    assert list(bucket.list_blobs(soft_deleted=True)) == []
    files = served.directory / "files"
    assert {path.stat().st_size for path in files.iterdir()} == {1_004}


def test_what_is_replaced_can_be_restored_too(bucket: storage.Bucket) -> None:
    old = put(bucket, "a", b"old")
    put(bucket, "a", b"new")
    (deleted,) = bucket.list_blobs(soft_deleted=True)
    assert deleted.generation == old.generation


def test_versions_are_kept_where_the_bucket_says_so(bucket: storage.Bucket) -> None:
    bucket.versioning_enabled = True
    bucket.patch()
    old = put(bucket, "a", b"old")
    new = put(bucket, "a", b"new")
    versions = list(bucket.list_blobs(versions=True))
    assert [blob.generation for blob in versions] == [old.generation, new.generation]
    assert versions[0].time_deleted is not None
    assert bucket.blob("a", generation=old.generation).download_as_bytes() == b"old"
    bucket.delete_blob("a")
    assert bucket.get_blob("a") is None
    assert len(list(bucket.list_blobs(versions=True))) == 2
    bucket.delete_blob("a", generation=old.generation)
    assert [blob.generation for blob in bucket.list_blobs(versions=True)] == [new.generation]
    assert [blob.generation for blob in bucket.list_blobs(soft_deleted=True)] == [old.generation]


def test_without_soft_delete_what_is_deleted_is_gone(served: Served) -> None:
    bucket = served.bucket()
    bucket.soft_delete_policy.retention_duration_seconds = 0
    bucket.patch()
    put(bucket, "a", b"0123456789").delete()
    assert list(bucket.list_blobs(soft_deleted=True)) == []
    assert {path.stat().st_size for path in (served.directory / "files").iterdir()} == {1_004}


def test_a_copy_is_an_object_of_its_own(shared: Served, bucket: storage.Bucket) -> None:
    blob = bucket.blob("a")
    blob.metadata = {"sha256": "ab"}
    blob.upload_from_string(b"weights", content_type="text/plain")
    other = shared.bucket("other-bucket")
    copy = bucket.copy_blob(blob, other, "b")
    bucket.delete_blob("a")
    assert other.blob("b").download_as_bytes() == b"weights"
    assert (copy.content_type, copy.metadata) == ("text/plain", {"sha256": "ab"})
    third = bucket.blob("c")
    token, rewritten, total = third.rewrite(copy)
    assert (token, rewritten, total) == (None, 7, 7)


def test_objects_are_put_together(bucket: storage.Bucket) -> None:
    parts = [put(bucket, f"part-{number}", bytes([number]) * 3) for number in range(3)]
    whole = bucket.blob("whole")
    whole.compose(parts, if_generation_match=0)
    whole.reload()
    assert whole.download_as_bytes() == b"\0\0\0\1\1\1\2\2\2"
    assert (whole.component_count, whole.md5_hash) == (3, None)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.blob("whole").compose(parts, if_generation_match=0)
    with pytest.raises(exceptions.BadRequest, match="exceeds the maximum"):
        bucket.blob("more").compose(parts * 11)
    with pytest.raises(exceptions.NotFound):
        bucket.blob("more").compose([parts[0], bucket.blob("nothing")])


def test_several_requests_go_in_one(bucket: storage.Bucket) -> None:
    for name in ["a", "b/c", "d"]:
        put(bucket, name)
    with bucket.client.batch():
        bucket.delete_blob("a")
        bucket.delete_blob("b/c")
    assert [blob.name for blob in bucket.list_blobs()] == ["d"]
    with pytest.raises(exceptions.NotFound), bucket.client.batch():
        bucket.delete_blobs([bucket.blob("d"), bucket.blob("nothing")])
    assert list(bucket.list_blobs()) == []


def test_live_objects_are_files_of_a_directory(shared: Served, bucket: storage.Bucket) -> None:
    put(bucket, "z-image/vae.safetensors", b"vae")
    put(bucket, "z-image/old.gguf").delete()
    put(bucket, "../out", b"x")
    directory = shared.cloud.directory_of(bucket.name)
    assert directory is not None
    files = {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}
    assert files == {"z-image/vae.safetensors", "%2E%2E/out"}
    assert (directory / "z-image/vae.safetensors").read_bytes() == b"vae"
    put(bucket, "z-image/vae.safetensors", b"new")
    assert (directory / "z-image/vae.safetensors").read_bytes() == b"new"
    nowhere = shared.cloud.directory_of("nowhere")
    assert nowhere is not None
    assert not nowhere.exists()


@pytest.mark.parametrize("name", ["", ".", "..", "../out", "a/b", "/etc"])
def test_what_is_no_bucket_s_name_leads_nowhere(shared: Served, name: str) -> None:
    assert shared.cloud.directory_of(name) is None
