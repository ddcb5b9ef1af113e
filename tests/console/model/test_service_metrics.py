from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.model.metrics import MINUTE, Minutes, Reading, RevisionRequests, ServiceMetrics
from console.model.text import SafeText

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOTHING = Minutes(NOON, (None, None, None))
SERIES = (
    *("requests", "failures", "median_latency", "slow_latency"),
    *("active", "idle", "billable", "startup"),
)


def minutes(*values: float | None) -> Minutes:
    return Minutes(NOON, values)


def metrics(**known: Minutes) -> ServiceMetrics:
    series = {name: known.get(name, NOTHING) for name in SERIES}
    revisions = (RevisionRequests(SafeText("r-1"), NOTHING),)
    return ServiceMetrics(fetched_at=NOON, revisions=revisions, **series)


def test_points_stand_at_the_minute_that_they_end() -> None:
    points = [(NOON, 3.0), (NOON - 2 * MINUTE, 1.0)]
    assert Minutes.of(points, NOON, 3).values == (1.0, None, 3.0)


def test_points_of_one_minute_are_added_up() -> None:
    assert Minutes.of([(NOON, 3.0), (NOON, 4.0)], NOON, 2).values == (None, 7.0)


def test_what_is_too_old_too_new_or_no_number_is_left_out() -> None:
    points = [(NOON - 2 * MINUTE, 1.0), (NOON + MINUTE, 1.0), (NOON, float("nan"))]
    assert Minutes.of(points, NOON, 2).values == (None, None)


def test_a_measured_zero_is_a_zero_and_a_missing_one_is_nothing() -> None:
    assert Minutes.of([(NOON, 0.0)], NOON, 2).values == (None, 0.0)


def test_the_latest_value_says_of_which_minute_it_is() -> None:
    latest = minutes(1.0, 2.0, None).latest
    assert latest == Reading(2.0, NOON - MINUTE)
    assert latest.age(NOON + timedelta(seconds=30)) == timedelta(seconds=90)
    assert latest.age(NOON - timedelta(hours=1)) == timedelta()


def test_nothing_measured_has_no_latest_total_or_peak() -> None:
    assert (NOTHING.latest, NOTHING.total, NOTHING.peak) == (None, None, None)


def test_total_and_peak_are_of_what_was_measured() -> None:
    known = minutes(1.0, None, 4.0)
    assert (known.total, known.peak) == (5.0, 4.0)


def test_a_part_of_what_is_known_is_none_where_it_was_not_seen() -> None:
    whole = minutes(5.0, None, 4.0, None)
    assert minutes(None, None, 1.0, 2.0).none_else(whole) == minutes(0.0, None, 1.0, 2.0)


def test_the_last_minutes_end_where_all_do() -> None:
    assert minutes(1.0, 2.0, 3.0).last(2) == minutes(2.0, 3.0)
    assert minutes(1.0).last(0).values == ()


def test_instances_are_those_of_the_newest_minute_alone() -> None:
    known = metrics(active=minutes(1.0, 1.0, None), idle=minutes(None, 0.0, 1.0))
    assert known.instances == Reading(1.0, NOON)
    known = metrics(active=minutes(None, None, 2.0), idle=minutes(None, None, 1.0))
    assert known.instances == Reading(3.0, NOON)
    assert metrics().instances is None


def test_a_rate_is_a_second_s_share_of_the_newest_minute() -> None:
    assert metrics(requests=minutes(None, 30.0, None)).request_rate == Reading(0.5, NOON - MINUTE)
    assert metrics().request_rate is None


def test_it_was_measured_when_the_newest_of_it_was() -> None:
    known = metrics(requests=minutes(1.0, None, None), billable=minutes(None, 1.0, None))
    assert known.measured_at == NOON - MINUTE
    assert metrics().measured_at is None
