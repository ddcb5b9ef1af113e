from datetime import UTC, datetime, timedelta

import pytest

from console.model.freshness import LOADING, Freshness, Standing, age, as_of, note, rough_age
from console.model.text import SafeText

NOW = datetime(2026, 11, 24, 14, 5, 0, tzinfo=UTC)
AT = NOW - timedelta(minutes=3)
GONE = LOADING.answered(AT).failed(Standing.ERROR, SafeText("gone"), NOW + timedelta(seconds=12))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 s ago"), (59, "59 s ago"), (60, "1 min ago"), (7_200, "2 h ago"), (90_000, "1 d ago")],
)
def test_ages_are_said_in_their_largest_unit(seconds: int, said: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == said


def test_ages_that_are_not_kept_up_are_not_said_in_seconds() -> None:
    assert rough_age(NOW - timedelta(seconds=59), NOW) == "<1 min ago"
    assert rough_age(AT, NOW) == "3 min ago"


def test_what_is_of_another_day_is_said_with_its_date() -> None:
    assert as_of(AT, NOW) == "as of 14:02 UTC, 3 min ago"
    assert as_of(NOW - timedelta(days=2), NOW) == "as of 2026-11-22 14:05 UTC, 2 d ago"
    assert as_of(NOW - timedelta(hours=15), NOW) == "as of 2026-11-23 23:05 UTC, 15 h ago"


def test_a_failure_keeps_the_time_of_the_last_answer() -> None:
    assert note(GONE, NOW) == "no new answer · as of 14:02 UTC, 3 min ago · again in 12 s"
    assert note(GONE, NOW + timedelta(seconds=13)).endswith("asking again")


def test_an_answer_ends_the_trouble() -> None:
    assert GONE.answered(NOW) == Freshness(Standing.FRESH, NOW)
    assert note(GONE.answered(NOW), NOW) == ""


def test_the_time_of_an_answer_is_news_only_while_answers_fail() -> None:
    assert LOADING.answered(AT).without_time == LOADING.answered(NOW).without_time
    assert GONE.without_time == GONE


def test_only_what_is_not_fresh_ages() -> None:
    assert [each.ages for each in (LOADING, LOADING.answered(AT), GONE)] == [False, False, True]
