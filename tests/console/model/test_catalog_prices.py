"""Prices found in Google's catalog: what is taken, what is left, and what is not believed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from cost_examples import NOON, PRICES
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.catalog_prices import CatalogPrices, catalog_prices
from console.model.cost.live_prices import price_changes, prices_label, with_catalog
from console.model.cost.prices import Unit
from console.model.cost.sku import Sku, Tier
from console.model.cost.sku_keys import (
    ARTIFACT_REGISTRY,
    CLOUD_BUILD,
    CLOUD_LOGGING,
    CLOUD_RUN,
    CLOUD_STORAGE,
)
from console.terminal.sanitise import sanitise

IOWA, BELGIUM, SINGAPORE = "us-central1", "europe-west1", "asia-southeast1"
GLOBAL = ("global",)


def sku(
    service: str,
    description: str,
    unit: str,
    usd: str,
    *regions: str,
    usage: str = "OnDemand",
    free: str = "",
    more: tuple[tuple[str, str], ...] = (),
    identifier: str = "A1B2-C3D4-E5F6",
) -> Sku:
    """An entry of the catalog that costs `usd` beyond `free`, and `more` from so many on."""
    tiers = [Tier(Decimal(0), Decimal(0))] if free else []
    tiers.append(Tier(Decimal(free or 0), Decimal(usd)))
    tiers += [Tier(Decimal(start), Decimal(price)) for start, price in more]
    return Sku(
        sanitise(identifier), service, sanitise(description), usage, regions, unit, tuple(tiers)
    )


def found(*skus: Sku) -> CatalogPrices:
    return catalog_prices(skus, PRICES.regions, NOON)


def figures(catalog: CatalogPrices) -> dict[str, str]:
    return {key: f"{price.usd:f}" for key, price in catalog.prices.items() if price.usd is not None}


CPU = "Services CPU (Instance-based billing) in us-central1"
TAKEN = [
    (
        sku(CLOUD_RUN, "Services CPU (Request-based billing)", "s", "0.000024", IOWA, BELGIUM),
        {"run/tier-1/cpu/request": "0.000024"},
    ),
    (
        sku(CLOUD_RUN, "Services CPU Tier 2  (Request-based billing)", "s", "0.0000336", SINGAPORE),
        {"run/tier-2/cpu/request": "0.0000336"},
    ),
    (
        sku(
            CLOUD_RUN,
            "Services Min Instance Memory Tier 2 (Request-based billing)",
            "GiBy.s",
            "0.0000035",
            SINGAPORE,
        ),
        {"run/tier-2/memory/idle": "0.0000035"},
    ),
    (sku(CLOUD_RUN, CPU, "s", "0.000018", IOWA), {"run/tier-1/cpu/instance": "0.000018"}),
    (
        sku(CLOUD_RUN, CPU.replace(" in ", " in in "), "s", "0.000018", IOWA),
        {"run/tier-1/cpu/instance": "0.000018"},
    ),
    (
        sku(CLOUD_RUN, "Requests", "count", "0.0000004", *GLOBAL, free="2000000"),
        {"run/tier-1/requests": "0.4", "run/tier-2/requests": "0.4"},
    ),
    (
        sku(
            CLOUD_RUN,
            "NVIDIA L4 GPU with no zonal redundancy in us-central1",
            "s",
            "0.0001867",
            IOWA,
        ),
        {"run/tier-1/nvidia-l4/single-zone": "0.0001867"},
    ),
    (
        sku(CLOUD_RUN, "Nvidia L4 GPU with zonal redundancy", "s", "0.0002909", IOWA),
        {"run/tier-1/nvidia-l4/redundant": "0.0002909"},
    ),
    (
        sku(
            CLOUD_RUN,
            "NVIDIA RTX Pro 6000 GPU without zonal redundancy in asia-southeast1",
            "s",
            "0.00043826",
            SINGAPORE,
        ),
        {"run/tier-2/nvidia-rtx-pro-6000/single-zone": "0.00043826"},
    ),
    (
        sku(CLOUD_STORAGE, "Standard Storage US Regional", "GiBy.mo", "0.02", IOWA, free="5"),
        {"storage/us-central1/standard": "0.02"},
    ),
    (
        # 0.000027397 for an hour is 0.01999981 for a month of 730 hours.
        sku(CLOUD_STORAGE, "Standard Storage Singapore", "GiBy.h", "0.000027397", SINGAPORE),
        {"storage/asia-southeast1/standard": "0.01999981"},
    ),
    (
        sku(CLOUD_STORAGE, "Archive Storage Northern Virginia", "GiBy.mo", "0.0025", "us-east4"),
        {"storage/us-east4/archive": "0.0025"},
    ),
    (
        sku(
            CLOUD_STORAGE,
            "Regional Standard Class A Operations",
            "count",
            "0.000005",
            *GLOBAL,
            free="5000",
        ),
        {"storage/class-a/standard": "0.005"},
    ),
    (
        sku(CLOUD_STORAGE, "Regional Coldline Class B Operations", "count", "0.00001", *GLOBAL),
        {"storage/class-b/coldline": "0.01"},
    ),
    (
        sku(CLOUD_STORAGE, "Nearline Data Retrieval", "GiBy", "0.01", *GLOBAL),
        {"storage/retrieval/nearline": "0.01"},
    ),
    (
        sku(
            ARTIFACT_REGISTRY,
            "Artifact Registry Storage",
            "GiBy.mo",
            "0.1",
            *GLOBAL,
            free="0.5",
        ),
        {"registry/storage": "0.1"},
    ),
    (
        sku(CLOUD_LOGGING, "Log Storage cost", "GiBy", "0.5", *GLOBAL, free="50"),
        {"logging/ingest": "0.5"},
    ),
    (
        sku(CLOUD_BUILD, "Cloud Build e2-standard-2", "min", "0.006", *GLOBAL, free="2500"),
        {"build/e2-standard-2": "0.006"},
    ),
    (
        sku(CLOUD_BUILD, "Build time: E2 highcpu 8", "s", "0.0002", *GLOBAL),
        {"build/e2-highcpu-8": "0.012"},
    ),
]


@pytest.mark.parametrize(
    ("entry", "prices"), TAKEN, ids=[str(each.description) for each, _ in TAKEN]
)
def test_an_entry_of_the_catalog_is_a_price_of_the_list(entry: Sku, prices: dict[str, str]) -> None:
    catalog = found(entry)

    assert figures(catalog) == prices
    assert (catalog.skipped, catalog.ambiguous) == (0, {})


LEFT = [
    sku(CLOUD_RUN, CPU, "s", "0.0000149", IOWA, usage="Commit1Yr"),
    sku(CLOUD_RUN, CPU, "s", "0.0000149", IOWA, usage="Preemptible"),
    sku(CLOUD_RUN, CPU, "h", "0.0648", IOWA),
    sku(CLOUD_RUN, CPU, "s", "0", IOWA),
    sku(CLOUD_RUN, CPU, "s", "0.000018", BELGIUM),
    sku(
        CLOUD_RUN, "Services CPU (Instance-based billing) in europe-west2", "s", "1", "europe-west2"
    ),
    sku(CLOUD_RUN, "Jobs CPU in us-central1", "s", "0.000018", IOWA),
    sku(CLOUD_RUN, "Worker Pools Memory in us-central1", "GiBy.s", "0.000002", IOWA),
    sku(CLOUD_RUN, "Worker Pools NVIDIA L4 GPU with zonal redundancy", "s", "0.0002", IOWA),
    sku(CLOUD_RUN, "NVIDIA L4 GPU", "s", "0.0001867", IOWA),
    sku(CLOUD_RUN, "NVIDIA L40 GPU with zonal redundancy in us-central1", "s", "0.0005", IOWA),
    sku(CLOUD_STORAGE, CPU, "s", "0.000018", IOWA),
    sku(CLOUD_STORAGE, "Standard Storage Iowa Dual-region", "GiBy.mo", "0.022", IOWA),
    sku(CLOUD_STORAGE, "Standard Storage US Multi-region", "GiBy.mo", "0.026", "us"),
    sku(CLOUD_STORAGE, "Standard Storage Belgium/London Dual-region", "GiBy.mo", "0.03", BELGIUM),
    sku(CLOUD_STORAGE, "Nearline Storage Iowa (Early Delete)", "GiBy.mo", "0.01", IOWA),
    sku(CLOUD_STORAGE, "Autoclass Standard Storage Iowa", "GiBy.mo", "0.02", IOWA),
    sku(CLOUD_STORAGE, "Standard Storage Iowa", "GiBy.mo", "0.02"),
    sku(CLOUD_STORAGE, "Standard Storage Iowa", "GiBy.mo", "0.02", *GLOBAL),
    sku(CLOUD_STORAGE, "Regional Standard Tagging Class A Operations", "count", "1", *GLOBAL),
    sku(CLOUD_STORAGE, "Multi-Region Standard Class A Operations", "count", "1", *GLOBAL),
    sku(CLOUD_LOGGING, "Vended Logs Storage cost", "GiBy", "0.25", *GLOBAL),
    sku(CLOUD_BUILD, "Cloud Build e2-standard-2 private pool", "min", "0.006", *GLOBAL),
]


@pytest.mark.parametrize(
    "entry", LEFT, ids=[f"{each.description} {each.unit} {each.usage}" for each in LEFT]
)
def test_a_neighbour_of_a_price_is_not_taken_for_it(entry: Sku) -> None:
    catalog = found(entry)

    assert (figures(catalog), catalog.skipped) == ({}, 1)


def test_the_region_is_what_an_entry_lists_and_else_what_it_says() -> None:
    unlisted = sku(CLOUD_RUN, CPU.replace(IOWA, SINGAPORE), "s", "0.0000216")

    assert figures(found(unlisted)) == {"run/tier-2/cpu/instance": "0.0000216"}


def test_the_first_tier_that_costs_something_counts() -> None:
    """The others are for terabytes."""
    download = sku(
        CLOUD_STORAGE,
        "Download Worldwide Destinations (excluding Asia & Australia)",
        "GiBy",
        "0.12",
        *GLOBAL,
        more=(("1024", "0.11"), ("10240", "0.08")),
    )

    assert figures(found(download)) == {"network/internet": "0.12"}


def test_entries_that_say_the_same_are_one_price() -> None:
    first = sku(CLOUD_RUN, CPU, "s", "0.000018", IOWA, identifier="AAAA-AAAA-AAAA")
    other = sku(
        CLOUD_RUN,
        CPU.replace(IOWA, BELGIUM),
        "s",
        "0.000018",
        BELGIUM,
        identifier="BBBB-BBBB-BBBB",
    )

    (price,) = found(first, other).prices.values()

    assert price.source is not None
    assert price.source.what == "Cloud Billing Catalog, SKU AAAA-AAAA-AAAA and 1 more"
    assert price.source.date == NOON.date()
    assert price.verified


def test_entries_that_differ_make_no_price_and_are_told() -> None:
    cheap = sku(CLOUD_RUN, CPU, "s", "0.000018", IOWA, identifier="AAAA-AAAA-AAAA")
    dear = sku(
        CLOUD_RUN,
        CPU.replace(IOWA, "us-east4"),
        "s",
        "0.0000216",
        "us-east4",
        identifier="BBBB-BBBB-BBBB",
    )

    catalog = found(cheap, dear)

    assert catalog.prices == {}
    assert catalog.ambiguous == {
        "run/tier-1/cpu/instance": (
            "$0.000018 (AAAA-AAAA-AAAA, us-central1)",
            "$0.0000216 (BBBB-BBBB-BBBB, us-east4)",
        )
    }
    assert with_catalog(PRICES, catalog) == PRICES


def test_a_mixed_list_is_as_old_as_its_oldest_part_and_says_what_is_from_where() -> None:
    catalog = found(sku(CLOUD_RUN, CPU, "s", "0.000017", IOWA))

    mixed, label = with_catalog(PRICES, catalog), prices_label(PRICES, catalog)

    assert mixed.date == PRICES.date == date(2026, 10, 8)
    price = mixed.compute(IOWA, "cpu/instance", Unit.VCPU_SECOND)
    assert (price.usd, price.name) == (
        Decimal("0.000017"),
        "CPU by the life of an instance, Tier 1",
    )
    other = mixed.compute(IOWA, "memory/instance", Unit.GIB_SECOND)
    assert other == PRICES.compute(IOWA, "memory/instance", Unit.GIB_SECOND)
    assert label.words == (
        "1 of 77 prices from Google's catalog of 2026-11-24, the rest from the list of "
        "2026-10-08, 29 not verified"
    )


def test_what_changed_since_the_list_was_made_is_told() -> None:
    catalog = found(
        sku(CLOUD_RUN, CPU, "s", "0.000017", IOWA),
        sku(CLOUD_RUN, "Requests", "count", "0.0000004", *GLOBAL),
        sku(CLOUD_BUILD, "Cloud Build e2-highcpu-8", "min", "0.016", *GLOBAL),
    )

    changes = {each.key: (each.old, each.new) for each in price_changes(PRICES, catalog)}

    assert changes == {
        "build/e2-highcpu-8": (None, Decimal("0.016")),
        "run/tier-1/cpu/instance": (Decimal("0.000018"), Decimal("0.000017")),
    }


def test_a_price_for_another_unit_or_of_something_unknown_is_not_taken() -> None:
    price = PRICES.prices["registry/storage"]
    odd = {"registry/storage": replace(price, unit=Unit.GIB), "registry/other": price}

    assert with_catalog(PRICES, CatalogPrices(odd, NOON)) is PRICES
    assert prices_label(PRICES, CatalogPrices(odd, NOON)).live == 0


def test_without_a_catalog_the_packaged_list_stands_and_says_so() -> None:
    label = prices_label(PRICES, None, "nobody answered")

    assert with_catalog(PRICES, None) is PRICES
    assert label.words == "all 77 prices from the list of 2026-10-08, 29 not verified"
    assert (label.live, label.fetched_at, label.problem) == (0, None, "nobody answered")


def test_a_catalog_that_has_every_price_replaces_the_date_too() -> None:
    whole = CatalogPrices(PRICES.prices, NOON)

    assert with_catalog(PRICES, whole).date == NOON.date()
    assert prices_label(PRICES, whole).words.startswith(
        "all 77 prices from Google's catalog of 2026-11-24"
    )


@given(st.text(max_size=60), st.sampled_from(["s", "count", "GiBy", "", "GiBy.mo"]))
def test_no_words_of_an_entry_break_anything(words: str, unit: str) -> None:
    catalog = found(sku(CLOUD_RUN, words, unit, "1", IOWA), sku(CLOUD_STORAGE, words, unit, "1"))

    assert set(catalog.prices) <= set(PRICES.prices)
