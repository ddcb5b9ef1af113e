"""How the prices of a list and their sources are called in the language that is spoken.

A list names them in English, and so does what is kept of Google's catalog. What it names as the
list does that comes with the console is said in every language; any other name stays as it is.
"""

from __future__ import annotations

import re
from typing import Final

from console.language import tr, tr_later
from console.model.cost.prices import Unit

_TIER: Final = re.compile(r"(?P<what>.+), Tier (?P<tier>[1-9])")
_STORED: Final = re.compile(r"(?P<kind>[A-Z][a-z]+) storage in (?P<region>[a-z0-9-]+)")
_OF_CLASS: Final = re.compile(
    r"(?P<what>retrieval of|class A operations on|class B operations on) (?P<kind>\w+) storage"
)
_BUILD: Final = re.compile(r"build on (?P<machine>[a-z0-9-]+)")
_SKU: Final = re.compile(
    r"Cloud Billing Catalog, SKU (?P<sku>[0-9A-Z-]+)(?: and (?P<count>\d+) more)?"
)
_OF_CLASS_SAID: Final = {
    "retrieval of": tr_later("retrieval of {kind} storage"),
    "class A operations on": tr_later("class A operations on {kind} storage"),
    "class B operations on": tr_later("class B operations on {kind} storage"),
}

NAMES: Final = (
    tr_later("CPU while a request is answered"),
    tr_later("CPU of an idle minimum instance"),
    tr_later("CPU by the life of an instance"),
    tr_later("memory while a request is answered"),
    tr_later("memory of an idle minimum instance"),
    tr_later("memory by the life of an instance"),
    tr_later("requests"),
    tr_later("NVIDIA L4 without zonal redundancy"),
    tr_later("NVIDIA L4 with zonal redundancy"),
    tr_later("NVIDIA RTX PRO 6000 without zonal redundancy"),
    tr_later("NVIDIA RTX PRO 6000 with zonal redundancy"),
    tr_later("transfer within a region"),
    tr_later("transfer between regions in Asia"),
    tr_later("transfer between Asia and Europe"),
    tr_later("transfer between Asia and North America"),
    tr_later("transfer between regions in Europe"),
    tr_later("transfer between Europe and North America"),
    tr_later("transfer between regions in North America"),
    tr_later("transfer to the internet"),
    tr_later("images in Artifact Registry"),
    tr_later("vulnerability scan of an image"),
    tr_later("log lines taken in"),
    tr_later("log lines kept beyond 30 days"),
)
"""Names that hold no name of a place, a class or a machine."""

SOURCES: Final = (
    tr_later("Cloud Run price list, as read by four third parties that agree"),
    tr_later("Cloud Run locations and their price tiers"),
    tr_later("Cloud Run documentation on how long idle instances are kept"),
    tr_later("Cloud Storage price list, per GiB-hour × 730 hours, as read by a third party"),
    tr_later("Cloud Storage price list, archived copies of about 2025"),
    tr_later("Cloud Billing Catalog, as read by a third party"),
    tr_later(
        "list prices of a billing account of about the end of 2025, as a third party published them"
    ),
    tr_later("from memory"),
    tr_later("Artifact Registry price list, from a copy without a date"),
    tr_later("Cloud Build price list, from a copy without a date"),
    tr_later("Cloud Logging price list, from a copy without a date"),
)

_UNITS: Final = {
    Unit.VCPU_SECOND: tr_later("vCPU-second"),
    Unit.GIB_SECOND: tr_later("GiB-second"),
    Unit.GPU_SECOND: tr_later("GPU-second"),
    Unit.MILLION_REQUESTS: tr_later("million requests"),
    Unit.GIB_MONTH: tr_later("GiB-month"),
    Unit.GIB: tr_later("GiB"),
    Unit.THOUSAND_OPERATIONS: tr_later("thousand operations"),
    Unit.BUILD_MINUTE: tr_later("build-minute"),
    Unit.IMAGE: tr_later("image"),
}


def price_name(name: str) -> str:
    """Return the name of a price of a list, which is in English, as it is said."""
    if (tiered := _TIER.fullmatch(name)) is not None:
        return tr("{what}, Tier {tier}", what=tr(tiered["what"]), tier=tiered["tier"])
    if (stored := _STORED.fullmatch(name)) is not None:
        return tr("{kind} storage in {region}", **stored.groupdict())
    if (of_class := _OF_CLASS.fullmatch(name)) is not None:
        return tr(_OF_CLASS_SAID[of_class["what"]], kind=of_class["kind"])
    if (build := _BUILD.fullmatch(name)) is not None:
        return tr("build on {machine}", machine=build["machine"])
    return tr(name)


def source_text(what: str) -> str:
    """Return where a list has a figure from, which is in English, as it is said."""
    if (found := _SKU.fullmatch(what)) is None:
        return tr(what)
    if found["count"] is None:
        return tr("Cloud Billing Catalog, SKU {sku}", sku=found["sku"])
    return tr("Cloud Billing Catalog, SKU {sku} and {count} more", **found.groupdict())


def unit_text(unit: Unit) -> str:
    """Return what a price is for one of, as it is said."""
    return tr(_UNITS[unit])
