from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.model.choosing import Row, can_be_project, can_be_region, can_be_service, matches
from console.model.contexts import (
    Recent,
    context_choices,
    in_sandbox,
    used_words,
    with_newest,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SERVICE = "my-project/us-central1/z-image"


def test_the_built_in_contexts_come_first_then_the_configured_one_then_those_of_before() -> None:
    recents = [
        Recent("other/us-central1/z-image", NOON - timedelta(minutes=5)),
        Recent("sandbox", NOON - timedelta(hours=3)),
    ]
    choices = context_choices(SERVICE, recents, NOON)
    assert [(one.context, one.used) for one in choices] == [
        ("local", ""),
        ("sandbox", "used 3 h ago"),
        (SERVICE, ""),
        ("other/us-central1/z-image", "used 5 min ago"),
    ]


def test_a_context_of_before_that_is_configured_too_is_there_once() -> None:
    choices = context_choices(SERVICE, [Recent(SERVICE, NOON)], NOON)
    assert [one.context for one in choices] == ["local", "sandbox", SERVICE]


def test_the_newest_is_in_front_and_only_so_many_are_kept() -> None:
    recents = [Recent(name, NOON) for name in ("a", "b", "c")]
    assert [one.context for one in with_newest(recents, Recent("b", NOON), 2)] == ["b", "a"]


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=-5), "used just now"),
        (timedelta(seconds=59), "used just now"),
        (timedelta(minutes=59), "used 59 min ago"),
        (timedelta(hours=23), "used 23 h ago"),
        (timedelta(days=1), "used 1 day ago"),
        (timedelta(days=40), "used 40 days ago"),
    ],
)
def test_ages_are_said_in_words(age: timedelta, said: str) -> None:
    assert used_words(NOON - age, NOON) == said
    assert used_words(None, NOON) == ""


ROWS = [Row("shop-prod", "the shop"), Row("images", "shop pictures"), Row("shop-test")]


def test_every_word_must_be_somewhere_and_beginnings_come_first() -> None:
    found = matches(ROWS, "SHOP", lambda _: True)
    assert [row.name for row in found.rows] == ["shop-prod", "shop-test", "images"]
    assert [row.name for row in matches(ROWS, "pic shop", lambda _: True).rows] == ["images"]


def test_a_name_that_is_not_listed_is_offered_as_typed_if_it_can_be_one() -> None:
    assert matches(ROWS, "shop-dev", can_be_project).chosen(0) == "shop-dev"
    assert matches(ROWS, "Shop Dev", can_be_project).typed is None
    assert matches(ROWS, "images", can_be_project).typed is None
    assert matches(ROWS, "", can_be_project).typed is None


def test_more_than_can_be_looked_at_is_counted() -> None:
    rows = [Row(f"project-{number}") for number in range(500)]
    found = matches(rows, "", can_be_project, most=20)
    assert (len(found.rows), found.more) == (20, 480)
    assert found.chosen(20) is None


def test_what_can_be_a_name_is_what_google_lets_be_one() -> None:
    assert can_be_project("example.com:my-project")
    assert can_be_region("us-central1")
    assert can_be_service("z-image")
    assert not can_be_service("z_image")
    assert not can_be_region("us/central1")
    assert not can_be_project("../etc")


@pytest.mark.parametrize(
    ("context", "there"),
    [
        ("sandbox", True),
        ("sandbox/us-central1/z-image-gpu", True),
        ("local", False),
        ("sandbox-2/us-central1/z-image", False),
        (SERVICE, False),
    ],
)
def test_services_of_the_project_sandbox_are_in_the_sandbox(context: str, there: bool) -> None:
    assert in_sandbox(context) is there


def test_a_service_of_the_sandbox_is_offered_as_one_for_practice() -> None:
    recents = [Recent("sandbox/local-1/other", NOON)]
    assert context_choices(None, recents, NOON)[-1].about == "a service in the cloud for practice"
