from dataclasses import replace
from decimal import Decimal

import pytest
from cost_examples import GIB, PRICES

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


def test_standard_has_no_break_even_with_itself() -> None:
    assert break_even_starts(IOWA, STANDARD, PRICES) is None
