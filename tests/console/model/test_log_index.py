from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from console.model.log.index import PORTION, LogIndex, Seek, Shown
from console.model.log.lines import LogEntry, LogRecord, Severity
from console.model.log.store import LogStore
from console.model.text import SafeText

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
records = st.lists(
    st.builds(
        lambda second, severity, text: LogRecord(
            NOON + timedelta(seconds=second), severity, SafeText(text)
        ),
        st.integers(0, 9),
        st.sampled_from(Severity),
        st.text("ab", max_size=3),
    ),
    max_size=40,
)
filters: st.SearchStrategy[Shown | None] = st.one_of(
    st.none(),
    st.builds(lambda least: lambda entry: entry.severity >= least, st.sampled_from(Severity)),
    st.builds(lambda text: lambda entry: text in entry.message, st.text("ab", max_size=2)),
)


def add(store: LogStore, *messages: str, severity: Severity = Severity.INFO) -> None:
    for message in messages:
        store.append(NOON, severity, SafeText(message))


def texts(index: LogIndex) -> list[str]:
    return [entry.message for entry in index.entries()]


@given(early=records, shown=filters, portion=st.integers(1, 50), late=records, latest=records)
def test_it_agrees_with_looking_at_every_line_whenever_lines_come_and_go(
    early: list[LogRecord],
    shown: Shown | None,
    portion: int,
    late: list[LogRecord],
    latest: list[LogRecord],
) -> None:
    store = LogStore(capacity=32, chunk=4)
    index = LogIndex(store)
    store.add_all(early)
    index.update()
    index.refilter(shown)
    for more in (late, latest):
        index.scan(portion)
        store.add_all(more)
        index.update()
    while index.scanning:
        index.scan(portion)
    assert index.entries() == [entry for entry in store if shown is None or shown(entry)]
    assert index.total == len(store)


@given(lines=records, shown=filters, begins=st.lists(st.integers(0, 10), min_size=2, max_size=2))
def test_it_begins_where_it_is_told_and_later_further_back(
    lines: list[LogRecord], shown: Shown | None, begins: list[int]
) -> None:
    store = LogStore()
    store.add_all(lines)
    index = LogIndex(store)
    late, early = (NOON + timedelta(seconds=second) for second in sorted(begins, reverse=True))
    index.refilter(shown, late)
    while index.scanning:
        index.scan()
    for begin in (late, early):
        store.add_all(lines)
        index.begin_at(begin)
        assert index.entries() == [
            entry for entry in store if entry.time >= begin and (shown is None or shown(entry))
        ]


def test_rows_move_but_places_do_not() -> None:
    store = LogStore(capacity=4, chunk=2)
    add(store, "a", "b", "c", "d")
    index = LogIndex(store)
    read = store.get(3)
    assert read is not None
    assert index.row_of(read.place) == 3
    add(store, "e")
    index.update()
    assert index.entry_at(index.row_of(read.place)) is read


def test_a_line_that_is_not_shown_has_the_row_of_the_next_that_is() -> None:
    store = LogStore()
    add(store, "keep", "drop", "keep")
    index = LogIndex(store, lambda entry: entry.message == "keep")
    assert index.row_of((NOON, 1)) == 1


def test_a_late_line_is_shown_at_its_time() -> None:
    store = LogStore()
    for second in (1, 3, 2):
        store.append(NOON + timedelta(seconds=second), Severity.INFO, SafeText(f"at {second}"))
    assert texts(LogIndex(store)) == ["at 1", "at 2", "at 3"]


def test_nothing_changes_between_updates() -> None:
    store = LogStore(capacity=4, chunk=2)
    add(store, "a", "b", "c", "d")
    index = LogIndex(store)
    add(store, "e")
    assert texts(index) == ["a", "b", "c", "d"]


def test_a_filter_shows_the_newest_lines_first() -> None:
    store = LogStore()
    add(store, *(f"line {number}" for number in range(10)))
    index = LogIndex(store)
    index.refilter(lambda entry: entry.seq % 2 == 0)
    index.scan(4)
    assert texts(index) == ["line 6", "line 8"]
    assert index.scanning
    assert index.scanned == 0.4


def test_much_that_arrived_at_once_waits_for_its_turn() -> None:
    store = LogStore()
    index = LogIndex(store, lambda entry: entry.seq % 2 == 0)
    add(store, *(f"line {number}" for number in range(2 * PORTION)))
    index.update()
    assert index.scanning
    assert len(index) == 0
    index.scan()
    assert len(index) == PORTION // 2
    while index.scanning:
        index.scan()
    assert texts(index) == [f"line {number}" for number in range(0, 2 * PORTION, 2)]


@given(shown=filters, wanted=filters, start=st.integers(-1, 40), back=st.booleans(), lines=records)
def test_seeking_finds_the_nearest_line(
    shown: Shown | None, wanted: Shown | None, start: int, back: bool, lines: list[LogRecord]
) -> None:
    store = LogStore()
    store.add_all(lines)
    index = LogIndex(store, shown)
    begin = store.get(start)
    asked = wanted or (lambda entry: True)
    search = Seek(index, begin and begin.place, -1 if back else 1, asked)
    while not search.step():
        pass
    rows: list[LogEntry] = index.entries()
    if begin is not None:
        rows = [e for e in rows if (e.place < begin.place if back else e.place > begin.place)]
    nearest = [entry for entry in (reversed(rows) if back else rows) if asked(entry)]
    assert search.found == next(iter(nearest), None)


@given(
    st.lists(st.tuples(st.sampled_from("alsbu"), st.integers(0, 60), st.booleans()), max_size=60),
    st.booleans(),
)
@settings(deadline=None, max_examples=200)
def test_whatever_comes_while_a_filter_looks_is_shown_once_and_in_order(
    steps: list[tuple[str, int, bool]], cut: bool
) -> None:
    store = LogStore(capacity=40, chunk=5)
    begins = NOON + timedelta(seconds=20) if cut else None

    def wanted(entry: LogRecord) -> bool:
        return entry.severity is Severity.ERROR

    index = LogIndex(store)
    index.refilter(wanted, begins)
    for step, second, error in steps:
        severity = Severity.ERROR if error else Severity.INFO
        if step == "a":
            store.append(NOON + timedelta(seconds=second), severity, SafeText("x"))
        elif step == "l":
            for each in range(5):
                store.append(NOON + timedelta(seconds=second + each), severity, SafeText("y"))
        elif step == "s":
            index.scan(3)
        elif step == "u":
            index.update()
        elif begins is not None:
            begins = min(begins, NOON + timedelta(seconds=second % 20))
            index.begin_at(begins)
    index.update()
    while index.scanning:
        index.scan(3)
    meant = [each for each in store if wanted(each) and (begins is None or each.time >= begins)]
    assert index.entries() == meant
