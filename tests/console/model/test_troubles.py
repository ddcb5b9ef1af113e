"""What went wrong lately: kept, counted, and said to be well again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.model.freshness import Freshness, Standing
from console.model.text import SafeText
from console.model.troubles import MOST, Trouble, Troubles

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WELL = Freshness(Standing.FRESH, NOON)
BROKEN = Freshness(Standing.ERROR, NOON, SafeText("no answer"), NOON + timedelta(seconds=10))


def later(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_the_newest_is_first() -> None:
    troubles = Troubles()
    troubles.said(SafeText("one"), "Logs", NOON, error=False)
    troubles.said(SafeText("two"), "Logs", later(1), error=True)
    assert [each.text for each in troubles.newest_first] == ["two", "one"]


def test_what_is_said_again_is_counted() -> None:
    troubles = Troubles()
    for second in range(3):
        troubles.said(SafeText("refused"), "Deploy", later(second), error=False)
    (kept,) = troubles.newest_first
    assert (kept.times, kept.at) == (3, later(2))


def test_only_the_last_ones_are_kept() -> None:
    troubles = Troubles()
    for number in range(MOST + 20):
        troubles.said(SafeText(f"{number}"), "Logs", later(number), error=True)
    assert len(troubles.newest_first) == MOST
    assert troubles.newest_first[0].text == f"{MOST + 19}"


def test_what_goes_wrong_is_kept_once_with_its_cause_and_when_it_is_asked_again() -> None:
    troubles = Troubles()
    troubles.look({"Log": WELL, "Metrics": Freshness()}, NOON)
    assert troubles.newest_first == ()
    for second in (1, 2):
        troubles.look({"Log": BROKEN}, later(second))
    (kept,) = troubles.newest_first
    assert kept == Trouble(later(1), "Log", SafeText("no answer"), True, BROKEN.again_at)


def test_asked_again_in_vain_it_is_counted_and_its_time_is_the_last_one() -> None:
    troubles = Troubles()
    troubles.look({"Log": BROKEN}, NOON)
    again = Freshness(Standing.ERROR, NOON, SafeText("no answer"), later(30))
    troubles.look({"Log": again}, later(10))
    (kept,) = troubles.newest_first
    assert (kept.times, kept.at, kept.again_at) == (2, later(10), later(30))


def test_well_again_it_stays_without_a_next_time() -> None:
    troubles = Troubles()
    troubles.look({"Log": BROKEN, "Metrics": BROKEN}, NOON)
    troubles.look({"Log": WELL}, later(5))
    known = {each.source: each for each in troubles.newest_first}
    assert (known["Log"].over, known["Log"].again_at, known["Log"].at) == (True, None, NOON)
    assert known["Metrics"].over is False


def test_another_cause_is_another_trouble() -> None:
    troubles = Troubles()
    troubles.look({"Log": BROKEN}, NOON)
    denied = Freshness(Standing.DENIED, NOON, SafeText("denied"), None, "logging.logEntries.list")
    troubles.look({"Log": denied}, later(1))
    newest, before = troubles.newest_first
    assert (newest.text, newest.needs, newest.over) == ("denied", "logging.logEntries.list", False)
    assert (before.text, before.over) == ("no answer", True)


def test_the_same_cause_once_more_is_one_trouble() -> None:
    troubles = Troubles()
    for second, known in enumerate((BROKEN, WELL, BROKEN)):
        troubles.look({"Log": known}, later(second))
    (kept,) = troubles.newest_first
    assert (kept.times, kept.over, kept.at) == (2, False, later(2))


MOMENTS = st.lists(
    st.tuples(
        st.sampled_from(["Log", "Cost", "Plan"]),
        st.sampled_from(list(Standing)),
        st.sampled_from([None, "one", "two"]),
        st.booleans(),
    ),
    max_size=30,
)


@given(MOMENTS)
def test_at_most_one_trouble_of_each_part_goes_on(moments: list) -> None:  # type: ignore[type-arg]
    troubles = Troubles()
    last = {}
    for second, (source, standing, problem, retries) in enumerate(moments):
        said = None if problem is None else SafeText(problem)
        known = Freshness(standing, NOON, said, later(second + 9) if retries else None)
        troubles.look({source: known}, later(second))
        last[source] = known
    for source, known in last.items():
        open_ones = [e for e in troubles.newest_first if e.source == source and not e.over]
        expected = [known.problem] if known.troubled and known.problem is not None else []
        assert [each.text for each in open_ones] == expected
    times = [each.at for each in troubles.newest_first]
    assert times == sorted(times, reverse=True)
