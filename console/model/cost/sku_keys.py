"""Which entries of the Cloud Billing Catalog are which prices of the console's list.

An entry is known by its service, its words, the unit of its price and the regions that it is sold
in; one that is not clearly a price of the list is none. The words were read in catalogs that others
published in 2026; those for GPUs in one of them alone. Google does not promise to keep them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from console.model.cost.prices import HOURS_A_MONTH, Gpu, Region, Unit
from console.model.cost.sku import Sku

CLOUD_RUN: Final = "152E-C115-5142"
CLOUD_STORAGE: Final = "95FF-2EF5-5EA1"
ARTIFACT_REGISTRY: Final = "149C-F9EC-3994"
CLOUD_LOGGING: Final = "5490-F7B7-8DF6"
CLOUD_BUILD: Final = "8B5D-EF7D-EB12"
SERVICES: Final = (CLOUD_RUN, CLOUD_STORAGE, ARTIFACT_REGISTRY, CLOUD_LOGGING, CLOUD_BUILD)
"""The services whose entries are looked at, by their identifiers in the catalog."""

ON_DEMAND: Final = "OnDemand"
GLOBAL: Final = "global"

_MILLION: Final = 10**6
_UNITS: Final[Mapping[Unit, Mapping[str, Decimal]]] = {
    Unit.VCPU_SECOND: {"s": Decimal(1)},
    Unit.GPU_SECOND: {"s": Decimal(1)},
    Unit.GIB_SECOND: {"GiBy.s": Decimal(1)},
    Unit.MILLION_REQUESTS: {"count": Decimal(_MILLION)},
    Unit.THOUSAND_OPERATIONS: {"count": Decimal(1000)},
    Unit.GIB_MONTH: {"GiBy.mo": Decimal(1), "GiBy.h": Decimal(HOURS_A_MONTH)},
    Unit.GIB: {"GiBy": Decimal(1)},
    Unit.BUILD_MINUTE: {"min": Decimal(1), "s": Decimal(60)},
}
"""How many of the catalog's units the console's unit is, by the catalog's.

