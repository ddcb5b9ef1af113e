"""Buckets, through Google's own client."""

from __future__ import annotations

import pytest
from google.api_core import exceptions
from google.cloud import storage
from served_storage import BUCKET, PROJECT, Served

WEEK = 604_800


def test_a_new_sandbox_has_the_demo_model(served: Served) -> None:
    (bucket,) = served.client().list_buckets()
    assert (bucket.name, bucket.location) == ("sandbox-z-image-models", "LOCAL-1")
    assert bucket.iam_configuration.uniform_bucket_level_access_enabled
    assert bucket.iam_configuration.public_access_prevention == "enforced"
    (model,) = bucket.list_blobs()
    assert (model.name, model.size) == ("transformer.gguf", 1_004)


def test_a_bucket_is_made_with_what_was_asked_for(served: Served) -> None:
    new = storage.Bucket(served.client(), BUCKET)
    new.storage_class = "NEARLINE"
    new.iam_configuration.uniform_bucket_level_access_enabled = True
    new.labels = {"for": "tests"}
    new.create(location="us-central1")
    found = served.client().get_bucket(BUCKET)
    assert (found.location, found.location_type) == ("US-CENTRAL1", "region")
    assert found.storage_class == "NEARLINE"
    assert found.iam_configuration.uniform_bucket_level_access_enabled
    assert found.iam_configuration.public_access_prevention == "inherited"
    assert found.labels == {"for": "tests"}
    assert found.soft_delete_policy.retention_duration_seconds == WEEK
    assert not found.versioning_enabled


def test_a_name_that_is_taken_is_refused(shared: Served, bucket: storage.Bucket) -> None:
    with pytest.raises(exceptions.Conflict, match="you already own it"):
        shared.client().create_bucket(bucket.name)


@pytest.mark.parametrize("name", ["ab", "Capital", "goog-models", "a" * 64, "a..b"])
def test_a_name_that_no_bucket_can_have_is_refused(shared: Served, name: str) -> None:
    with pytest.raises(exceptions.BadRequest, match="Invalid bucket name"):
        shared.client().create_bucket(name)


def test_a_bucket_that_is_not_there_is_missing(shared: Served) -> None:
    with pytest.raises(exceptions.NotFound, match="The specified bucket does not exist"):
        shared.client().get_bucket("nowhere")
    with pytest.raises(exceptions.NotFound, match="The specified bucket does not exist"):
        list(shared.client().list_blobs("nowhere"))


def test_settings_change_one_by_one(shared: Served, bucket: storage.Bucket) -> None:
    bucket.versioning_enabled = True
    bucket.add_lifecycle_abort_incomplete_multipart_upload_rule(age=1)
    bucket.patch()
    bucket.labels = {"owner": "me"}
    bucket.patch()
    found = shared.client().get_bucket(bucket.name)
    assert found.versioning_enabled
    assert found.labels == {"owner": "me"}
    assert [rule["action"]["type"] for rule in found.lifecycle_rules] == [
        "AbortIncompleteMultipartUpload"
    ]
    assert found.metageneration == 3


def test_a_change_holds_only_for_the_state_it_was_meant_for(bucket: storage.Bucket) -> None:
    bucket.labels = {"owner": "me"}
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.patch(if_metageneration_match=7)


def test_soft_delete_lasts_a_week_or_more_or_is_off(bucket: storage.Bucket) -> None:
    bucket.soft_delete_policy.retention_duration_seconds = 60
    with pytest.raises(exceptions.BadRequest, match="7 to 90 days"):
        bucket.patch()
    bucket.soft_delete_policy.retention_duration_seconds = 0
    bucket.patch()
    bucket.reload()
    assert bucket.soft_delete_policy.retention_duration_seconds == 0
    bucket.soft_delete_policy.retention_duration_seconds = 2 * WEEK
    bucket.patch()
    bucket.reload()
    assert bucket.soft_delete_policy.effective_time >= bucket.time_created


def test_only_an_empty_bucket_is_removed(shared: Served, bucket: storage.Bucket) -> None:
    bucket.blob("a").upload_from_string(b"1")
    with pytest.raises(exceptions.Conflict, match="not empty"):
        bucket.delete()
    bucket.delete_blob("a")
    bucket.delete()
    assert shared.client().lookup_bucket(bucket.name) is None


def test_who_may_use_a_bucket_is_kept_and_guarded(shared: Served, bucket: storage.Bucket) -> None:
    viewer = {"role": "roles/storage.objectViewer", "members": ["serviceAccount:z@sandbox.test"]}
    policy = bucket.get_iam_policy()
    policy.bindings.append(viewer)
    bucket.set_iam_policy(policy)
    assert viewer["role"] in {each["role"] for each in bucket.get_iam_policy().bindings}
    with pytest.raises(exceptions.PreconditionFailed):
        bucket.set_iam_policy(policy)
    asked = ["storage.objects.get", "storage.objects.list"]
    assert bucket.test_iam_permissions(asked) == asked


def test_a_guarded_bucket_cannot_be_made_public(shared: Served) -> None:
    guarded = shared.client().bucket("sandbox-z-image-models")
    policy = guarded.get_iam_policy()
    policy.bindings.append({"role": "roles/storage.objectViewer", "members": ["allUsers"]})
    with pytest.raises(exceptions.PreconditionFailed, match="public access prevention"):
        guarded.set_iam_policy(policy)


def test_buckets_belong_to_the_project(shared: Served) -> None:
    with pytest.raises(exceptions.Forbidden, match="someone-else"):
        list(shared.client().list_buckets(project="someone-else"))
    assert shared.client().project == PROJECT


def test_many_buckets_come_in_pages(served: Served) -> None:
    client = served.client()
    for number in range(5):
        client.create_bucket(f"many-{number}")
    pages = client.list_buckets(prefix="many-", page_size=2)
    assert [each.name for each in pages] == [f"many-{number}" for number in range(5)]
