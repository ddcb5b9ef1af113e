"""Entries by their numbers are found as in a dictionary, in memory that does not grow."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from console.model.log.lines import LogEntry, Severity
from console.model.log.numbers import BLOCK, EntriesByNumber
from console.model.text import SafeText

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def entry(number: int) -> LogEntry:
    return LogEntry(NOON, Severity.INFO, SafeText("said"), seq=number)


@given(
    numbers=st.sets(st.integers(0, 3 * BLOCK), max_size=30),
    gone=st.sets(st.integers(0, 3 * BLOCK), max_size=30),
    first=st.integers(-5, 3 * BLOCK),
    many=st.integers(0, 3 * BLOCK),
)
def test_they_are_found_as_in_a_dictionary(
    numbers: set[int], gone: set[int], first: int, many: int
) -> None:
    kept, known = EntriesByNumber(), {number: entry(number) for number in numbers}
    for each in known.values():
        kept.keep(each)
    for number in gone & numbers:
        kept.forget(known.pop(number))
    asked = {*numbers, *gone, first}
    assert all(kept.get(number) is known.get(number) for number in asked)
    assert list(kept.between(first, first + many)) == [
        known[number] for number in sorted(known) if first <= number < first + many
    ]


def test_what_has_left_takes_no_room() -> None:
    kept, window = EntriesByNumber(), deque[LogEntry]()
    for number in range(20 * BLOCK):
        window.append(entry(number))
        kept.keep(window[-1])
        if len(window) > 2 * BLOCK:
            kept.forget(window.popleft())
    assert len(kept._blocks) <= 3
