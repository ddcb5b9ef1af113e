"""How requests to Cloud Storage are billed, by the names that Cloud Monitoring counts them under.

What is class A, class B and free: https://cloud.google.com/storage/pricing#operations-by-class.
The names of the metric are listed nowhere: those of reading, writing and deleting objects were seen
in queries that others published, the rest are taken to be made in the same way. A name that is not
here is unknown, and is counted as such.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from console.model.meters import Operations
from console.model.text import SafeText


class OperationClass(StrEnum):
    """How a request is billed."""

    A = "class A"
    B = "class B"
    FREE = "free"


_CLASSES: Final = {
    OperationClass.A: (
        "WriteObject",
        "InsertObject",
        "ComposeObject",
        "CopyObject",
        "RewriteObject",
        "UpdateObject",
        "UpdateObjectMetadata",
        "PatchObject",
        "PatchObjectMetadata",
        "ListObjects",
        "ListBuckets",
        "CreateBucket",
        "InsertBucket",
        "UpdateBucket",
        "UpdateBucketMetadata",
        "PatchBucket",
        "SetBucketIamPolicy",
        "RestoreObject",
        "StartResumableUpload",
        "InitiateMultipartUpload",
        "CreateMultipartUpload",
        "CompleteMultipartUpload",
        "ListMultipartUploads",
        "ListMultipartUploadParts",
        "UploadPart",
    ),
    OperationClass.B: (
        "ReadObject",
        "GetObject",
        "GetObjectMetadata",
        "GetBucket",
        "GetBucketMetadata",
        "GetBucketIamPolicy",
        "TestBucketIamPermissions",
        "GetBucketLocation",
    ),
    OperationClass.FREE: (
        "DeleteObject",
        "DeleteBucket",
        "AbortMultipartUpload",
        "CancelResumableUpload",
    ),
}
_CLASS_OF: Final = {name: each for each, names in _CLASSES.items() for name in names}
ANSWERED: Final = frozenset({"OK", "200", "201", "204", "206"})
"""The codes of requests that are billed; what is refused, redirected or fails is not."""


def class_of(method: str) -> OperationClass | None:
    """Return how a method is billed; None where that is not known."""
    return _CLASS_OF.get(method)


def operations(counted: Iterable[tuple[SafeText, str, int]]) -> Operations:
    """Add up requests, each with its method, the code that answered it, and how many there were."""
    by_class: Counter[OperationClass] = Counter()
    unknown: Counter[SafeText] = Counter()
    for method, code, number in counted:
        if code not in ANSWERED or number <= 0:
            continue
        billed = class_of(method)
        if billed is None:
            unknown[method] += number
        else:
            by_class[billed] += number
    return Operations(
        class_a=by_class[OperationClass.A],
        class_b=by_class[OperationClass.B],
        free=by_class[OperationClass.FREE],
        unknown=dict(unknown),
    )
