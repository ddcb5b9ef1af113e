from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from console.model.log.gaps import MOST_GAPS, Gap, Gaps, KnownLines
from console.model.log.lines import LogRecord, Provenance, Severity
from console.model.text import SafeText

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def at(second: float) -> datetime:
    return NOON + timedelta(seconds=second)


def record(second: float, identifier: str = "", text: str = "", late: float = 0.0) -> LogRecord:
    where = Provenance(insert_id=SafeText(identifier))
    return LogRecord(
        at(second),
        Severity.INFO,
        SafeText(text),
        provenance=where,
        received=at(second + late),
    )


def whole(gaps: Gaps) -> list[Gap]:
    found = []
    while gaps:
        found.append(gaps.oldest)
        gaps.read(gaps.oldest.since, gaps.oldest.until or at(10_000))
        if not found[-1].until:
            break
    return found


def test_a_gap_has_no_end_until_the_tail_is_whole_again() -> None:
    gaps = Gaps()
    gaps.begin(at(1))
    assert gaps.is_open
    gaps.end(at(5))
    assert not gaps.is_open
    assert gaps.oldest == Gap(at(1), at(5))


def test_what_was_read_is_no_gap_any_more() -> None:
    gaps = Gaps()
    gaps.begin(at(1))
    gaps.read(at(1), at(3))
    assert gaps.oldest == Gap(at(3))
    gaps.end(at(4))
    gaps.read(at(3), at(4))
    assert not gaps


def test_reading_a_gap_while_the_tail_breaks_again_leaves_what_came_after_it() -> None:
    gaps = Gaps()
    gaps.begin(at(1))
    gaps.end(at(5))
    gaps.begin(at(4))
    gaps.read(at(1), at(5))
    assert gaps.oldest == Gap(at(5))


def test_gaps_apart_are_kept_apart_and_are_not_too_many() -> None:
    gaps = Gaps()
    for number in range(3 * MOST_GAPS):
        gaps.begin(at(10 * number))
        gaps.end(at(10 * number + 1))
    assert len(gaps) == MOST_GAPS
    assert gaps.oldest.since == at(0)


def test_a_gap_that_took_others_in_ends_no_sooner_than_they_did() -> None:
    gaps = Gaps()
    for since, until in ((1, 2), (5, 8)):
        gaps.begin(at(since))
        gaps.end(at(until))
    gaps.begin(at(1))
    gaps.end(at(3))
    assert gaps.oldest == Gap(at(1), at(8))


@given(
    st.lists(st.tuples(st.sampled_from(["begin", "end", "read"]), st.integers(0, 50)), max_size=40)
)
def test_a_moment_is_in_a_gap_until_it_is_read(steps: list[tuple[str, int]]) -> None:
    """Against a plain set of seconds that are missing."""
    gaps, missing, open_from = Gaps(), set[int](), None
    for what, second in steps:
        if what == "begin":
            gaps.begin(at(second))
            open_from = second if open_from is None else min(open_from, second)
            missing |= set(range(second, 60))
        elif what == "end" and open_from is not None:
            gaps.end(at(second))
            missing -= set(range(max(open_from, second) + 1, 60))
            open_from = None
        elif what == "read" and gaps:
            since = gaps.oldest.since
            first = int((since - NOON).total_seconds())
            last = max(first, second)
            gaps.read(since, at(last))
            missing -= set(range(first, last + 1))
    held = [(gap.since, gap.until or at(59)) for gap in whole(gaps)]
    for second in missing:
        assert any(since <= at(second) <= until for since, until in held)


def test_a_line_is_new_once() -> None:
    known = KnownLines()
    assert known.is_new(record(1, "a"))
    assert not known.is_new(record(1, "a"))
    assert known.is_new(record(2, "a"))
    assert known.is_new(record(1, "b"))


def test_lines_without_an_identifier_are_told_apart_by_what_they_say() -> None:
    known = KnownLines()
    assert known.is_new(record(1, text="x"))
    assert known.is_new(record(1, text="y"))
    assert not known.is_new(record(1, text="x"))


def test_only_the_latest_are_remembered() -> None:
    known = KnownLines(capacity=8)
    for number in range(10):
        assert known.is_new(record(number, f"id{number}"))
    assert known.is_new(record(0, "id0"))
    assert not known.is_new(record(9, "id9"))


def test_the_newest_line_is_the_one_received_last() -> None:
    known = KnownLines()
    known.is_new(record(1, "request", late=60))
    known.is_new(record(2, "line"))
    assert known.newest == at(61)


def test_a_flood_is_not_read_again_for_ten_seconds() -> None:
    known = KnownLines()
    for number in range(5_000):
        known.is_new(record(number / 1_000, f"id{number}"))
    assert known.newest is not None
    assert known.certain(known.newest) == known.newest - timedelta(seconds=0.999)


def test_a_few_lines_are_read_again_for_ten_seconds() -> None:
    known = KnownLines()
    known.is_new(record(20, "a"))
    assert known.certain(at(20)) == at(10)
