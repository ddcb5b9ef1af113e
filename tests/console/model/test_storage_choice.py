from dataclasses import replace
from decimal import Decimal

import pytest
from cost_examples import GIB, PRICES, exact

from console.model.cost.prices import StorageClass
from console.model.cost.storage_choice import break_even_starts, cheapest, choices, conclusion
from console.model.cost.storage_cost import ModelFiles

STANDARD, NEARLINE, COLDLINE, ARCHIVE = StorageClass
IOWA = "us-central1"
GUIDE = ModelFiles(bytes=8 * GIB, region=IOWA)

# 8 GiB in us-central1:
#   Standard   8 × $0.020  = $0.16 a month
#   Nearline   8 × $0.010  = $0.08 a month, and 8 × $0.01 = $0.08 for each cold start
#   Coldline   8 × $0.004  = $0.032          8 × $0.02 = $0.16
#   Archive    8 × $0.0012 = $0.0096         8 × $0.05 = $0.40


def test_the_guides_conclusion() -> None:
    among = choices(GUIDE, IOWA, 20, PRICES)

    best = cheapest(among)
    assert best is not None
    assert best.storage_class is STANDARD
    # Nearline: $0.08 + 20 × $0.08 = $1.68
    assert conclusion(among, 20) == (
        "Standard: $0.16 with 20 cold starts a month, against $1.68 in Nearline"
    )


def test_the_guides_figures() -> None:
    # 8 GB × $0.020 = $0.16 and × $0.010 = $0.08 a month; reading costs $0.01 a GB in Nearline
    standard, nearline, *_ = choices(GUIDE, IOWA, 1, PRICES)

    assert exact(standard.keeping) == Decimal("0.16")
    assert exact(nearline.keeping) == Decimal("0.08")
    assert exact(standard.reading) == 0
    assert exact(nearline.reading) == Decimal("0.08")
    assert PRICES.retrieval(NEARLINE).usd == Decimal("0.01")
    assert nearline.starts_to_lose == 1


def test_of_two_classes_that_cost_the_same_the_warmer_one_is_taken() -> None:
    # 0.16 against 0.08 + 0.08, also where the size in GiB has no end behind the point
    for size in (8 * GIB, 8 * 10**9, 7_820_000_123):
        best = cheapest(choices(replace(GUIDE, bytes=size), IOWA, 1, PRICES))
        assert best is not None
        assert best.storage_class is STANDARD


def test_a_class_is_described_by_what_it_saves_and_when_that_is_lost() -> None:
    standard, nearline, coldline, archive = choices(GUIDE, IOWA, 20, PRICES)

    assert standard.words == "Standard costs $0.16 a month and nothing to read"
    assert nearline.words == "Nearline saves $0.08 a month and loses it at the first cold start"
    assert coldline.words == "Coldline saves $0.13 a month and loses it at the first cold start"
    assert archive.words == "Archive saves $0.15 a month and loses it at the first cold start"
    assert archive.minimum_days == 365


def test_without_any_cold_start_the_coldest_class_is_the_cheapest() -> None:
    best = cheapest(choices(GUIDE, IOWA, 0, PRICES))

    assert best is not None
    assert best.storage_class is ARCHIVE


def test_a_region_without_prices_gets_no_recommendation() -> None:
    among = choices(replace(GUIDE, region="mars-north1"), "mars-north1", 1, PRICES)

    assert cheapest(among) is None
    assert "no price is known" in conclusion(among, 1)
    assert "mars-north1" in among[1].words


def test_a_class_without_a_price_is_not_said_to_save_anything() -> None:
    without = replace(PRICES, prices=dict(PRICES.prices))
    assert isinstance(without.prices, dict)
    del without.prices["storage/us-central1/nearline"]

    nearline = choices(GUIDE, IOWA, 1, without)[1]

    assert nearline.words == "the price of Nearline storage in us-central1 is not known"
    assert nearline.starts_to_lose is None


