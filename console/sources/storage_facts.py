"""Cloud Storage's answers read into the console's facts; every text is made safe.

Sources: https://cloud.google.com/storage/docs/json_api/v1 and, for uploads in parts,
https://cloud.google.com/storage/docs/xml-api/get-bucket-uploads. Whatever makes no sense raises
`ValueError`, `KeyError` or `TypeError`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from xml.etree import ElementTree

from console.model.models.bucket_settings import BucketSettings, LifecycleRule
from console.model.storage import Bucket, Kept, StoredObject, UnfinishedUpload
from console.terminal.sanitise import sanitise

Resource = Mapping[str, object]

_DECLARATIONS: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def bucket_facts(resource: Resource) -> Bucket:
    """Read the resource of a bucket."""
    access = _part(resource, "iamConfiguration")
    uniform = _part(access, "uniformBucketLevelAccess").get("enabled")
    prevention = access.get("publicAccessPrevention")
    retention = _part(resource, "softDeletePolicy").get("retentionDurationSeconds")
    return Bucket(
        name=sanitise(_text(resource["name"])),
        location=sanitise(_text(resource.get("location"))),
        storage_class=sanitise(_text(resource.get("storageClass"))),
        created=_moment(resource.get("timeCreated")),
        uniform_access=uniform if isinstance(uniform, bool) else None,
        public_access_prevented=None if prevention is None else prevention == "enforced",
        versioned=_part(resource, "versioning").get("enabled") is True,
        soft_delete=None if retention is None else timedelta(seconds=_number(retention)),
        rules=tuple(
            sanitise(_text(_part(rule, "action").get("type"))) for rule in lifecycle_rules(resource)
        ),
    )


def bucket_settings(resource: Resource) -> BucketSettings:
    """Read how a bucket is set."""
    facts = bucket_facts(resource)
    return BucketSettings(
        name=facts.name,
        location=facts.location,
        storage_class=facts.storage_class,
        uniform_access=facts.uniform_access,
        public_access_prevented=facts.public_access_prevented,
        versioned=facts.versioned,
        soft_delete=facts.soft_delete,
        rules=tuple(map(_rule, lifecycle_rules(resource))),
        requester_pays=_part(resource, "billing").get("requesterPays") is True,
        version=_number(resource.get("metageneration") or 0),
    )


def lifecycle_rules(resource: Resource) -> list[Resource]:
    """Return the rules by which a bucket does something by itself, as they were said."""
    rules = _part(resource, "lifecycle").get("rule")
    return [each for each in rules if isinstance(each, dict)] if isinstance(rules, list) else []


def _rule(said: Resource) -> LifecycleRule:
    condition = _part(said, "condition")
    age = condition.get("age")
    return LifecycleRule(
        action=sanitise(_text(_part(said, "action").get("type"))),
        conditions=frozenset(map(str, condition)),
        age=age if isinstance(age, int) and not isinstance(age, bool) else None,
        text=json.dumps(said, ensure_ascii=True),
    )


def object_facts(resource: Resource) -> StoredObject:
    """Read the resource of a version of an object."""
    deleted, replaced = (_moment(resource.get(key)) for key in ("softDeleteTime", "timeDeleted"))
    kept = Kept.LIVE
    if deleted is not None:
        kept = Kept.SOFT_DELETED
    elif replaced is not None:
        kept = Kept.NONCURRENT
    return StoredObject(
        name=sanitise(_text(resource["name"])),
        size=_number(resource["size"]),
        storage_class=sanitise(_text(resource.get("storageClass"))),
        crc32c=sanitise(_text(resource.get("crc32c"))),
        generation=_number(resource["generation"]),
        created=_moment(resource.get("timeCreated")),
        kept=kept,
        since=deleted or replaced,
        until=_moment(resource.get("hardDeleteTime")),
        metadata=tuple(
            (sanitise(name), sanitise(value))
            for name, value in _part(resource, "metadata").items()
            if isinstance(value, str)
        ),
    )


def upload_page(body: bytes) -> tuple[list[UnfinishedUpload], dict[str, str]]:
    """Read a page of unfinished uploads; return them, and the parameters that ask for the next."""
    root = _xml(body)
    found = [
        UnfinishedUpload(
            name=sanitise(each.findtext("{*}Key", "")),
            id=sanitise(each.findtext("{*}UploadId", "")),
            started=_moment(each.findtext("{*}Initiated")),
            storage_class=sanitise(each.findtext("{*}StorageClass", "")),
        )
        for each in root.iterfind("{*}Upload")
    ]
    if root.findtext("{*}IsTruncated", "") != "true":
        return found, {}
    return found, {
        "key-marker": root.findtext("{*}NextKeyMarker", ""),
        "upload-id-marker": root.findtext("{*}NextUploadIdMarker", ""),
    }


def upload_id(body: bytes) -> str:
    """Read under which id an upload in parts was begun."""
    found = _xml(body).findtext("{*}UploadId", "")
    if not found:
        raise ValueError("an upload without an id")
    return found


def part_page(body: bytes) -> tuple[dict[int, tuple[str, int]], str]:
    """Read a page of the parts of an upload: tag and size by number, and what the next is after.

    The latter is empty on the last page. Source:
    https://cloud.google.com/storage/docs/xml-api/get-object-multipart.
    """
    root = _xml(body)
    found = {
        _number(each.findtext("{*}PartNumber")): (
            each.findtext("{*}ETag", ""),
            _number(each.findtext("{*}Size")),
        )
        for each in root.iterfind("{*}Part")
    }
    if root.findtext("{*}IsTruncated", "") != "true":
        return found, ""
    return found, root.findtext("{*}NextPartNumberMarker", "")


def refusal_code(body: bytes) -> str:
    """Return by which word the XML interface refuses, empty when it does not say."""
    try:
        return _xml(body).findtext("{*}Code", "")
    except ValueError:
        return ""


def refusal_text(body: bytes) -> str:
    """Return why the XML interface refuses, empty when it does not say."""
    try:
        root = _xml(body)
    except ValueError:
        return ""
    return root.findtext("{*}Details", "") or root.findtext("{*}Message", "")


def _xml(body: bytes) -> ElementTree.Element:
    if _DECLARATIONS.search(body):
        raise ValueError("an answer with declarations")
    try:
        return ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise ValueError(str(error)) from None


def _part(resource: Resource, name: str) -> Resource:
    value = resource.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> int:
    number = int(str(value)[:20])
    if number < 0:
        raise ValueError("a negative number")
    return number


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not value:
        return None
    moment = datetime.fromisoformat(value)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
