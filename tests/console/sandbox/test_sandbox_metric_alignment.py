from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from google.cloud.monitoring_v3.types import Aggregation
from hypothesis import given
from hypothesis import strategies as st

from console.sandbox.metrics.metric_alignment import Aligned, InvalidAggregation, aggregated
from console.sandbox.metrics.metric_samples import DELTA, GAUGE, Series, Value

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Aligner = Aggregation.Aligner
Reducer = Aggregation.Reducer


def series(*values: Value, state: str = "active", revision: str = "r-1") -> Series:
    """Samples of the minutes up to noon, the last value at noon."""
    times = [NOON - back * MINUTE for back in range(len(values) - 1, -1, -1)]
    return Series(
        (("state", state),), (("revision_name", revision),), dict(zip(times, values, strict=True))
    )


def how(
    aligner: Aligner,
    reducer: Reducer = Reducer.REDUCE_NONE,
    *groups: str,
    period: timedelta = MINUTE,
) -> Aggregation:
    return Aggregation(
        alignment_period=period,
        per_series_aligner=aligner,
        cross_series_reducer=reducer,
        group_by_fields=groups,
    )


def brought_together(asked: Aggregation, *found: Series, kind: int = DELTA) -> list[Aligned]:
    return aggregated(found, kind, asked, NOON - 10 * MINUTE, NOON)


def only(answer: list[Aligned]) -> list[Value]:
    (one,) = answer
    return [value for _, value in one.samples]


def test_without_an_aligner_samples_are_given_as_they_are_newest_first() -> None:
    assert only(brought_together(Aggregation(), series(1, 2, 3))) == [3, 2, 1]


@pytest.mark.parametrize(
    ("aligner", "values"),
    [
        (Aligner.ALIGN_DELTA, [7, 3]),
        (Aligner.ALIGN_SUM, [7, 3]),
        (Aligner.ALIGN_RATE, [7 / 120, 3 / 120]),
        (Aligner.ALIGN_MEAN, [3.5, 1.5]),
        (Aligner.ALIGN_MAX, [4, 2]),
        (Aligner.ALIGN_MIN, [3, 1]),
        (Aligner.ALIGN_COUNT, [2, 2]),
    ],
)
def test_samples_of_a_period_become_one(aligner: Aligner, values: list[float]) -> None:
    assert only(brought_together(how(aligner, period=2 * MINUTE), series(1, 2, 3, 4))) == values


def test_periods_end_where_the_interval_does() -> None:
    (one,) = brought_together(how(Aligner.ALIGN_DELTA, period=2 * MINUTE), series(1, 2, 3))
    assert one.samples == ((NOON, 5), (NOON - 2 * MINUTE, 1))


def test_a_distribution_has_percentiles() -> None:
    spread = series((10.0, 20.0), (30.0,))
    asked = how(Aligner.ALIGN_PERCENTILE_50, period=2 * MINUTE)
    assert only(brought_together(asked, spread)) == [20.0]


def test_distributions_are_joined_before_a_percentile_across_series_is_taken() -> None:
    asked = how(Aligner.ALIGN_DELTA, Reducer.REDUCE_PERCENTILE_95)
    fast, slow = series((1.0,) * 19), series((1.0, 100.0), state="idle")
    assert only(brought_together(asked, fast, slow)) == pytest.approx([1.0])
    assert only(brought_together(asked, slow)) == pytest.approx([95.05])


def test_series_are_joined_by_the_labels_that_are_kept() -> None:
    asked = how(Aligner.ALIGN_MAX, Reducer.REDUCE_SUM, "metric.label.state")
    answer = brought_together(
        asked,
        series(1, revision="r-1"),
        series(2, revision="r-2"),
        series(5, state="idle"),
        kind=GAUGE,
    )
    assert {(each.metric, each.samples[0][1]) for each in answer} == {
        ((("state", "active"),), 3.0),
        ((("state", "idle"),), 5.0),
    }
    assert {each.resource for each in answer} == {()}


def test_a_minute_without_samples_has_no_point() -> None:
    sparse = series(1, 2, 3)
    del sparse.samples[NOON - MINUTE]
    assert only(brought_together(how(Aligner.ALIGN_DELTA), sparse)) == [3, 1]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (Aggregation(cross_series_reducer=Reducer.REDUCE_SUM), "needs an aligner"),
        (how(Aligner.ALIGN_SUM, period=timedelta(seconds=59)), "at least 60 seconds"),
        (how(Aligner.ALIGN_PERCENTILE_50), "ALIGN_PERCENTILE_50 is not supported"),
        (how(Aligner.ALIGN_SUM, Reducer.REDUCE_SUM, "state"), "'state' in group_by_fields"),
        (how(Aligner.ALIGN_SUM, Reducer.REDUCE_COUNT_TRUE), "REDUCE_COUNT_TRUE is not supported"),
    ],
)
def test_what_cannot_be_aggregated_is_refused(asked: Aggregation, why: str) -> None:
    with pytest.raises(InvalidAggregation, match=why):
        brought_together(asked, series(1))


def test_a_gauge_has_no_rate() -> None:
    with pytest.raises(InvalidAggregation, match="ALIGN_RATE"):
        brought_together(how(Aligner.ALIGN_RATE), series(1), kind=GAUGE)


COUNTS = st.lists(st.integers(0, 1_000), min_size=1, max_size=10)


@given(first=COUNTS, second=COUNTS, minutes=st.integers(1, 12))
def test_nothing_is_lost_or_doubled_whatever_the_period(
    first: list[int], second: list[int], minutes: int
) -> None:
    asked = how(Aligner.ALIGN_DELTA, Reducer.REDUCE_SUM, period=minutes * MINUTE)
    values = only(brought_together(asked, series(*first), series(*second, state="idle")))
    assert sum(values) == sum(first) + sum(second)
    assert len(values) == -(-max(len(first), len(second)) // minutes)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_percentiles_rise_and_stay_within_what_was_measured(latencies: list[float]) -> None:
    percentiles = [
        only(brought_together(how(aligner), series(tuple(latencies))))[0]
        for aligner in (
            Aligner.ALIGN_PERCENTILE_05,
            Aligner.ALIGN_PERCENTILE_50,
            Aligner.ALIGN_PERCENTILE_95,
            Aligner.ALIGN_PERCENTILE_99,
        )
    ]
    rising = [min(latencies), *percentiles, max(latencies)]
    assert all(one <= other or one == pytest.approx(other) for one, other in pairwise(rising))
