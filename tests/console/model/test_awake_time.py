"""Time that was slept through is not time that was spent."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.models.patience import AwakeTime

SECONDS = st.floats(0.0, 1e6)


def test_short_gaps_count_as_they_are() -> None:
    awake = AwakeTime(100.0, attempt_seconds=60.0)
    assert [awake.look(now) for now in (101.0, 130.0, 190.0)] == [1.0, 30.0, 90.0]


def test_what_was_slept_counts_as_one_attempt() -> None:
    awake = AwakeTime(0.0, attempt_seconds=60.0)
    assert awake.look(7_200.0) == 60.0
    assert awake.look(7_201.0) == 61.0


def test_what_was_waited_on_purpose_counts_once() -> None:
    awake = AwakeTime(0.0, attempt_seconds=60.0)
    awake.waits(500.0)
    assert awake.look(510.0) == 510.0
    assert awake.look(10_000.0) == pytest.approx(570.0)


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    awake = AwakeTime(100.0, attempt_seconds=60.0)
    assert awake.look(90.0) == 0.0
    assert awake.look(91.0) == 1.0


@given(st.lists(SECONDS, max_size=20), SECONDS)
def test_it_is_never_more_than_went_by_nor_than_attempts_can_take(
    gaps: list[float], attempt: float
) -> None:
    awake, spent = AwakeTime(0.0, attempt), 0.0
    for count, now in enumerate(accumulate(gaps), 1):
        before, spent = spent, awake.look(now)
        assert before <= spent <= now * (1 + 1e-9)
        assert spent <= count * attempt * (1 + 1e-9)
