"""The settings of a bucket that matter to a model in it: as they are, and as they should be.

Source: https://cloud.google.com/storage/docs/json_api/v1/buckets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later
from console.model.text import SafeText

STANDARD: Final = "STANDARD"
ABORT_AFTER_DAYS: Final = 7
NOT_KEPT: Final = timedelta()
A_WEEK: Final = timedelta(days=7)
ABORT: Final = "AbortIncompleteMultipartUpload"


class Setting(StrEnum):
    """What is looked at, in the order in which it is told: what cannot be changed comes first."""

    NAME = tr_later("name")
    LOCATION = tr_later("location")
    PUBLIC_ACCESS = tr_later("public access")
    UNIFORM_ACCESS = tr_later("access")
    STORAGE_CLASS = tr_later("storage class")
    VERSIONING = tr_later("versions")
    SOFT_DELETE = tr_later("soft delete")
    UNFINISHED_UPLOADS = tr_later("unfinished uploads")

    @property
    def words(self) -> str:
        """What it is called."""
        return tr(self.value)

    @property
    def changeable(self) -> bool:
        """Whether it can be changed once there is the bucket."""
        return self not in (Setting.NAME, Setting.LOCATION)


@dataclass(frozen=True, slots=True)
class LifecycleRule:
    """A rule by which a bucket does something to its objects by itself.

    `action` is Google's word, `conditions` are the names of those that have to hold, `age` is in
    days, and `text` is all of the rule as JSON in ASCII.
    """

    action: SafeText
    conditions: frozenset[str]
    age: int | None
    text: str

    @property
    def clears_uploads(self) -> bool:
        """Whether it gives up every unfinished upload in time, but leaves it a day."""
        in_time = self.age is not None and 1 <= self.age <= ABORT_AFTER_DAYS
        return self.action == ABORT and self.conditions == {"age"} and in_time

    @property
    def touches_live_objects(self) -> bool:
        """Whether it may delete objects that are in use, or move them to another class."""
        spared = {"daysSinceNoncurrentTime", "numNewerVersions", "noncurrentTimeBefore"}
        dead = spared & self.conditions or '"isLive": false' in self.text
        return self.action in ("Delete", "SetStorageClass") and not dead


CLEARING: Final = LifecycleRule(
    SafeText(ABORT),
    frozenset({"age"}),
    ABORT_AFTER_DAYS,
    json.dumps({"action": {"type": ABORT}, "condition": {"age": ABORT_AFTER_DAYS}}),
)
"""The rule that a bucket should have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketSettings:
    """A bucket as it is; None means that it was not said.

    `soft_delete` is how long what is deleted can be restored, zero when it cannot. `version` counts
    the changes to the settings.
    """

    name: SafeText
    location: SafeText
    storage_class: SafeText
    uniform_access: bool | None = None
    public_access_prevented: bool | None = None
    versioned: bool = False
    soft_delete: timedelta | None = None
    rules: tuple[LifecycleRule, ...] = ()
    requester_pays: bool = False
    version: int = 0


@dataclass(frozen=True, slots=True)
class SafeSettings:
    """A bucket as it should be, beyond what is so of every one.

    `region` is where it should be, and `reader` where the service is that reads from it; both are
    empty if they are not known. `soft_delete` None means that either
    will do, as long as it is stated: nothing is kept, or for a week.
    """

    region: str
    soft_delete: timedelta | None = None
    reader: str = ""

    @property
    def kept(self) -> timedelta:
        """How long a bucket without a good setting is to keep what is deleted."""
        return A_WEEK if self.soft_delete is None else self.soft_delete

    def suits(self, soft_delete: timedelta | None) -> bool:
        """Say whether a bucket may keep for so long what is deleted."""
        if self.soft_delete is None:
            return soft_delete in (NOT_KEPT, A_WEEK)
        return soft_delete == self.soft_delete
