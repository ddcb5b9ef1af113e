"""Buckets and objects as the JSON interface shows them, and what writers may say of them.

Source: https://cloud.google.com/storage/docs/json_api/v1/objects and
https://cloud.google.com/storage/docs/json_api/v1/buckets.
"""

from __future__ import annotations

import base64
from typing import Final
from urllib.parse import quote

from console.sandbox.storage.records import Bucket, JsonObject, State, Version
from console.sandbox.storage.refusals import invalid

PROJECT_NUMBER: Final = "100000000001"
SETTABLE: Final = frozenset(
    {
        "cacheControl",
        "contentDisposition",
        "contentEncoding",
        "contentLanguage",
        "contentType",
        "customTime",
        "eventBasedHold",
        "metadata",
        "temporaryHold",
    }
)
CLASSES: Final = ("STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE")
_MULTI_REGIONS: Final = ("US", "EU", "ASIA")


def etag(generation: int, metageneration: int) -> str:
    """Return the entity tag of a version with its metadata."""
    return base64.b64encode(f"{generation:x}/{metageneration:x}".encode()).decode()


def bucket_resource(bucket: Bucket, host: str) -> JsonObject:
    """Return the resource of a bucket, with links to `host`."""
    location = str(bucket.settings["location"])
    return {
        "kind": "storage#bucket",
        "id": bucket.name,
        "name": bucket.name,
        "selfLink": f"http://{host}/storage/v1/b/{bucket.name}",
        "projectNumber": PROJECT_NUMBER,
        "generation": str(bucket.generation),
        "metageneration": str(bucket.metageneration),
        "etag": etag(0, bucket.metageneration),
        "timeCreated": bucket.created,
        "updated": bucket.updated,
        "locationType": "multi-region" if location in _MULTI_REGIONS else "region",
        **bucket.settings,
    }


def object_resource(version: Version, host: str) -> JsonObject:
    """Return the resource of a version of an object, with links to `host`."""
    path = f"storage/v1/b/{version.bucket}/o/{quote(version.name, safe='')}"
    resource: JsonObject = {
        "kind": "storage#object",
        "id": f"{version.bucket}/{version.name}/{version.generation}",
        "selfLink": f"http://{host}/{path}",
        "mediaLink": f"http://{host}/download/{path}?generation={version.generation}&alt=media",
        "name": version.name,
        "bucket": version.bucket,
        "generation": str(version.generation),
        "metageneration": str(version.metageneration),
        "storageClass": version.storage_class,
        "size": str(version.size),
        "crc32c": version.crc32c,
        "etag": etag(version.generation, version.metageneration),
        "timeCreated": version.created,
        "updated": version.updated,
        "timeStorageClassUpdated": version.created,
        "timeFinalized": version.created,
        **version.properties,
    }
    if version.md5:
        resource["md5Hash"] = version.md5
    if version.components:
        resource["componentCount"] = version.components
    if version.noncurrent_since:
        resource["timeDeleted"] = version.noncurrent_since
    if version.state is State.SOFT_DELETED:
        resource["softDeleteTime"] = version.deleted
        resource["hardDeleteTime"] = version.gone_at
    return resource


def properties(said: JsonObject) -> JsonObject:
    """Return the part of an object's resource that is the writer's to say; raises `Refused`."""
    kept = {key: value for key, value in said.items() if key in SETTABLE and value is not None}
    metadata = kept.get("metadata", {})
    if not isinstance(metadata, dict) or not all(
        isinstance(value, str) for value in metadata.values() if value is not None
    ):
        raise invalid("Invalid value for: metadata, which has texts for texts")
    kept["metadata"] = {key: value for key, value in metadata.items() if value is not None}
    if not kept["metadata"]:
        del kept["metadata"]
    return kept


def amended(old: JsonObject, change: JsonObject) -> JsonObject:
    """Return `old` with what a patch changes, whose nulls remove (RFC 7396)."""
    result = dict(old)
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            before = result.get(key)
            result[key] = amended(before if isinstance(before, dict) else {}, value)
        else:
            result[key] = value
    return result


def class_named(said: JsonObject) -> str:
    """Return the storage class that a resource names, empty for none; raises `Refused`."""
    name = said.get("storageClass") or ""
    if name and name not in CLASSES:
        raise invalid(f"Invalid storage class: {name}")
    return str(name)
