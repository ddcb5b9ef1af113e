"""Names that are somebody else's, and what a bucket does by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from google.api_core import exceptions
from google.cloud import storage
from served_storage import Served

THEIRS = "z-image-models"


def test_a_name_of_somebody_else_cannot_be_had(shared: Served) -> None:
    with pytest.raises(exceptions.Conflict, match="requested bucket name is not available"):
        shared.client().create_bucket(THEIRS)
    assert THEIRS not in [each.name for each in shared.client().list_buckets()]


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        (f"/storage/v1/b/{THEIRS}", "storage.buckets.get"),
        (f"/storage/v1/b/{THEIRS}/iam", "storage.buckets.getIamPolicy"),
        (f"/storage/v1/b/{THEIRS}/o", "storage.objects.list"),
        (f"/storage/v1/b/{THEIRS}/o/model.gguf", "storage.objects.get"),
        (f"/download/storage/v1/b/{THEIRS}/o/model.gguf?alt=media", "storage.objects.get"),
        (f"/{THEIRS}?uploads", "storage.objects.list"),
        (f"/{THEIRS}/model.gguf", "storage.objects.get"),
    ],
)
def test_nothing_is_told_of_what_is_somebody_elses(
    shared: Served, path: str, permission: str
) -> None:
    answer = shared.session().get(f"{shared.url}{path}")
    assert answer.status_code == 403
    assert f"Permission '{permission}' denied" in answer.text


def test_nothing_can_be_put_into_what_is_somebody_elses(shared: Served) -> None:
    theirs = shared.client().bucket(THEIRS)
    with pytest.raises(exceptions.Forbidden, match=r"storage\.objects\.create"):
        theirs.blob("model.gguf").upload_from_string(b"GGUF", retry=None)
    begun = shared.session().post(f"{shared.url}/{THEIRS}/model.gguf?uploads")
    assert begun.status_code == 403
    changed = shared.session().patch(f"{shared.url}/storage/v1/b/{THEIRS}", json={})
    assert (changed.status_code, "storage.buckets.update" in changed.text) == (403, True)


def test_an_unfinished_upload_ends_when_a_rule_says(served: Served) -> None:
    bucket, session = served.bucket(), served.session()
    bucket.add_lifecycle_abort_incomplete_multipart_upload_rule(age=7)
    bucket.patch()
    at = f"{served.url}/{bucket.name}/model.gguf"
    begun = session.post(f"{at}?uploads").text
    upload = begun.partition("<UploadId>")[2].partition("<")[0]
    part = {"partNumber": 1, "uploadId": upload}
    assert session.put(at, params=part, data=b"GGUF").ok

    served.later = timedelta(days=6, hours=23)
    assert upload in session.get(f"{served.url}/{bucket.name}?uploads").text

    served.later = timedelta(days=7, hours=1)
    assert session.put(at, params=part | {"partNumber": 2}, data=b"more").status_code == 404
    assert upload not in session.get(f"{served.url}/{bucket.name}?uploads").text


def test_an_unfinished_upload_stays_in_a_bucket_without_a_rule_about_it(served: Served) -> None:
    bucket, session = served.bucket(), served.session()
    rule = {
        "action": {"type": "AbortIncompleteMultipartUpload"},
        "condition": {"age": 1, "matchesPrefix": ["other/"]},
    }
    bucket.lifecycle_rules = [rule]
    bucket.patch()
    begun = session.post(f"{served.url}/{bucket.name}/model.gguf?uploads").text
    upload = begun.partition("<UploadId>")[2].partition("<")[0]
    served.later = timedelta(days=30)
    assert upload in session.get(f"{served.url}/{bucket.name}?uploads").text


@pytest.mark.parametrize(
    "rule",
    [
        {"action": {"type": "Explode"}, "condition": {"age": 1}},
        {"action": {"type": "Delete"}, "condition": {}},
        {"action": {"type": "Delete"}, "condition": {"age": "soon"}},
        {"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"isLive": True}},
        "none",
    ],
    ids=str,
)
def test_a_rule_that_makes_no_sense_is_refused(
    shared: Served, bucket: storage.Bucket, rule: Any
) -> None:
    answer = shared.session().patch(
        f"{shared.url}/storage/v1/b/{bucket.name}", json={"lifecycle": {"rule": [rule]}}
    )
    assert answer.status_code == 400
    assert not list(shared.client().get_bucket(bucket.name).lifecycle_rules)
