from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from console.model.log_index import LogFilter, LogIndex
from console.model.logs import LogStore, Severity
from console.model.text import SafeText

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
lines = st.lists(st.tuples(st.sampled_from(Severity), st.text("abAB ", max_size=6)), max_size=40)
filters = st.builds(LogFilter, st.sampled_from(Severity), st.text("ab", max_size=2))


def append(store: LogStore, *messages: str, severity: Severity = Severity.INFO) -> None:
    for message in messages:
        store.append(NOON, severity, SafeText(message))


@given(early=lines, late=lines, shown=filters)
def test_it_agrees_with_looking_at_every_line(
    early: list[tuple[Severity, str]], late: list[tuple[Severity, str]], shown: LogFilter
) -> None:
    store = LogStore(capacity=32, chunk=4)
    for severity, message in early:
        append(store, message, severity=severity)
    index = LogIndex(store, shown)
    for severity, message in late:
        append(store, message, severity=severity)
    index.update()
    assert list(index.seqs) == [
        entry.seq
        for entry in store
        if entry.severity >= shown.severity and shown.text in entry.message.lower()
    ]


def test_rows_move_but_sequence_numbers_do_not() -> None:
    store = LogStore(capacity=4, chunk=2)
    append(store, "a", "b", "c", "d")
    index = LogIndex(store)
    assert index.row_of(3) == 3
    append(store, "e")
    index.update()
    assert index.row_of(3) == 1
    entry = index.entry_at(1)
    assert entry is not None
    assert entry.message == "d"


def test_a_line_that_is_not_shown_has_the_row_of_the_next_that_is() -> None:
    store = LogStore()
    append(store, "keep", "drop", "keep")
    index = LogIndex(store, LogFilter(text="keep"))
    assert index.row_of(1) == 1


def test_the_text_is_found_in_whatever_case() -> None:
    store = LogStore()
    append(store, "CUDA out of MEMORY", "Straße")
    assert len(LogIndex(store, LogFilter(text="memory"))) == 1
    assert len(LogIndex(store, LogFilter(text="STRASSE"))) == 1
