"""The settings of a bucket: what may be said, and what holds where nothing is.

Source: https://cloud.google.com/storage/docs/json_api/v1/buckets.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from console.sandbox.moments import read, written
from console.sandbox.storage.lifecycle import check_lifecycle
from console.sandbox.storage.records import JsonObject
from console.sandbox.storage.refusals import Refused, invalid, required
from console.sandbox.storage.resources import amended, class_named

SETTABLE: Final = frozenset(
    {
        "autoclass",
        "billing",
        "cors",
        "customPlacementConfig",
        "defaultEventBasedHold",
        "encryption",
        "hierarchicalNamespace",
        "iamConfiguration",
        "labels",
        "lifecycle",
        "logging",
        "retentionPolicy",
        "rpo",
        "softDeletePolicy",
        "storageClass",
        "versioning",
        "website",
    }
)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_LOCATION: Final = re.compile(r"[A-Z][A-Z0-9-]{1,40}")
_WEEK: Final = 604_800
_LONGEST_RETENTION: Final = 90 * 86_400
_LOCK_AFTER: Final = timedelta(days=90)


def check_name(name: object) -> str:
    """Return the name of a new bucket; raises `Refused`."""
    if not isinstance(name, str) or not name:
        raise required("name")
    labels = name.split(".")
    if (
        not _NAME.fullmatch(name)
        or name.startswith("goog")
        or "google" in name
        or any(not 0 < len(label) <= 63 for label in labels)
    ):
        raise Refused(400, "invalid", f"Invalid bucket name: '{name}'", "InvalidBucketName")
    return name


def initial(said: JsonObject, now: str) -> JsonObject:
    """Return the settings of a new bucket; raises `Refused`."""
    location = str(said.get("location") or "US").upper()
    if not _LOCATION.fullmatch(location):
        raise invalid("The specified location constraint is not valid.")
    base: JsonObject = {
        "location": location,
        "storageClass": class_named(said) or "STANDARD",
        "iamConfiguration": {
            "uniformBucketLevelAccess": {"enabled": False},
            "publicAccessPrevention": "inherited",
        },
        "softDeletePolicy": _soft_delete({"retentionDurationSeconds": _WEEK}, now),
    }
    return changed(base, {**said, "storageClass": base["storageClass"]}, now)


def replaced(settings: JsonObject, said: JsonObject, now: str) -> JsonObject:
    """Return the settings that an update says in full; raises `Refused`."""
    return initial({**said, "location": settings["location"]}, now)


def changed(settings: JsonObject, patch: JsonObject, now: str) -> JsonObject:
    """Return `settings` with what a patch changes; raises `Refused`."""
    class_named(patch)
    check_lifecycle(patch.get("lifecycle"))
    kept = {key: value for key, value in patch.items() if key in SETTABLE}
    result = amended(settings, kept)
    result["iamConfiguration"] = _access(result.get("iamConfiguration"), now)
    if result.get("softDeletePolicy") != settings.get("softDeletePolicy"):
        result["softDeletePolicy"] = _soft_delete(result.get("softDeletePolicy"), now)
    return result


def _access(said: object, now: str) -> JsonObject:
    access = said if isinstance(said, dict) else {}
    uniform = access.get("uniformBucketLevelAccess")
    enabled = isinstance(uniform, dict) and uniform.get("enabled") is True
    state: JsonObject = {"enabled": enabled}
    if enabled and isinstance(uniform, dict):
        state["lockedTime"] = uniform.get("lockedTime") or written(read(now) + _LOCK_AFTER)
    prevention = str(access.get("publicAccessPrevention") or "inherited")
    if prevention not in ("inherited", "enforced", "unspecified"):
        raise invalid(f"Invalid value for publicAccessPrevention: {prevention}")
    return {
        "uniformBucketLevelAccess": state,
        "bucketPolicyOnly": state,
        "publicAccessPrevention": prevention,
    }


def _soft_delete(said: object, now: str) -> JsonObject:
    policy = said if isinstance(said, dict) else {}
    text = str(policy.get("retentionDurationSeconds", "0") or "0")
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else -1
    if seconds != 0 and not _WEEK <= seconds <= _LONGEST_RETENTION:
        raise invalid(
            "Soft delete policies must have a retention duration of 0, or from 7 to 90 days."
        )
    result: JsonObject = {"retentionDurationSeconds": str(seconds)}
    if seconds:
        result["effectiveTime"] = now
    return result
