"""What the settings of a bucket cost, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from console.model.cost.facts import priced_region
from console.model.cost.money import Amount
from console.model.cost.prices import HOURS_A_MONTH, PriceList, StorageClass
from console.model.cost.storage_cost import gib, retrieval, storage
from console.model.models.bucket_check import is_near
from console.model.models.bucket_settings import BucketSettings, SafeSettings, Setting
from console.model.models.bucket_words import ABSENT
from console.model.storage import size_text

_NOTHING: Final = "nothing"


@dataclass(frozen=True, slots=True)
class BucketCosts:
    """What a bucket costs that holds a model of `size` bytes; all amounts are estimates."""

    safe: SafeSettings
    prices: PriceList
    size: int

    def wanted(self, setting: Setting) -> str:
        """Say what a setting costs as it should be."""
        match setting:
            case Setting.LOCATION:
                return self._said("{} a month", self._month(StorageClass.STANDARD))
            case Setting.SOFT_DELETE:
                return self._kept(self.safe.kept)
            case _:
                return _NOTHING

    def observed(self, setting: Setting, bucket: BucketSettings) -> str:
        """Say what is paid for as long as a setting is not as it should be, or once it is."""
        standard = self._month(StorageClass.STANDARD)
        match setting:
            case Setting.LOCATION:
                moved = self._moving(bucket.location.lower(), self.safe.region)
                return self._said("{} for each cold start as it is", moved)
            case Setting.STORAGE_CLASS:
                return self._other_class(bucket.storage_class)
            case Setting.VERSIONING:
                return self._said("{} a month as it is, for each model that is replaced", standard)
            case Setting.UNFINISHED_UPLOADS:
                return self._said("{} a month as it is, for a whole upload that stays", standard)
            case Setting.SOFT_DELETE:
                return self._kept(self.safe.kept)
            case _:
                return _NOTHING

    def distance(self) -> str:
        """Say that the bucket is meant to be far from the service that reads from it, if it is."""
        origin, reader = self.safe.region, self.safe.reader
        if is_near(origin, reader):
            return ""
        costs = self._said("{}", self._moving(origin, reader))
        return (
            f"the service is in {reader}, and reads the model from {origin} at each cold start: "
            f"slowly, and for {costs}; models push asks for --any-region then"
        )

    def _other_class(self, storage_class: str) -> str:
        known = next((each for each in StorageClass if each.value == storage_class), None)
        if known is None:
            return ABSENT
        return self._said(
            "as it is, {} for each cold start and {} a month; then {} a month",
            retrieval(self.size, known, self.prices).amount,
            self._month(known),
            self._month(StorageClass.STANDARD),
        )

    def _kept(self, kept: timedelta) -> str:
        share = Decimal(kept // timedelta(hours=1)) / HOURS_A_MONTH
        if not share:
            return _NOTHING
        month = self._month(StorageClass.STANDARD)
        return self._said("{} for each model that is replaced", month * share)

    def _moving(self, origin: str, destination: str) -> Amount:
        return self.prices.transfer(origin, destination).cost(gib(self.size))

    def _month(self, storage_class: StorageClass) -> Amount:
        region = priced_region(self.safe.region)
        return storage(self.size, storage_class, region, self.prices).amount

    def _said(self, words: str, *amounts: Amount) -> str:
        """Say amounts in words that have places for them, and what they are estimates of."""
        unknown = sorted(set().union(*(each.missing for each in amounts if each.known is None)))
        if unknown:
            return f"{ABSENT} (no price is known of {' or '.join(unknown)})"
        about = f"(estimate for {size_text(self.size)}, prices of {self.prices.date})"
        return f"{words.format(*(each.text() for each in amounts))} {about}"
