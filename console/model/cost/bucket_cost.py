"""What a bucket costs, from what Cloud Storage says is in it.

What the bucket does not tell, it is missing by name: objects beyond those that were listed, parts
of unfinished uploads whose size nobody said, and classes without a price.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import accumulate
from typing import Final

from console.language import tr
from console.model.cost.estimate import Estimate, FreeTier, Line
from console.model.cost.money import unknown
from console.model.cost.prices import PriceList, StorageClass
from console.model.cost.spending import Spending, storage_spending
from console.model.cost.storage_cost import (
    Holding,
    ModelFiles,
    gib,
    gib_text,
    keeping_a_month,
)
from console.model.storage import Bucket, Kept, ObjectList, StoredObject, UnfinishedUpload

_ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
_CLASSES: Final[Mapping[str, StorageClass]] = {str(each): each for each in StorageClass}


@dataclass(frozen=True, slots=True)
class BucketContents:
    """A bucket, and what was found in it."""

    bucket: Bucket
    found: ObjectList
    unfinished: tuple[UnfinishedUpload, ...] = ()

    @property
    def region(self) -> str:
        """Where it is, as regions are written elsewhere."""
        return self.bucket.location.lower()

    @property
    def holdings(self) -> tuple[Holding, ...]:
        """What is kept, as it is billed; an object that is not live has been so before.

        Parts of unfinished uploads are among it. An object without a moment of its creation is
        taken to have been there always.
        """
        uploads = (_unfinished(each) for each in self.unfinished)
        return (
            *(part for each in self.found.objects for part in _parts(each)),
            *(each for each in uploads if each is not None),
        )

    @property
    def models(self) -> tuple[ModelFiles, ...]:
        """What is live, by its class, as a service reads it at each start."""
        sizes: Counter[StorageClass] = Counter()
        for each in self.found.of(Kept.LIVE):
            storage_class = _CLASSES.get(each.storage_class)
            if storage_class:
                sizes[storage_class] += each.size
        return tuple(
            ModelFiles(bytes=size, region=self.region, storage_class=storage_class)
            for storage_class, size in sorted(sizes.items())
        )


class LiveSizes:
    """How much of each class was live in a bucket at any moment, as far as its objects tell.

    What was live earlier and is gone for good is in no list; where nothing else was live then,
    what is live now is taken to have been there in its place.
    """

    def __init__(self, contents: BucketContents) -> None:
        changes: dict[StorageClass, list[tuple[datetime, int]]] = {}
        for each in contents.holdings:
            if each.kept is Kept.LIVE:
                changed = changes.setdefault(each.storage_class, [])
                changed += [(each.window.start, each.bytes), (each.window.end, -each.bytes)]
        self._moments: dict[StorageClass, tuple[list[datetime], list[int]]] = {}
        for storage_class, changed in sorted(changes.items()):
            changed.sort()
            sums = [0, *accumulate(size for _, size in changed)]
            self._moments[storage_class] = ([at for at, _ in changed], sums)
        self._now = {each.storage_class: each.bytes for each in contents.models}

    def at(self, moment: datetime) -> Mapping[StorageClass, int]:
        """Return the bytes of each class that was live at `moment`."""
        sizes = {
            storage_class: sums[bisect_right(moments, moment)]
            for storage_class, (moments, sums) in self._moments.items()
        }
        return sizes if any(sizes.values()) else self._now


def bucket_month(
    contents: BucketContents, prices: PriceList, free: FreeTier = FreeTier.NONE
) -> Estimate:
    """Return what a month of a bucket costs if it stays as it is, with what is not known of it."""
    now = [each for each in contents.holdings if each.until is None or each.gone]
    known = keeping_a_month(now, contents.region, prices, free)
    return known + Estimate(_not_known(contents), prices.date)


def bucket_spending(
    contents: BucketContents,
    now: datetime,
    zone: tzinfo,
    prices: PriceList,
    free: FreeTier = FreeTier.NONE,
) -> Spending:
    """Return what a bucket costs in the month of `now`, with what is not known of it.

    What was in it earlier in the month and is gone for good is in no list, and not counted.
    """
    known = storage_spending(contents.holdings, now, zone, contents.region, prices, free)
    missing = Estimate(_not_known(contents), prices.date)
    return Spending(
        so_far=known.so_far + missing,
        today=known.today + missing.total,
        month_end=known.month_end + missing,
    )


def _parts(stored: StoredObject) -> Iterator[Holding]:
    """Return the time that an object was live, and that since then."""
    storage_class = _CLASSES.get(stored.storage_class)
    if storage_class is None:
        return
    created = stored.created or stored.since or _ALWAYS
    if stored.kept is not Kept.LIVE and stored.since is not None:
        yield Holding(
            bytes=stored.size, storage_class=storage_class, created=created, until=stored.since
        )
    yield Holding(
        bytes=stored.size,
        storage_class=storage_class,
        created=created,
        kept=stored.kept,
        since=stored.since,
        until=stored.until,
        gone=stored.until is not None,
    )


def _unfinished(upload: UnfinishedUpload) -> Holding | None:
    """Return the parts of an upload, as they are billed; None if their size or class is unknown."""
    storage_class = _CLASSES.get(upload.storage_class)
    if storage_class is None or upload.bytes is None:
        return None
    return Holding(
        bytes=upload.bytes,
        storage_class=storage_class,
        created=upload.started or _ALWAYS,
        kept=Kept.UNFINISHED,
    )


def _not_known(contents: BucketContents) -> tuple[Line, ...]:
    lines: list[Line] = []
    others: Counter[str] = Counter()
    for each in contents.found.objects:
        if _CLASSES.get(each.storage_class) is None:
            others[each.storage_class or tr("unnamed")] += each.size
    for name, size in sorted(others.items()):
        what = tr("{kind} storage in {region}", kind=name, region=contents.region)
        lines.append(Line(what, unknown(what), gib_text(gib(size))))
    unmeasured = sum(_unfinished(each) is None for each in contents.unfinished)
    if unmeasured:
        what = tr("the parts of unfinished uploads")
        lines.append(Line(what, unknown(what), f"{unmeasured:,}"))
    if not contents.found.complete:
        what = tr("objects that were not listed")
        lines.append(Line(what, unknown(what)))
    return tuple(lines)