@pytest.mark.parametrize(
    ("starts", "said"),
    [
        ("0.7", "first"),
        ("1.1", "2nd"),
        ("3", "3rd"),
        ("11", "11th"),
        ("12.5", "13th"),
        ("21", "21st"),
        ("112", "112th"),
    ],
)
def test_the_cold_start_that_eats_a_saving_up_is_counted(starts: str, said: str) -> None:
    nearline = choices(GUIDE, IOWA, 1, PRICES)[1]

    words = replace(nearline, starts_to_lose=Decimal(starts)).words

    assert words.endswith(f"loses it at the {said} cold start")


# (Standard − class) ÷ retrieval, in cold starts a month, by hand from the price list.
#                        Nearline ÷ 0.01        Coldline ÷ 0.02        Archive ÷ 0.05
BREAK_EVEN = {
    # 0.020: − 0.010 = 0.010;  − 0.004 = 0.016;  − 0.0012 = 0.0188
    "us-central1": ("1", "0.8", "0.376"),
    # 0.023: − 0.013 = 0.010;  − 0.006 = 0.017;  − 0.0025 = 0.0205
    "us-east4": ("1", "0.85", "0.41"),
    "europe-west1": ("1", "0.8", "0.376"),
    "europe-west4": ("1", "0.8", "0.376"),
    # 0.020: − 0.010 = 0.010;  − 0.005 = 0.015;  − 0.0020 = 0.018
    "asia-southeast1": ("1", "0.75", "0.36"),
    # 0.023: − 0.016 = 0.007;  − 0.006 = 0.017;  − 0.0025 = 0.0205
    "asia-south1": ("0.7", "0.85", "0.41"),
    "asia-south2": ("0.7", "0.85", "0.41"),
}


@pytest.mark.parametrize("region", PRICES.regions)
def test_the_break_even_of_every_class_in_every_region_with_a_gpu(region: str) -> None:
    found = [break_even_starts(region, each, PRICES) for each in (NEARLINE, COLDLINE, ARCHIVE)]

    assert found == [Decimal(each) for each in BREAK_EVEN[region]]


# The same for the guide's 8 GiB, in dollars: what a month of each class costs, what one cold start
# reads for, and at how many cold starts a month the class is as dear as Standard.
#   region: Standard × 8 | Nearline × 8, Coldline × 8, Archive × 8
MONTHS = {
    "us-central1": ("0.16", ("0.08", "0.032", "0.0096")),
    "us-east4": ("0.184", ("0.104", "0.048", "0.02")),
    "europe-west1": ("0.16", ("0.08", "0.032", "0.0096")),
    "europe-west4": ("0.16", ("0.08", "0.032", "0.0096")),
    "asia-southeast1": ("0.16", ("0.08", "0.04", "0.016")),
    "asia-south1": ("0.184", ("0.128", "0.048", "0.02")),
    "asia-south2": ("0.184", ("0.128", "0.048", "0.02")),
}
# 8 × 0.01, 8 × 0.02, 8 × 0.05
READINGS = ("0.08", "0.16", "0.40")


@pytest.mark.parametrize("region", PRICES.regions)
def test_the_guides_model_in_every_class_and_every_region_with_a_gpu(region: str) -> None:
    standard, *colder = choices(replace(GUIDE, region=region), region, 1, PRICES)
    month, months = MONTHS[region]

    assert exact(standard.keeping) == Decimal(month)
    assert [exact(each.keeping) for each in colder] == [Decimal(each) for each in months]
    assert [exact(each.reading) for each in colder] == [Decimal(each) for each in READINGS]
    assert [each.starts_to_lose for each in colder] == [
        Decimal(each) for each in BREAK_EVEN[region]
    ]
    best = cheapest((standard, *colder))
    assert best is standard


def test_every_region_of_the_list_has_a_gpu_and_is_in_both_tables() -> None:
    with_gpu = {name for name, region in PRICES.regions.items() if region.gpus}

    assert with_gpu == set(PRICES.regions) == set(BREAK_EVEN) == set(MONTHS)


def test_standard_has_no_break_even_with_itself() -> None:
    assert break_even_starts(IOWA, STANDARD, PRICES) is None
