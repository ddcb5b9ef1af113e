"""What requests to the storage are counted as: by bucket, method and the code of the answer.

The metric is storage.googleapis.com/api/request_count
(https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-storage). `ReadObject`, `WriteObject`,
`DeleteObject` and the code `OK` are Google's words; the others are made after them.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

from console.sandbox.metrics.tally import Tally
from console.sandbox.moments import Clock, written
from console.sandbox.storage.requests import object_name, segments

_CODES: Final = {
    200: "OK",
    201: "OK",
    204: "OK",
    206: "OK",
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    416: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_ON_BUCKETS: Final = {
    "GET": "GetBucketMetadata",
    "PATCH": "UpdateBucketMetadata",
    "PUT": "UpdateBucketMetadata",
    "DELETE": "DeleteBucket",
}
_ON_OBJECTS: Final = {
    "GET": "GetObjectMetadata",
    "HEAD": "GetObjectMetadata",
    "PATCH": "UpdateObjectMetadata",
    "PUT": "UpdateObjectMetadata",
    "DELETE": "DeleteObject",
}
_BESIDE_BUCKETS: Final = {
    "storageLayout": "GetStorageLayout",
    "managedFolders": "ListManagedFolders",
    "folders": "ListFolders",
    "anywhereCaches": "ListAnywhereCaches",
}
_BESIDE_OBJECTS: Final = {
    "compose": "ComposeObject",
    "restore": "RestoreObject",
    "rewriteTo": "RewriteObject",
    "copyTo": "CopyObject",
}


class RequestMeter:
    """Counts in `tally` what buckets are asked for; `clock` gives the time of day."""

    def __init__(self, tally: Tally, clock: Clock) -> None:
        self._tally = tally
        self._clock = clock

    def note(self, request: Request, status: int) -> None:
        """Count a request to a bucket; what is of no bucket, or only a part of one, counts not."""
        asked, code = method_of(request), _CODES.get(status)
        if asked is not None and code is not None:
            self._tally.add((*asked, code), 1, written(self._clock()))


def method_of(request: Request) -> tuple[str, str] | None:
    """Return which bucket was asked for what."""
    match [request.method, *segments(request)]:
        case [_, *_, "upload", "storage", "v1", "b", bucket, "o"]:
            return _uploading(request, bucket)
        case [_, "batch", *_]:
            return None
        case [verb, "storage" | "download", *path] if "v1" in path[:2]:
            return _of_json(request, verb, path[path.index("v1") + 1 :])
        case [verb, bucket, *_]:
            return _of_xml(request, verb, bucket)
    return None


def _uploading(request: Request, bucket: str) -> tuple[str, str] | None:
    """A resumable upload is one operation, which is counted when all of it has arrived."""
    query = request.query_params
    if request.method == "DELETE":
        return bucket, "CancelResumableUpload"
    kind = query.get("uploadType") or request.headers.get("x-goog-upload-protocol", "")
    if kind == "resumable" and not query.get("upload_id"):
        return None
    return bucket, "WriteObject"


def _of_json(request: Request, verb: str, path: list[str]) -> tuple[str, str] | None:
    match [verb, *path]:
        case [_, "b", bucket] if verb in _ON_BUCKETS:
            return bucket, _ON_BUCKETS[verb]
        case ["GET", "b", bucket, "iam"]:
            return bucket, "GetBucketIamPolicy"
        case ["PUT", "b", bucket, "iam"]:
            return bucket, "SetBucketIamPolicy"
        case ["GET", "b", bucket, "iam", "testPermissions"]:
            return bucket, "TestBucketIamPermissions"
        case ["GET", "b", bucket, "o"]:
            return bucket, "ListObjects"
        case ["GET", "b", bucket, what] if what in _BESIDE_BUCKETS:
            return bucket, _BESIDE_BUCKETS[what]
        case ["GET", "b", bucket, "o", _] if request.query_params.get("alt") == "media":
            return bucket, "ReadObject"
        case [_, "b", bucket, "o", _] if verb in _ON_OBJECTS:
            return bucket, _ON_OBJECTS[verb]
        case ["POST", "b", bucket, "o", _, what, *_] if what in _BESIDE_OBJECTS:
            return bucket, _BESIDE_OBJECTS[what]
    return None


def _of_xml(request: Request, verb: str, bucket: str) -> tuple[str, str] | None:
    query, named = request.query_params, bool(object_name(request))
    if "uploadId" in query:
        methods = {
            "GET": "ListMultipartUploadParts",
            "PUT": "UploadPart",
            "POST": "CompleteMultipartUpload",
            "DELETE": "AbortMultipartUpload",
        }
    elif "uploads" in query:
        methods = {"GET": "ListMultipartUploads", "POST": "InitiateMultipartUpload"}
    else:
        methods = {"GET": "ReadObject", "HEAD": "GetObjectMetadata"} if named else {}
    method = methods.get(verb)
    return None if method is None else (bucket, method)
