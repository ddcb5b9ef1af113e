"""Objects that get another name in one step, through Google's own client."""

from __future__ import annotations

import pytest
from google.api_core import exceptions
from google.cloud import storage
from served_storage import Served


def put(bucket: storage.Bucket, name: str, data: bytes = b"weights") -> storage.Blob:
    blob = bucket.blob(name)
    blob.metadata = {"sha256": "ab"}
    blob.upload_from_string(data)
    return blob


def kept(bucket: storage.Bucket, name: str) -> list[storage.Blob]:
    return [each for each in bucket.list_blobs(soft_deleted=True) if each.name == name]


def test_a_moved_object_is_the_same_under_its_new_name(
    bucket: storage.Bucket, shared: Served
) -> None:
    old = put(bucket, "staged/z.gguf")

    new = bucket.move_blob(old, "z.gguf")

    assert new.download_as_bytes() == b"weights"
    assert new.metadata == {"sha256": "ab"}
    assert (new.crc32c, new.size) == (old.crc32c, old.size)
    assert new.generation > old.generation
    mounted = shared.directory / "buckets" / bucket.name
    assert (mounted / "z.gguf").read_bytes() == b"weights"
    assert not (mounted / "staged" / "z.gguf").exists()


def test_what_was_moved_is_not_kept_under_its_old_name(bucket: storage.Bucket) -> None:
    bucket.move_blob(put(bucket, "staged"), "final")

    assert bucket.get_blob("staged") is None
    assert kept(bucket, "staged") == []


def test_what_it_replaces_can_be_restored(bucket: storage.Bucket) -> None:
    put(bucket, "final", b"before")

    bucket.move_blob(put(bucket, "staged"), "final")

    assert [each.size for each in kept(bucket, "final")] == [len(b"before")]


def test_it_replaces_only_what_was_expected(bucket: storage.Bucket) -> None:
    staged, other = put(bucket, "staged"), put(bucket, "final", b"before")

    for expected in (0, other.generation + 1):
        with pytest.raises(exceptions.PreconditionFailed):
            bucket.move_blob(staged, "final", if_generation_match=expected)
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.move_blob(staged, "final", if_source_generation_match=staged.generation + 1)

    assert bucket.get_blob("final").download_as_bytes() == b"before"
    assert bucket.get_blob("staged") is not None
    bucket.move_blob(staged, "final", if_generation_match=other.generation)
    assert bucket.get_blob("final").download_as_bytes() == b"weights"


def test_nothing_moves_from_nowhere_or_on_to_itself(bucket: storage.Bucket) -> None:
    with pytest.raises(exceptions.NotFound):
        bucket.move_blob(bucket.blob("none"), "final")
    with pytest.raises(exceptions.BadRequest):
        bucket.move_blob(put(bucket, "same"), "same")
