import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.model.cost.money import ZERO
from console.model.cost.price_file import PriceFileError, parse_prices
from console.model.cost.prices import Gpu, StorageClass, Unit
from console.sources import prices as source
from console.sources.prices import packaged_prices, read_prices

PACKAGED = (Path(source.__file__).parent / "prices.json").read_text("utf-8")
Document = dict[str, Any]


def damaged(change: Callable[[Document], object]) -> str:
    document = json.loads(PACKAGED)
    change(document)
    return json.dumps(document)


def test_every_price_that_is_known_has_a_source_and_a_date() -> None:
    prices = packaged_prices().prices.values()

    assert all(price.source and price.source.what for price in prices)
    assert all(price.source and price.source.date.year >= 2025 for price in prices)
    assert len(prices) > 70


def test_the_rules_are_those_of_google() -> None:
    rules = packaged_prices().rules

    assert rules.rounding == timedelta(milliseconds=100)
    assert rules.instance_minimum == timedelta(minutes=1)
    assert rules.idle_limit(None) == timedelta(minutes=15)
    assert rules.idle_limit(Gpu.L4) == timedelta(minutes=10)
    assert rules.soft_delete_days == 7


def test_prices_from_memory_are_marked() -> None:
    prices = packaged_prices()

    assert not prices.storage("asia-south2", StorageClass.ARCHIVE).verified
    assert prices.storage("us-central1", StorageClass.ARCHIVE).verified
    assert not any(
        price.verified
        for price in prices.prices.values()
        if price.source and "memory" in price.source.what
    )


def test_an_amount_of_unverified_prices_says_so() -> None:
    amount = packaged_prices().storage("asia-south2", StorageClass.NEARLINE).cost(5)

    assert amount.unverified == {"Nearline storage in asia-south2"}


def test_every_region_with_a_gpu_has_prices_for_storage_and_for_its_gpus() -> None:
    prices = packaged_prices()

    assert len(prices.regions) == 7
    for region in prices.regions.values():
        assert region.gpus
        for storage_class in StorageClass:
            assert prices.storage(region.name, storage_class).usd
        assert prices.compute(region.name, "cpu/instance", Unit.VCPU_SECOND).usd


def test_a_price_that_nobody_knows_makes_an_amount_that_is_not_known() -> None:
    prices = packaged_prices()

    singapore = prices.gpu("asia-southeast1", Gpu.RTX_PRO_6000, zonal_redundancy=False)
    elsewhere = prices.compute("mars-north1", "cpu/request", Unit.VCPU_SECOND)
    assert singapore.cost(60).text() == "–"
    assert elsewhere.cost(1).missing == {"cpu/request in mars-north1"}


def test_nothing_used_is_nothing_to_pay_whatever_the_price() -> None:
    unpriced = packaged_prices().storage("mars-north1", StorageClass.STANDARD)

    assert unpriced.cost(0) == ZERO


def test_a_negative_quantity_is_refused() -> None:
    price = packaged_prices().storage("us-central1", StorageClass.STANDARD)

    with pytest.raises(ValueError, match="cannot be charged"):
        price.cost(-1)


def test_transfer_within_a_region_is_free_and_the_way_does_not_matter() -> None:
    prices = packaged_prices()

    assert prices.transfer("us-central1", "us-central1").cost(8) == ZERO * 8
    there = prices.transfer("europe-west1", "us-central1")
    assert there == prices.transfer("us-central1", "europe-west4")
    assert prices.transfer("us-central1", "mars-north1").usd is None


def test_a_newer_list_is_read_from_a_file(tmp_path: Path) -> None:
    def dearer(document: Document) -> None:
        document["date"] = "2027-02-01"
        document["prices"]["storage/us-central1/standard"]["usd"] = "0.021"

    newer = tmp_path / "prices.json"
    newer.write_text(damaged(dearer), "utf-8")

    read = read_prices(newer)

    assert read.date.year == 2027
    assert read.storage("us-central1", StorageClass.STANDARD).usd == Decimal("0.021")


def test_a_newer_list_without_a_price_does_not_borrow_the_old_one() -> None:
    shorter = damaged(lambda document: document["prices"].pop("storage/us-central1/nearline"))

    price = parse_prices(shorter).storage("us-central1", StorageClass.NEARLINE)

    assert price.cost(1).missing == {"Nearline storage in us-central1"}


