"""What is known about buckets, objects and unfinished uploads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TypeAlias

JsonObject: TypeAlias = dict[str, object]


class State(StrEnum):
    """Which of the versions of an object one is."""

    LIVE = "live"
    NONCURRENT = "noncurrent"
    SOFT_DELETED = "soft-deleted"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket; times are written as in RFC 3339.

    `settings` are the fields of its resource that can be set, as the interface has them, and
    `policy` its IAM policy.
    """

    name: str
    generation: int
    created: str
    updated: str
    settings: JsonObject
    policy: JsonObject
    metageneration: int = 1

    @property
    def versioned(self) -> bool:
        """Whether what is replaced or deleted is kept as a noncurrent version."""
        versioning = self.settings.get("versioning")
        return isinstance(versioning, dict) and versioning.get("enabled") is True

    @property
    def soft_delete_seconds(self) -> int:
        """How long what is deleted can be restored; 0 when it cannot."""
        policy = self.settings.get("softDeletePolicy")
        if not isinstance(policy, dict):
            return 0
        return int(str(policy.get("retentionDurationSeconds") or 0))

    @property
    def storage_class(self) -> str:
        """The class of objects that name none."""
        return str(self.settings.get("storageClass") or "STANDARD")


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object; sizes in bytes, times as in RFC 3339 and empty where there is none.

    `content` is the file of its bytes. `md5` is empty and `components` set when it was put
    together of others. `properties` are the fields of its resource that writers set.
    """

    bucket: str
    name: str
    generation: int
    content: str
    size: int
    crc32c: str
    md5: str
    storage_class: str
    created: str
    updated: str
    properties: JsonObject = field(default_factory=dict)
    metageneration: int = 1
    components: int = 0
    parts_tag: str = ""
    noncurrent_since: str = ""
    deleted: str = ""
    gone_at: str = ""

    @property
    def state(self) -> State:
        """Which of the versions of the object it is."""
        if self.deleted:
            return State.SOFT_DELETED
        return State.NONCURRENT if self.noncurrent_since else State.LIVE


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an upload in parts; checksums as the interfaces write them."""

    number: int
    size: int
    md5: str
    crc32c: str
    stored: str


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload that is not finished: a resumable one, or one in parts.

    `metadata` is the resource of the object to be, `conditions` are the query's preconditions,
    and `total` the size in bytes where it was said. `result` is the generation of the object
    that it became.
    """

    id: str
    bucket: str
    name: str
    started: str
    in_parts: bool
    metadata: JsonObject = field(default_factory=dict)
    conditions: dict[str, str] = field(default_factory=dict)
    total: int | None = None
    result: int = 0


def packed(record: Bucket | Version | Upload) -> str:
    """Return a record as text, for `json.loads` and its class to read."""
    return json.dumps(asdict(record))
