"""What is known about a bucket: its settings, its objects, what is kept of deleted ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from console.language import tr, tr_many
from console.model.text import SafeText

_NOTHING: Final = SafeText("")


class Kept(StrEnum):
    """Why bytes are in a bucket."""

    LIVE = "live"
    NONCURRENT = "noncurrent"
    SOFT_DELETED = "soft-deleted"
    UNFINISHED = "unfinished upload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket on Google Cloud; None means that it was not said.

    `soft_delete` is how long what is deleted can be restored, zero when it cannot. `rules` says
    what its life-cycle does, by the words that Google uses.
    """

    name: SafeText
    location: SafeText
    storage_class: SafeText
    created: datetime | None = None
    uniform_access: bool | None = None
    public_access_prevented: bool | None = None
    versioned: bool = False
    soft_delete: timedelta | None = None
    rules: tuple[SafeText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One version of an object; `size` is in bytes.

    `crc32c` is as Google writes it, in base 64, and `generation` tells the versions apart.
    `kept` says why it is there, `since` from when on it was not live any more, and `until` when
    it will be gone by itself. `metadata` is what whoever wrote it noted with it.
    """

    name: SafeText
    size: int
    storage_class: SafeText
    crc32c: SafeText
    generation: int
    created: datetime | None = None
    kept: Kept = Kept.LIVE
    since: datetime | None = None
    until: datetime | None = None
    metadata: tuple[tuple[SafeText, SafeText], ...] = ()

    def said(self, name: str) -> SafeText:
        """Return what whoever wrote the object noted under `name`, empty if nothing."""
        return next((value for key, value in self.metadata if key == name), SafeText(""))


@dataclass(frozen=True, slots=True)
class ObjectList:
    """Objects by name; `complete` is False when there are more than were asked for."""

    objects: tuple[StoredObject, ...] = ()
    complete: bool = True

    def of(self, kept: Kept) -> tuple[StoredObject, ...]:
        """Return the objects that are there for one reason."""
        return tuple(each for each in self.objects if each.kept is kept)

    def size(self, kept: Kept) -> int:
        """Return how many bytes are there for one reason."""
        return sum(each.size for each in self.of(kept))


@dataclass(frozen=True, slots=True)
class UnfinishedUpload:
    """An upload in parts that was begun and neither finished nor given up.

    Its parts, `bytes` in all, are paid for in `storage_class` until it is given up, by a rule of
    the bucket or by hand; None means that nobody said how large they are.
    """

    name: SafeText
    id: SafeText
    started: datetime | None = None
    storage_class: SafeText = _NOTHING
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """What is in the bucket that a service has its model from; sizes are in bytes.

    `kept_bytes` is what is kept of replaced and deleted objects. With `complete` False there is
    more than this.
    """

    bucket: SafeText
    objects: int
    bytes: int
    kept_bytes: int = 0
    complete: bool = True

    @classmethod
    def of(cls, bucket: SafeText, found: ObjectList) -> Weights:
        """Return the sums of what was found in a bucket."""
        sizes = {kept: found.size(kept) for kept in Kept}
        live = sizes.pop(Kept.LIVE)
        objects = len(found.of(Kept.LIVE))
        return cls(bucket, objects, live, sum(sizes.values()), found.complete)


def weights_text(weights: Weights) -> str:
    """Say in a few words what there is: `4 objects, 7.4 MB`."""
    if weights.objects == 0 and weights.complete:
        return tr("empty")
    size = size_text(weights.bytes)
    if not weights.complete:
        return tr("more than {count:,} objects, {size}", count=weights.objects, size=size)
    return tr_many(
        "{count:,} object, {size}", "{count:,} objects, {size}", weights.objects, size=size
    )


def size_text(size: int) -> str:
    """Return a number of bytes for people to read, in units of 1000 as storage is sold."""
    if size < 1_000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1_000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1_000:,.1f} TB"
