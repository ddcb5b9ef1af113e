"""The sandbox's book of log entries: in order, bounded in memory and on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
from open_logging import numbered

from console.sandbox.logs.log_book import LogBook
from console.sandbox.logs.log_entries import Entry, as_entry, as_message
from console.sandbox.logs.log_filter import compiled, earliest


def entry(number: int) -> Entry:
    return numbered(number, f"2026-11-24T12:00:{number % 60:02d}.{number:06d}Z")


def numbers(book: LogBook, newest_first: bool = False) -> list[int]:
    found = book.select(compiled(""), None, newest_first)
    return [int(str(each["insertId"])) for each in found]


def test_entries_that_come_late_stand_where_they_belong() -> None:
    book = LogBook()
    for number in (1, 5, 3, 2, 4):
        book.append(entry(number))
    assert numbers(book) == [1, 2, 3, 4, 5]
    assert numbers(book, newest_first=True) == [5, 4, 3, 2, 1]


def test_the_oldest_entries_leave_when_there_are_too_many() -> None:
    book = LogBook(capacity=10)
    for number in range(50):
        book.append(entry(number))
    assert numbers(book) == list(range(40, 50))


def test_the_files_do_not_grow_while_entries_are_written(tmp_path: Path) -> None:
    book = LogBook(tmp_path / "log.jsonl", capacity=10)
    for number in range(55):
        book.append(entry(number))
        lines = sum(file.read_text().count("\n") for file in tmp_path.iterdir())
        assert lines <= 20
    book.close()
    again = LogBook(tmp_path / "log.jsonl", capacity=10)
    assert numbers(again) == list(range(45, 55))
    again.close()


async def test_what_a_listener_does_not_take_in_time_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("console.sandbox.logs.log_book.WAITING", 3)
    book = LogBook()
    with book.listening(compiled("")) as listener:
        book.extend([entry(number) for number in range(5)])
        lines, left_out = listener.take()
        assert [line.entry for line in lines] == [entry(0), entry(1), entry(2)]
        assert left_out == 2
        assert listener.take() == ([], 0)


def test_an_entry_is_the_same_after_its_way_through_a_message() -> None:
    whole = {
        **entry(1),
        "trace": "projects/p/traces/0af",
        "spanId": "1",
        "traceSampled": True,
        "httpRequest": {"requestMethod": "GET", "status": 200, "latency": "0.250s"},
    }
    assert as_entry(as_message(whole)) == whole
    structured = {**entry(2), "jsonPayload": {"message": "m", "a": [1.0, None, {"b": False}]}}
    del structured["textPayload"]
    assert as_entry(as_message(structured)) == structured


@pytest.mark.parametrize("damage", [{"labels": 7}, {"textPayload": 1}, {"mood": "good"}])
def test_what_is_no_entry_is_no_message(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        as_message({**entry(1), **damage})


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("", ""),
        ('timestamp>="2026-11-24T12:00:00Z"', "2026-11-24T12:00:00.000000Z"),
        ('a=1 AND timestamp>"2026-11-24T12:00:00Z" AND b=2', "2026-11-24T12:00:00.000000Z"),
        ('timestamp<="2026-11-24T12:00:00Z"', ""),
        ('NOT timestamp>="2026-11-24T12:00:00Z"', ""),
        ('timestamp>="2026-11-24T12:00:00Z" OR a=1', ""),
        ('(timestamp>="2026-11-24T12:00:00Z" OR a=1)', ""),
    ],
)
def test_a_time_before_which_nothing_passes_is_found_where_there_is_one(
    text: str, limit: str
) -> None:
    assert earliest(text) == limit
