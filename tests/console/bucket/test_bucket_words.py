"""What a plan says of costs and of what is not known."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from console.model.models.bucket_plan import BucketPlan, plan_changes, plan_creation
from console.model.models.bucket_settings import BucketSettings, SafeSettings, Setting
from console.model.text import SafeText
from console.sources.prices import packaged_prices
from console.verbs.models_bucket_words import plan_lines

PRICES = packaged_prices()
HERE = SafeSettings("us-central1", reader="us-central1")


def plan(wanted: SafeSettings = HERE, **said: object) -> BucketPlan:
    settings = {"location": SafeText("US-CENTRAL1"), "storage_class": SafeText("STANDARD")} | said
    observed = BucketSettings(name=SafeText("acme-models"), **settings)  # type: ignore[arg-type]
    return plan_changes(observed, "acme", wanted, PRICES, 10 * 2**30)


def cost(found: BucketPlan, setting: Setting) -> str:
    return next(each.cost.words for each in found.differences if each.setting is setting)


@pytest.mark.parametrize(
    ("storage_class", "reading"), [("NEARLINE", "0.10"), ("COLDLINE", "0.20"), ("ARCHIVE", "0.50")]
)
def test_a_colder_class_is_told_with_what_each_cold_start_pays(
    storage_class: str, reading: str
) -> None:
    said = cost(plan(storage_class=SafeText(storage_class)), Setting.STORAGE_CLASS)
    assert f"as it is, about ${reading} for each cold start" in said
    assert "then about $0.20 a month" in said
    assert said.endswith(f"(estimate for 10.7 GB, prices of {PRICES.date})")


def test_what_is_kept_is_paid_for_by_the_day() -> None:
    week = cost(plan(), Setting.SOFT_DELETE)
    assert week.startswith("about $0.05 for each model that is replaced (estimate")
    nothing = cost(plan(SafeSettings("us-central1", timedelta())), Setting.SOFT_DELETE)
    assert nothing == "nothing"


def test_a_price_that_is_not_known_is_a_dash_with_its_reason() -> None:
    moon = SafeSettings("moon-1", reader="moon-1")
    found = plan_creation("acme-models", "acme", moon, PRICES)
    assert cost(found, Setting.LOCATION) == "– (no price is known of Standard storage in moon-1)"
    far = cost(plan(moon), Setting.LOCATION)
    assert far == "– (no price is known of transfer from us-central1 to moon-1)"
    odd = plan(storage_class=SafeText("DURABLE_REDUCED_AVAILABILITY"))
    assert cost(odd, Setting.STORAGE_CLASS) == "–"


def test_what_nobody_said_is_a_dash_and_is_set() -> None:
    found = plan(storage_class=SafeText(""))
    said = {each.setting: (each.observed, each.undo) for each in found.differences}
    assert said[Setting.PUBLIC_ACCESS][0] == "–"
    assert said[Setting.SOFT_DELETE] == ("–", None)
    assert said[Setting.STORAGE_CLASS] == ("–", None)


def test_a_bucket_of_no_known_service_is_not_judged_by_its_location() -> None:
    found = plan(SafeSettings(""))
    assert Setting.LOCATION not in [each.setting for each in found.differences]
    assert found.notes == (
        "where the service runs is not known, so the location was not looked at",
    )


def test_a_bucket_for_whose_reading_others_pay_is_no_good_to_a_service() -> None:
    (note,) = plan(requester_pays=True).notes
    assert note.endswith("gcloud storage buckets update gs://acme-models --no-requester-pays")


@pytest.mark.parametrize("width", [1, 80, 120])
def test_all_but_commands_keep_to_the_width(width: int) -> None:
    found = plan_creation("acme-models", "acme", HERE, PRICES)
    lines = list(plan_lines(found, width))
    commands = ("  do ", "  undo ")
    long = [each for each in lines if len(each) > max(width, 60)]
    assert not [each for each in long if not each.startswith(commands)]
    assert sum(bool(re.match("  later  cannot", each)) for each in lines) == 2
