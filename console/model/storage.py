"""What is known about a bucket: its settings, its objects, what is kept of deleted ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from console.model.storage_cost import Kept
from console.model.text import SafeText


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
    it will be gone by itself.
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

    Its parts are paid for until it is given up, by a rule of the bucket or by hand.
    """

    name: SafeText
    id: SafeText
    started: datetime | None = None


def weights_line(bucket: SafeText, found: ObjectList) -> str:
    """Say in one line what there is: `gs://BUCKET, 4 objects, 7.4 MB`."""
    live = found.of(Kept.LIVE)
    if not live:
        return f"gs://{bucket}, empty"
    more = "" if found.complete else "more than "
    noun = "object" if len(live) == 1 and found.complete else "objects"
    return f"gs://{bucket}, {more}{len(live):,} {noun}, {size_text(found.size(Kept.LIVE))}"


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