def change_price(**fields: object) -> Callable[[Document], object]:
    return lambda document: document["prices"]["run/tier-1/requests"].update(fields)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("rules"), "rules in the list is not there"),
        (lambda d: d.update(format=2), "format in the list is not 1"),
        (lambda d: d.update(currency="EUR"), "is not USD"),
        (lambda d: d.update(date="yesterday"), "is not a date"),
        (lambda d: d.update(extra=1), "extra in the list is not a field"),
        (lambda d: d.update({"e\x1b[2J": 1}), "is not a field"),
        (change_price(usd=0.4), "is neither a figure in quotes"),
        (change_price(usd="-1"), "is neither a figure in quotes"),
        (change_price(usd="NaN"), "is neither a figure in quotes"),
        (change_price(usd="1e99"), "is neither a figure in quotes"),
        (change_price(unit="GiB"), "no such price goes by that"),
        (change_price(unit="furlong"), "is none of vCPU-second"),
        (change_price(source="hearsay"), "is not among the sources"),
        (change_price(name="a\x1b]0;b\x07"), "is not a line of text"),
        (change_price(verified="yes"), "is neither true nor false"),
        (lambda d: d["prices"].update({"run/tier-1/wishes": {}}), "is not there"),
        (lambda d: d["free"].update({"run/wishes": "1"}), "is nothing that is given for free"),
        (lambda d: d["regions"]["us-central1"].update(tier=0), "whole number from 1 to 9"),
        (lambda d: d["regions"]["us-central1"].update(gpus=["h100"]), "is not a list of"),
        (lambda d: d["rules"]["minimum_days"].pop("ARCHIVE"), "ARCHIVE in minimum_days"),
        (lambda d: d["rules"].update(rounding_seconds="100000"), "longer than a day"),
        (lambda d: d.update(prices=[]), "is not a JSON object"),
    ],
)
def test_a_damaged_list_is_refused_in_one_line(
    change: Callable[[Document], object], said: str
) -> None:
    with pytest.raises(PriceFileError, match=said) as refusal:
        parse_prices(damaged(change))

    assert str(refusal.value).isprintable()
    assert "use the list that came with the console" in str(refusal.value)


JUNK: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "\x1b[2J",
    "x" * 500,
    [],
    [[]],
    {},
    {"a": {}},
)


def paths(value: object, so_far: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Ways to every kind of field: of a table with many rows, the first row will do."""
    if not isinstance(value, dict):
        return [so_far]
    rows = list(value) if so_far in ((), ("rules",)) else list(value)[:8]
    return [so_far, *(path for key in rows for path in paths(value[key], (*so_far, key)))]


PATHS = paths(json.loads(PACKAGED))


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_junk_in_any_field_is_refused_in_one_line_or_means_something(junk: object) -> None:
    for path in PATHS:
        document = json.loads(PACKAGED)
        inner = document
        for key in path[:-1]:
            inner = inner[key]
        if path:
            inner[path[-1]] = junk
        said = refusal_of(json.dumps(document if path else junk))
        assert said.isprintable(), path


@pytest.mark.parametrize("document", ["", "[]", "{", '{"a": 1, "a": 2}', "[" * 100_000])
def test_what_is_no_list_at_all_is_refused_in_one_line(document: str) -> None:
    with pytest.raises(PriceFileError) as refusal:
        parse_prices(document)

    assert "\n" not in str(refusal.value)


def test_a_list_without_end_is_refused(tmp_path: Path) -> None:
    endless = tmp_path / "prices.json"
    endless.write_text(" " * 1_000_001, "utf-8")

    with pytest.raises(PriceFileError, match="longer than"):
        read_prices(endless)


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(PriceFileError, match="No such file"):
        read_prices(tmp_path / "prices.json")


def test_a_file_that_is_not_text_is_said_in_one_line(tmp_path: Path) -> None:
    picture = tmp_path / "prices.json"
    picture.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(PriceFileError, match="UTF-8"):
        read_prices(picture)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(min_value=0, max_value=len(PACKAGED)), st.characters())
def test_a_slip_of_the_pen_is_read_or_refused_and_nothing_else(place: int, put: str) -> None:
    assert "\n" not in refusal_of(PACKAGED[:place] + put + PACKAGED[place + 1 :])


def refusal_of(document: str) -> str:
    try:
        parse_prices(document)
    except PriceFileError as refusal:
        return str(refusal)
    return ""
