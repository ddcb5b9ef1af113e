"""What the settings of a bucket cost, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from console.language import tr, tr_later
from console.model.cost.facts import priced_region
from console.model.cost.money import Amount
from console.model.cost.prices import HOURS_A_MONTH, PriceList, StorageClass
from console.model.cost.storage_cost import gib, retrieval, storage
from console.model.models.bucket_check import is_near
from console.model.models.bucket_settings import BucketSettings, SafeSettings, Setting
from console.model.models.bucket_words import ABSENT
from console.model.storage import size_text

_NOTHING: Final = tr_later("nothing")


@dataclass(frozen=True, slots=True)
class SettingCost:
    """What a setting costs: `words` in full, and `brief` only the first amount of that.

    `brief` is such as `about $0.15 a month`, and empty where it costs nothing.
    """

    words: str
    brief: str = ""


@dataclass(frozen=True, slots=True)
class BucketCosts:
    """What a bucket costs that holds a model of `size` bytes; all amounts are estimates."""

    safe: SafeSettings
    prices: PriceList
    size: int

    def wanted(self, setting: Setting) -> SettingCost:
        """Say what a setting costs as it should be."""
        match setting:
            case Setting.LOCATION:
                return self._monthly(tr("{standard} a month"))
            case Setting.SOFT_DELETE:
                return self._kept(self.safe.kept)
            case _:
                return SettingCost(tr(_NOTHING))

    def observed(self, setting: Setting, bucket: BucketSettings) -> SettingCost:
        """Say what is paid for as long as a setting is not as it should be, or once it is."""
        match setting:
            case Setting.LOCATION:
                moved = self._moving(bucket.location.lower(), self.safe.region)
                said = self._said(tr("{moved} for each cold start as it is"), moved=moved)
                return SettingCost(said, moved.text())
            case Setting.STORAGE_CLASS:
                return self._other_class(bucket.storage_class)
            case Setting.VERSIONING:
                return self._monthly(
                    tr("{standard} a month as it is, for each model that is replaced")
                )
            case Setting.UNFINISHED_UPLOADS:
                return self._monthly(
                    tr("{standard} a month as it is, for a whole upload that stays")
                )
            case Setting.SOFT_DELETE:
                return self._kept(self.safe.kept)
            case _:
                return SettingCost(tr(_NOTHING))

    def distance(self) -> str:
        """Say that the bucket is meant to be far from the service that reads from it, if it is."""
        origin, reader = self.safe.region, self.safe.reader
        if is_near(origin, reader):
            return ""
        return tr(
            "the service is in {reader}, and reads the model from {origin} at each cold start: "
            "slowly, and for {costs}; models push asks for --any-region then",
            reader=reader,
            origin=origin,
            costs=self._said("{moving}", moving=self._moving(origin, reader)),
        )

    def _other_class(self, storage_class: str) -> SettingCost:
        known = next((each for each in StorageClass if each.value == storage_class), None)
        if known is None:
            return SettingCost(ABSENT, ABSENT)
        read = retrieval(self.size, known, self.prices).amount
        said = self._said(
            tr("as it is, {read} for each cold start and {now} a month; then {then} a month"),
            read=read,
            now=self._month(known),
            then=self._month(StorageClass.STANDARD),
        )
        return SettingCost(said, read.text())

    def _kept(self, kept: timedelta) -> SettingCost:
        share = Decimal(kept // timedelta(hours=1)) / HOURS_A_MONTH
        if not share:
            return SettingCost(tr(_NOTHING))
        kept_for = self._month(StorageClass.STANDARD) * share
        said = self._said(tr("{kept} for each model that is replaced"), kept=kept_for)
        return SettingCost(said, kept_for.text())

    def _monthly(self, words: str) -> SettingCost:
        """Say what the model costs a month, in words that have a place for it."""
        standard = self._month(StorageClass.STANDARD)
        brief = standard.text()
        if standard.known is not None:
            brief = tr("{cost} a month", cost=brief)
        return SettingCost(self._said(words, standard=standard), brief)

    def _moving(self, origin: str, destination: str) -> Amount:
        return self.prices.transfer(origin, destination).cost(gib(self.size))

    def _month(self, storage_class: StorageClass) -> Amount:
        region = priced_region(self.safe.region)
        return storage(self.size, storage_class, region, self.prices).amount

    def _said(self, words: str, **amounts: Amount) -> str:
        """Say amounts in words that have places for them, and what they are estimates of."""
        nowhere = (each.missing for each in amounts.values() if each.known is None)
        if unknown := sorted(set().union(*nowhere)):
            return tr("– (no price is known of {things})", things=tr(" or ").join(unknown))
        return tr(
            "{costs} (estimate for {size}, prices of {date})",
            costs=words.format(**{name: each.text() for name, each in amounts.items()}),
            size=size_text(self.size),
            date=self.prices.date,
        )
