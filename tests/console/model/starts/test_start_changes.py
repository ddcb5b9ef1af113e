from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from start_lines import NOON, at

from console.model.starts.changes import compare, of_revision, split_at, trend
from console.model.starts.snapshot import Timing
from console.model.starts.start import StartPhase
from console.model.text import SafeText

WEIGHTS, IMPORT = StartPhase.WEIGHTS, StartPhase.IMPORT


def starts(
    count: int, weights: float, imports: float = 2.0, *, seed: int = 1, revision: str = "r1"
) -> list[Timing]:
    """Starts that differ by about half a second by chance."""
    chance = Random(seed)
    found = []
    for n in range(count):
        phases = {IMPORT: imports + chance.gauss(0, 0.1), WEIGHTS: weights + chance.gauss(0, 0.5)}
        began = NOON + timedelta(minutes=n)
        found.append(Timing(began, SafeText(revision), sum(phases.values()), phases))
    return found


def test_too_few_starts_have_no_trend() -> None:
    assert trend(starts(7, 20.0)) is None
    failed = [Timing(NOON, SafeText("r"), None, {}, failed=True)] * 20
    assert trend([*starts(7, 20.0), *failed]) is None


def test_starts_that_differ_by_chance_have_no_trend() -> None:
    found = trend(starts(40, 20.0))

    assert found is not None
    assert not found.notable
    assert found.says.startswith("neither slower nor faster: median 22.")


def test_starts_that_became_slower_say_by_how_much_and_in_what() -> None:
    found = trend([*starts(12, 20.0), *starts(12, 24.0, seed=2)])

    assert found is not None
    assert found.notable
    assert found.seconds == pytest.approx(4.0, abs=0.6)
    assert "s slower: median" in found.says
    assert ", mostly weights +" in found.says


def test_one_very_slow_start_is_no_trend() -> None:
    slow = Timing(NOON, SafeText("r"), 600.0, {WEIGHTS: 598.0})
    found = trend([*starts(20, 20.0), slow])

    assert found is not None
    assert not found.notable


def test_a_revision_that_is_faster_says_so_in_words() -> None:
    before = starts(10, 60.0, revision="z-00001")
    after = starts(10, 7.0, seed=3, revision="z-00002")
    both = [*before, *after]
    names = ("z-00001", "z-00002")
    one, other = (of_revision(both, SafeText(each)) for each in names)

    found = compare(one, other, names)
    assert found.total.notable
    assert found.total.difference == pytest.approx(-53.0, abs=1.0)
    assert [(each.phase, each.notable) for each in found.phases] == [
        (IMPORT, False),
        (WEIGHTS, True),
    ]
    assert found.says == (
        f"z-00002 is {-found.total.difference:.1f} s faster ({found.total.before:.1f} s → "
        f"{found.total.after:.1f} s), mostly weights −{-found.phases[1].difference:.1f} s; "
        "10 starts of z-00001, 10 of z-00002"
    )


def test_one_phase_may_have_gained_what_another_lost() -> None:
    found = compare(starts(10, 20.0, 8.0), starts(10, 25.0, 3.0, seed=4))

    assert not found.total.notable
    assert found.says.startswith("as a whole no difference that is more than chance")
    assert "import −" in found.says
    assert "weights +" in found.says


def test_the_same_starts_do_not_differ() -> None:
    found = compare(starts(10, 20.0), starts(10, 20.0, seed=9))

    assert found.says.startswith("no difference that is more than chance (")


def test_a_difference_that_nobody_notices_is_none() -> None:
    exact = [Timing(NOON, SafeText("r"), 2.0, {WEIGHTS: 1.0})] * 50
    later = [Timing(NOON, SafeText("r"), 2.2, {WEIGHTS: 1.2})] * 50

    assert not compare(exact, later).total.notable


@pytest.mark.parametrize(("one", "other"), [(2, 9), (9, 2), (0, 9), (0, 0)])
def test_too_few_starts_are_not_compared(one: int, other: int) -> None:
    found = compare(starts(one, 20.0), starts(other, 90.0))

    assert not found.total.notable
    assert found.says == (
        f"too few to compare: {one} starts of before, {other} of after; 3 of each are needed"
    )


def test_a_phase_that_only_one_side_tells_has_no_difference() -> None:
    untold = [Timing(NOON, SafeText("r"), 22.0, {})] * 5

    found = compare(untold, starts(5, 20.0))
    assert [each.difference for each in found.phases] == [None, None]


def test_a_moment_divides_what_began_before_it_from_the_rest() -> None:
    before, after = split_at(starts(10, 20.0), at(240))

    assert (len(before), len(after)) == (4, 6)
