"""Counts that outlive the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.sandbox.metrics.tally import Tally
from console.sandbox.moments import written

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def rows(tally: Tally, since: timedelta = timedelta(days=40)) -> list[tuple[datetime, str, int]]:
    found = tally.between(NOON - since, NOON + MINUTE)
    return sorted((at, names[0], number) for at, names, number in found)


def test_a_count_belongs_to_the_minute_that_it_was_made_in() -> None:
    tally = Tally()
    for seconds in (0, 59, 60):
        tally.add(("a",), 2, written(NOON - 2 * MINUTE + timedelta(seconds=seconds)))

    assert rows(tally) == [(NOON - MINUTE, "a", 4), (NOON, "a", 2)]


def test_only_what_ended_within_the_time_is_told() -> None:
    tally = Tally()
    tally.add(("a",), 1, written(NOON - 2 * MINUTE))
    tally.add(("b",), 1, written(NOON - MINUTE))

    assert [names for _, names, _ in tally.between(NOON - MINUTE, NOON)] == [("b",)]


def test_counts_are_there_again_after_a_restart(tmp_path: Path) -> None:
    first = Tally(tmp_path / "counts.json")
    first.add(("a", "b"), 3, written(NOON))
    first.save(NOON)
    second = Tally(tmp_path / "counts.json")
    second.add(("a", "b"), 2, written(NOON))
    second.save(NOON)

    (row,) = Tally(tmp_path / "counts.json").between(NOON, NOON + MINUTE)
    assert row == (NOON + MINUTE, ("a", "b"), 5)


def test_what_is_older_than_a_month_is_let_go(tmp_path: Path) -> None:
    tally = Tally(tmp_path / "counts.json")
    tally.add(("old",), 1, written(NOON - timedelta(days=33)))
    tally.add(("new",), 1, written(NOON - timedelta(days=31)))
    tally.save(NOON)

    assert [name for _, name, _ in rows(Tally(tmp_path / "counts.json"))] == ["new"]


@pytest.mark.parametrize("content", [b"", b"{", b"3", b'[["yesterday", ["a"], 1]]', b"[[1]]"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "counts.json").write_bytes(content)

    tally = Tally(tmp_path / "counts.json")
    tally.add(("a",), 1, written(NOON - MINUTE))

    assert rows(tally) == [(NOON, "a", 1)]