Seconds, hours and GiB are written as in https://ucum.org: a price for an hour is 3,600 times one
for a second.
"""

Regions = Mapping[str, Region]


@dataclass(frozen=True, slots=True)
class _Rule:
    """Entries of `service` with such words; `keys` says which prices they are, given a region."""

    service: str
    words: re.Pattern[str]
    unit: Unit
    keys: Callable[[re.Match[str], str, Region], str]


def _tiered(what: str) -> Callable[[re.Match[str], str, Region], str]:
    return lambda _, __, region: f"run/tier-{region.tier}/{what}"


def _everywhere(key: str) -> Callable[[re.Match[str], str, Region], str]:
    return lambda *_: key


def _by_class(what: str) -> Callable[[re.Match[str], str, Region], str]:
    return lambda found, *_: f"storage/{what}/{found['class'].lower()}"


def _kept(found: re.Match[str], name: str, _: Region) -> str:
    return f"storage/{name}/{found['class'].lower()}"


def _gpu(found: re.Match[str], _: str, region: Region) -> str:
    kind = Gpu.L4 if found["gpu"].lower() == "l4" else Gpu.RTX_PRO_6000
    redundancy = "redundant" if found["how"].lower() == "with" else "single-zone"
    return f"run/tier-{region.tier}/{kind}/{redundancy}"


def _machine(found: re.Match[str], *_: object) -> str:
    return "build/" + re.sub(r"[ _]", "-", found["machine"]).lower()


def _words(pattern: str) -> re.Pattern[str]:
    """Compile `pattern`; where it has a space there may be several, and case does not count."""
    return re.compile(pattern.replace(" ", r"\s+"), re.IGNORECASE)


_CLASS: Final = "(?P<class>Standard|Nearline|Coldline|Archive)"
_COLD: Final = "(?P<class>Nearline|Coldline|Archive)"
_TIER: Final = r"(?: Tier [1-9])?"
# A word is typed twice in the catalog for one of the regions.
_PLACE: Final = r" in (?:in )?(?P<region>[a-z]+-[a-z]+[0-9]+)"
_ONE_REGION: Final = (
    r"(?P<place>(?!.*\b(?:dual|multi|early|autoclass|cache|rapid|turbo)\b)[A-Z][\w .'-]*)"
)
_RULES: Final = (
    _Rule(
        CLOUD_RUN,
        _words(rf"Services CPU{_TIER} \(Request-based billing\)"),
        Unit.VCPU_SECOND,
        _tiered("cpu/request"),
    ),
    _Rule(
        CLOUD_RUN,
        _words(rf"Services Memory{_TIER} \(Request-based billing\)"),
        Unit.GIB_SECOND,
        _tiered("memory/request"),
    ),
    _Rule(
        CLOUD_RUN,
        _words(rf"Services Min Instance CPU{_TIER} \(Request-based billing\)"),
        Unit.VCPU_SECOND,
        _tiered("cpu/idle"),
    ),
    _Rule(
        CLOUD_RUN,
        _words(rf"Services Min Instance Memory{_TIER} \(Request-based billing\)"),
        Unit.GIB_SECOND,
        _tiered("memory/idle"),
    ),
    _Rule(
        CLOUD_RUN,
        _words(rf"Services CPU \(Instance-based billing\){_PLACE}"),
        Unit.VCPU_SECOND,
        _tiered("cpu/instance"),
    ),
    _Rule(
        CLOUD_RUN,
        _words(rf"Services Memory \(Instance-based billing\){_PLACE}"),
        Unit.GIB_SECOND,
        _tiered("memory/instance"),
    ),
    _Rule(CLOUD_RUN, _words("Requests"), Unit.MILLION_REQUESTS, _tiered("requests")),
    _Rule(
        CLOUD_RUN,
        _words(
            r"(?:Services )?NVIDIA (?P<gpu>L4|RTX PRO 6000)(?: Blackwell)?(?: GPU)?,?"
            rf" (?:with )?(?P<how>no|without|with) zonal redundancy(?:{_PLACE})?"
        ),
        Unit.GPU_SECOND,
        _gpu,
    ),
    _Rule(CLOUD_STORAGE, _words(rf"{_CLASS} Storage {_ONE_REGION}"), Unit.GIB_MONTH, _kept),
    _Rule(
        CLOUD_STORAGE,
        _words(rf"(?:Regional )?{_COLD} Data Retrieval"),
        Unit.GIB,
        _by_class("retrieval"),
    ),
    _Rule(
        CLOUD_STORAGE,
        _words(rf"Regional {_CLASS} Class A Operations"),
        Unit.THOUSAND_OPERATIONS,
        _by_class("class-a"),
    ),
    _Rule(
        CLOUD_STORAGE,
        _words(rf"Regional {_CLASS} Class B Operations"),
        Unit.THOUSAND_OPERATIONS,
        _by_class("class-b"),
    ),
    _Rule(
        CLOUD_STORAGE,
        _words(r"Download Worldwide Destinations \(excluding Asia & Australia\)"),
        Unit.GIB,
        _everywhere("network/internet"),
    ),
    _Rule(
        ARTIFACT_REGISTRY,
        _words("Artifact Registry Storage"),
        Unit.GIB_MONTH,
        _everywhere("registry/storage"),
    ),
    _Rule(CLOUD_LOGGING, _words("Log Storage cost"), Unit.GIB, _everywhere("logging/ingest")),
    _Rule(
        CLOUD_LOGGING,
        _words("Log Retention cost"),
        Unit.GIB_MONTH,
        _everywhere("logging/retention"),
    ),
    _Rule(
        CLOUD_BUILD,
        _words(
            r"(?:Cloud )?Build(?: time| minutes)?(?: with| on|:)?"
            r" (?P<machine>e2[-_ ]standard[-_ ]2|e2[-_ ]highcpu[-_ ](?:8|32))"
        ),
        Unit.BUILD_MINUTE,
        _machine,
    ),
)


@dataclass(frozen=True, slots=True)
class KeyedPrice:
    """The price under `key` as an entry of the catalog has it, for one `unit`, in `region`."""

    key: str
    usd: Decimal
    unit: Unit
    region: str
    sku: Sku


def keyed(sku: Sku, regions: Regions) -> Iterator[KeyedPrice]:
    """Yield the prices of the list that an entry gives; none where it is not clearly one's."""
    if sku.usage != ON_DEMAND or sku.usd is None:
        return
    for rule in _RULES:
        if rule.service != sku.service:
            continue
        found = rule.words.fullmatch(sku.description.strip())
        times = _UNITS[rule.unit].get(sku.unit)
        if found is None or times is None:
            continue
        for name in _regions(sku, found, regions):
            key = rule.keys(found, name, regions[name])
            yield KeyedPrice(key, sku.usd * times, rule.unit, name, sku)
        return


def _regions(sku: Sku, found: re.Match[str], regions: Regions) -> Iterator[str]:
    """Yield in which of `regions` an entry is sold: what it lists counts, then what it says."""
    said = found.groupdict().get("region")
    everywhere = GLOBAL in sku.regions or not sku.regions
    for name in regions:
        if said is not None and said.lower() != name:
            continue
        if name in sku.regions or (everywhere and (said is not None or not _is_local(found))):
            yield name


def _is_local(found: re.Match[str]) -> bool:
    """Whether an entry speaks of one place by a name that is no region's."""
    return "place" in found.groupdict()
