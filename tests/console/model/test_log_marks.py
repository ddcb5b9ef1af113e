from __future__ import annotations

from datetime import UTC, datetime, timedelta

from console.model.log.lines import LogEntry, Severity
from console.model.log.marks import LogMarks
from console.model.log.store import LogStore
from console.model.text import SafeText

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def written(store: LogStore, second: int) -> LogEntry:
    moment = NOON + timedelta(seconds=second)
    return store.append(moment, Severity.INFO, SafeText(f"line {second}"))


def test_a_line_is_marked_and_the_mark_taken_away_again() -> None:
    store = LogStore()
    entry, marks = written(store, 0), LogMarks(store)
    marks.turn(entry)
    assert entry in marks
    marks.turn(entry)
    assert entry not in marks
    assert len(marks) == 0


def test_marked_lines_come_in_the_order_of_their_time() -> None:
    store = LogStore()
    later, earlier, marks = written(store, 9), written(store, 3), LogMarks(store)
    for entry in (later, earlier):
        marks.turn(entry)
    assert marks.entries() == [earlier, later]


def test_all_that_is_shown_between_two_lines_is_marked_in_either_direction() -> None:
    store = LogStore()
    entries = [written(store, second) for second in range(6)]
    marks = LogMarks(store)
    marks.turn(entries[4])
    assert marks.reach(entries[1], [each for each in entries if each is not entries[2]]) == 3
    assert marks.entries() == [entries[1], entries[3], entries[4]]


def test_without_a_line_marked_before_it_reaches_no_further_than_the_line_itself() -> None:
    store = LogStore()
    entries = [written(store, second) for second in range(3)]
    marks = LogMarks(store)
    marks.turn(entries[0])
    marks.turn(entries[0])
    assert marks.reach(entries[2], entries) == 1
    assert marks.entries() == [entries[2]]


def test_a_line_that_had_to_leave_is_marked_no_more() -> None:
    store = LogStore(capacity=2, chunk=1)
    first, marks = written(store, 0), LogMarks(store)
    marks.turn(first)
    kept = written(store, 1)
    marks.turn(kept)
    written(store, 2)
    assert marks.entries() == [kept]
    assert len(marks) == 1
