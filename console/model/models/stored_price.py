"""What keeping one object costs."""

from __future__ import annotations

from console.language import tr
from console.model.cost.money import Amount, unknown
from console.model.cost.prices import PriceList, StorageClass
from console.model.cost.storage_cost import storage
from console.model.storage import StoredObject, UnfinishedUpload

_CLASSES = {each.value: each for each in StorageClass}


def class_of(stored: StoredObject) -> StorageClass | None:
    """Return the class of an object, None if it is none that is priced."""
    return _CLASSES.get(stored.storage_class)


def price_a_month(stored: StoredObject, region: str, prices: PriceList) -> Amount:
    """Return what keeping an object for a month costs, without any free tier."""
    storage_class = class_of(stored)
    if storage_class is None:
        if not stored.storage_class:
            return unknown(tr("unnamed storage"))
        return unknown(tr("{storage_class} storage", storage_class=stored.storage_class))
    return storage(stored.size, storage_class, region, prices).amount


def price_of_parts(upload: UnfinishedUpload, region: str, prices: PriceList) -> Amount:
    """Return what keeping the parts of an unfinished upload for a month costs."""
    storage_class = _CLASSES.get(upload.storage_class)
    if storage_class is None or upload.bytes is None:
        return unknown(tr("the parts of an unfinished upload"))
    return storage(upload.bytes, storage_class, region, prices).amount
