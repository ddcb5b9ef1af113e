from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.logs import LogStore, Severity
from console.model.text import SafeText

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def filled(store: LogStore, count: int) -> LogStore:
    for number in range(count):
        store.append(NOON, Severity.INFO, SafeText(f"line {number}"))
    return store


@given(count=st.integers(0, 200), capacity=st.integers(1, 50), chunk=st.integers(1, 50), tail=...)
def test_a_bounded_store_keeps_what_a_plain_list_would_end_with(
    count: int, capacity: int, chunk: int, tail: int
) -> None:
    chunk = min(chunk, capacity)
    store = filled(LogStore(capacity, chunk), count)
    everything = [f"line {number}" for number in range(count)]

    assert store.next_seq == count
    assert capacity - chunk < len(store) <= capacity or len(store) == count
    kept = everything[store.first_seq :]
    assert [entry.message for entry in store] == kept
    assert [entry.message for entry in store.tail(tail)] == (kept[-tail:] if tail > 0 else [])


@given(count=st.integers(0, 100), asked=st.integers(-5, 105))
def test_a_line_is_found_under_its_number_until_it_is_evicted(count: int, asked: int) -> None:
    store = filled(LogStore(30, 7), count)
    entry = store.get(asked)
    if store.first_seq <= asked < store.next_seq:
        assert entry is not None
        assert (entry.seq, entry.message) == (asked, f"line {asked}")
    else:
        assert entry is None


def test_an_empty_store_has_no_first_line() -> None:
    store = LogStore()
    assert (store.first_seq, store.next_seq, len(store), store.tail(5)) == (0, 0, 0, [])


def test_a_chunk_larger_than_the_capacity_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        LogStore(capacity=5, chunk=6)


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("INFO", Severity.INFO),
        ("info", Severity.INFO),
        ("DEFAULT", Severity.INFO),
        (" warn ", Severity.WARNING),
        ("CRITICAL", Severity.ERROR),
        ("EMERGENCY", Severity.ERROR),
        ("DEBUG", Severity.DEBUG),
        ("", Severity.INFO),
        ("ünknown", Severity.INFO),
    ],
)
def test_severities_are_read_as_cloud_logging_and_python_spell_them(
    word: str, severity: Severity
) -> None:
    assert Severity.parse(word) is severity


def test_severities_are_ordered_and_have_one_letter_each() -> None:
    assert sorted(Severity) == [Severity.DEBUG, Severity.INFO, Severity.WARNING, Severity.ERROR]
    assert "".join(severity.letter for severity in Severity) == "DIWE"
