"""What a push would do, as it is put before whoever decides on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from console.language import tr, tr_list, tr_many
from console.model.cost.estimate import Line
from console.model.cost.facts import priced_region
from console.model.cost.money import Amount
from console.model.cost.prices import PriceList, StorageClass
from console.model.cost.storage_cost import storage
from console.model.models.part_size import part_size
from console.model.models.push_plan import PushPlan
from console.model.storage import Bucket, size_text

_AROUND: Final = 4
"""How many requests of class A a file takes beside its parts: begin, finish, note, rename."""

_CLASSES: Final = {each.value: each for each in StorageClass}


class Hurdle(StrEnum):
    """What stands against a push until somebody wants it all the same."""

    BESIDE = "beside"
    """The bucket has other files for parts that are sent: with both no service starts."""
    FAR = "another region"


@dataclass(frozen=True, slots=True)
class PushChoices:
    """How a push is wanted: `limit` bytes a second at most, None for as fast as it goes."""

    limit: float | None = None
    accepted: frozenset[Hurdle] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOffer:
    """A plan and what goes with it.

    `month` is what keeping all files costs, `sending` what its requests do, by prices of `priced`;
    for a bucket on this machine as they would be elsewhere. `refused` says why it cannot be
    carried out, empty if it can; `hurdles` what has to be accepted for that, and `warnings` what
    is to be known before.
    """

    plan: PushPlan
    region: str
    month: Line
    sending: Amount
    priced: str
    refused: str = ""
    hurdles: tuple[tuple[Hurdle, str], ...] = ()
    warnings: tuple[str, ...] = ()

    def ready(self, choices: PushChoices) -> bool:
        """Say whether there is anything to send, and nothing stands against it any more."""
        accepted = all(hurdle in choices.accepted for hurdle, _ in self.hurdles)
        return bool(self.plan.sent) and not self.refused and accepted


def keeping(bucket: Bucket, plan: PushPlan, prices: PriceList) -> Line:
    """Return what a month of all files costs in the bucket."""
    storage_class = _CLASSES.get(bucket.storage_class, StorageClass.STANDARD)
    return storage(plan.size, storage_class, priced_region(bucket.location.lower()), prices)


def requests_price(bucket: Bucket, plan: PushPlan, prices: PriceList) -> Amount:
    """Return what the requests of a push cost: each part is one, and some stand around a file.

    What is sent to Cloud Storage is not paid for by the byte. Source:
    https://cloud.google.com/storage/pricing.
    """
    storage_class = _CLASSES.get(bucket.storage_class, StorageClass.STANDARD)
    count = sum(-(-each.missing // part_size(each.size)) + _AROUND for each in plan.sent)
    return prices.writes(storage_class).cost(Decimal(count) / 1000)


def kept_text(bucket: Bucket, plan: PushPlan) -> str:
    """Say that what is replaced is kept, and paid for; empty if nothing is."""
    if not plan.replaced or not bucket.soft_delete:
        return ""
    size = sum(each.stored.size for each in plan.replaced if each.stored)
    return tr(
        "What is replaced ({size}) is kept, and paid for, for {days:g} more days.",
        size=size_text(size),
        days=bucket.soft_delete / timedelta(days=1),
    )


def in_the_way(plan: PushPlan) -> str:
    """Say that what is in the bucket would keep a service from starting, and the mend."""
    if not plan.others:
        return ""
    return tr_many(
        "{names} in the bucket is for a part that is sent under another name, and with both no "
        "service starts; remove it: gcloud storage rm {remove}",
        "{names} in the bucket are for parts that are sent under other names, and with all of "
        "them no service starts; remove them: gcloud storage rm {remove}",
        len(plan.others),
        names=tr_list([each.name for each in plan.others]),
        remove=" ".join(f"gs://{plan.bucket}/{each.name}" for each in plan.others),
    )


def lacking_permissions(plan: PushPlan, lacking: Sequence[str]) -> str:
    """Say which permissions to write are missing, and the mend; empty if none is."""
    if not lacking:
        return ""
    return tr_many(
        "gs://{bucket} may not be written to: {permissions} is missing; have "
        "roles/storage.objectUser granted on it (gcloud storage buckets add-iam-policy-binding "
        "gs://{bucket} --member=user:YOU --role=roles/storage.objectUser)",
        "gs://{bucket} may not be written to: {permissions} are missing; have "
        "roles/storage.objectUser granted on it (gcloud storage buckets add-iam-policy-binding "
        "gs://{bucket} --member=user:YOU --role=roles/storage.objectUser)",
        len(lacking),
        bucket=plan.bucket,
        permissions=tr(", ").join(lacking),
    )
