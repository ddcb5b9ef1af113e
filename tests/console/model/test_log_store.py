from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.model.log.lines import LogRecord, Severity
from console.model.log.store import LogStore, weight
from console.model.text import SafeText

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
INFO = Severity.INFO


def line(second: int, text: str = "") -> LogRecord:
    return LogRecord(NOON + timedelta(seconds=second), INFO, SafeText(text or f"at {second}"))


def filled(store: LogStore, count: int) -> LogStore:
    for number in range(count):
        store.append(NOON, INFO, SafeText(f"line {number}"))
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
    assert store.let_go == count - len(store)
    kept = everything[store.let_go :]
    assert [entry.message for entry in store] == kept
    assert [entry.message for entry in store.tail(tail)] == (kept[-tail:] if tail > 0 else [])


@given(
    batches=st.lists(st.lists(st.integers(0, 20), max_size=8), max_size=8),
    capacity=st.integers(1, 30),
)
def test_lines_stand_in_the_order_of_their_time_whenever_they_come(
    batches: list[list[int]], capacity: int
) -> None:
    store = LogStore(capacity, 1)
    for batch in batches:
        store.add_all(map(line, batch))
    places = [entry.place for entry in store]
    assert places == sorted(places)
    everything = sorted(second for batch in batches for second in batch)
    assert [entry.message for entry in store] == [f"at {s}" for s in everything[-capacity:]]


@given(count=st.integers(0, 100), asked=st.integers(-5, 105))
def test_a_line_is_found_under_its_number_until_it_has_to_leave(count: int, asked: int) -> None:
    store = filled(LogStore(30, 7), count)
    entry = store.get(asked)
    if store.let_go <= asked < store.next_seq:
        assert entry is not None
        assert (entry.seq, entry.message) == (asked, f"line {asked}")
    else:
        assert entry is None


def test_what_arrived_since_a_number_is_told_whatever_its_time() -> None:
    store = LogStore()
    store.add_all([line(5), line(9)])
    store.add(line(7))
    assert [entry.message for entry in store.since(1)] == ["at 9", "at 7"]


def test_a_line_from_before_those_that_had_to_leave_finds_no_room() -> None:
    store = LogStore(capacity=4, chunk=2)
    store.add_all(line(second) for second in range(10, 16))
    assert store.full
    store.add(line(3))
    assert [entry.message for entry in store] == ["at 12", "at 13", "at 14", "at 15"]


def test_few_long_lines_take_as_much_room_as_many_short_ones() -> None:
    store = LogStore(chunk=2, budget=100_000)
    store.add_all(line(second, "x" * 8_000) for second in range(100))
    assert 5 <= len(store) <= 15
    assert sum(map(weight, store)) <= 100_000


def test_the_weight_of_a_line_counts_its_fields() -> None:
    fields = {"a": {"b": ["x" * 5_000]}}
    heavy = LogRecord(NOON, INFO, SafeText("short"), "", fields)
    assert weight(heavy) > 5_000


def test_an_empty_store_has_no_first_line() -> None:
    store = LogStore()
    assert (store.oldest, store.newest, len(store), store.tail(5)) == (None, None, 0, [])


def test_a_chunk_larger_than_the_capacity_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        LogStore(capacity=5, chunk=6)
