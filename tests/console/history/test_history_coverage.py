from __future__ import annotations

from history_scenes import after
from hypothesis import given
from hypothesis import strategies as st

from console.model.cost.estimate import Window
from console.session.history.coverage import joined, known_since, missing


def stretch(since: float, until: float) -> Window:
    return Window(after(since), after(until))


_STRETCHES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda at: stretch(at[0], at[0] + at[1]))
)


def test_what_is_missing_lies_between_what_is_covered() -> None:
    covered = [stretch(20, 30), stretch(0, 10), stretch(8, 12)]
    assert missing(covered, stretch(5, 40)) == (stretch(12, 20), stretch(30, 40))
    assert missing((), stretch(5, 40)) == (stretch(5, 40),)
    assert missing(covered, stretch(2, 9)) == ()


def test_it_is_known_since_the_last_hole() -> None:
    covered = [stretch(0, 10), stretch(12, 20), stretch(20, 30)]
    assert known_since(covered, after(25)) == after(12)
    assert known_since(covered, after(30)) == after(12)
    assert known_since(covered, after(11)) is None
    assert known_since((), after(0)) is None


@given(_STRETCHES, st.integers(0, 40), st.integers(0, 40))
def test_every_second_is_either_covered_or_missing(
    covered: list[Window], since: int, length: int
) -> None:
    wanted = stretch(since, since + length)
    lacking = missing(covered, wanted)
    for second in range(since, since + length):
        at = after(second + 0.5)
        inside = any(each.start <= at < each.end for each in covered)
        assert inside != any(each.start <= at < each.end for each in lacking)
    ends = [each for one in joined(covered) for each in (one.start, one.end)]
    assert ends == sorted(ends)
