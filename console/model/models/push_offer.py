"""What a push would do, as it is put before whoever decides on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from console.model.cost.estimate import Line
from console.model.cost.prices import PriceList, StorageClass
from console.model.cost.storage_cost import storage
from console.model.models.push_plan import PushPlan
from console.model.storage import Bucket, size_text

_CLASSES: Final = {each.value: each for each in StorageClass}


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOffer:
    """A plan and what goes with it.

    `month` is what keeping all files costs, by prices of `priced`. `refused` says why it cannot be
    carried out, empty if it can; `warnings` what is to be known before.
    """

    plan: PushPlan
    region: str
    month: Line
    priced: str
    refused: str = ""
    warnings: tuple[str, ...] = ()


def keeping(bucket: Bucket, plan: PushPlan, prices: PriceList) -> Line:
    """Return what a month of all files costs in the bucket."""
    storage_class = _CLASSES.get(bucket.storage_class, StorageClass.STANDARD)
    return storage(plan.size, storage_class, bucket.location.lower(), prices)


def kept_text(bucket: Bucket, plan: PushPlan) -> str:
    """Say that what is replaced is kept, and paid for; empty if nothing is."""
    if not plan.replaced or not bucket.soft_delete:
        return ""
    size = sum(each.stored.size for each in plan.replaced if each.stored)
    days = bucket.soft_delete / timedelta(days=1)
    return f"What is replaced ({size_text(size)}) is kept, and paid for, for {days:g} more days."


def in_the_way(plan: PushPlan) -> str:
    """Say that what is in the bucket would keep a service from starting, and the mend."""
    if not plan.others:
        return ""
    names = " and ".join(each.name for each in plan.others)
    remove = " ".join(f"gs://{plan.bucket}/{each.name}" for each in plan.others)
    return (
        f"{names} in the bucket is for a part that is sent under another name, and with both no "
        f"service starts; remove it: gcloud storage rm {remove}"
    )
