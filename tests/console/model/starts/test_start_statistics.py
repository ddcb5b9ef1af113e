from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from start_lines import AUTOSCALING, NOON, OVER_MEMORY, cold_start, line, spoken, told_by

from console.model.starts.snapshot import Timing
from console.model.starts.start import StartPhase
from console.model.starts.statistics import (
    Usual,
    percentile,
    rank,
    stands_out,
    summarise,
    timing,
    usual,
)
from console.model.text import SafeText

IMPORT, WEIGHTS = StartPhase.IMPORT, StartPhase.WEIGHTS


def took(total: float | None, failed: bool = False, **phases: float) -> Timing:
    by_phase = {StartPhase[name.upper()]: seconds for name, seconds in phases.items()}
    return Timing(NOON + timedelta(hours=1), SafeText("r"), total, by_phase, failed)


def test_a_start_in_figures_has_the_phases_that_are_told_apart() -> None:
    figures = timing(told_by(*cold_start()))

    assert (figures.total, figures.failed, figures.began) == (45.0, False, NOON)
    assert figures.phases[WEIGHTS] == 30.0
    assert StartPhase.PROBE not in figures.phases


def test_a_phase_in_which_a_start_failed_has_no_figure() -> None:
    figures = timing(told_by(line(0, AUTOSCALING), *spoken(3.0)[:4], line(28, OVER_MEMORY)))

    assert (figures.total, figures.failed) == (None, True)
    assert list(figures.phases) == [StartPhase.CONTAINER, StartPhase.PORT, IMPORT]


def test_a_percentile_between_two_values_is_interpolated() -> None:
    # As PERCENTILE.INC of a spreadsheet has it.
    values = [15.0, 20.0, 35.0, 40.0, 50.0]
    assert percentile(values, 0.4) == pytest.approx(29.0)
    assert (percentile(values, 0), percentile(values, 1)) == (15.0, 50.0)
    assert percentile([7.0], 0.95) == 7.0


@pytest.mark.parametrize(("values", "q"), [([], 0.5), ([1.0], 50), ([1.0], -0.1)])
def test_there_is_no_percentile_of_nothing_nor_beyond_the_whole(
    values: list[float], q: float
) -> None:
    with pytest.raises(ValueError, match="q goes from 0 to 1"):
        percentile(values, q)


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_percentile_lies_among_the_values(values: list[float], q: float) -> None:
    assert min(values) <= percentile(values, q) <= max(values)


def test_a_summary_counts_all_and_measures_those_that_came_to_their_end() -> None:
    starts = [took(10.0 + n, **{"import": 2.0 + n}) for n in range(11)]
    summary = summarise([*starts, took(None, failed=True), took(None)])

    assert (summary.count, summary.failed) == (13, 1)
    assert summary.total is not None
    assert (summary.total.count, summary.total.median) == (11, 15.0)
    assert (summary.total.p90, summary.total.p95) == (19.0, 19.5)
    assert list(summary.phases) == [IMPORT]
    assert summary.phases[IMPORT].median == 7.0


def test_of_no_starts_there_is_nothing_to_say() -> None:
    assert summarise([]).total is None
    assert (usual([]).total, usual([]).seconds(IMPORT), rank(3.0, [])) == (None, None, None)


def test_what_is_usual_is_the_median_whatever_one_start_took() -> None:
    starts = [took(n, weights=n) for n in (20.0, 21.0, 22.0, 23.0, 600.0)]
    known = usual(starts)

    assert known.total is not None
    assert (known.count, known.total.median, known.seconds(WEIGHTS)) == (5, 22.0, 22.0)
    # Half of them lie within 1 s: 3 × 1.4826 × 1 s.
    assert known.phases[WEIGHTS].limit == pytest.approx(22 + 3 * 1.4826)


def test_a_phase_stands_out_beyond_three_deviations_and_half_a_second() -> None:
    known = usual([took(5.0, **{"import": 1.0 + n / 1000, "weights": n}) for n in range(10)])

    assert stands_out(took(9.0, **{"import": 1.4, "weights": 12.0}), known) == frozenset()
    assert stands_out(took(9.0, **{"import": 1.6, "weights": 17.0}), known) == {IMPORT, WEIGHTS}


def test_nothing_stands_out_of_fewer_than_five() -> None:
    slow = took(99.0, weights=99.0)

    assert stands_out(slow, usual([took(5.0, weights=1.0)] * 4)) == frozenset()
    assert stands_out(slow, usual([took(5.0, weights=1.0)] * 5)) == {WEIGHTS}
    assert stands_out(slow, Usual()) == frozenset()


def test_a_rank_says_how_many_were_faster() -> None:
    starts = [took(float(n)) for n in range(100)]

    assert (rank(74.0, starts), rank(-1.0, starts), rank(500.0, starts)) == (74, 0, 100)
    assert rank(5.0, [took(5.0)] * 7) == 50
