from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.log_files import save_lines
from console.model.log.lines import LogRecord, Severity
from console.model.text import SafeText

LINES = [
    LogRecord(datetime(2026, 11, 23, 12, tzinfo=UTC), Severity.INFO, SafeText(text))
    for text in ("one", "two")
]


async def test_lines_are_saved_as_text(tmp_path: Path) -> None:
    where = await save_lines(LINES, tmp_path / "new" / "zimage.log")
    assert where.read_text().splitlines()[1] == "2026-11-23T12:00:00.000Z INFO    two"


async def test_by_its_ending_a_file_holds_json(tmp_path: Path) -> None:
    where = await save_lines(LINES, tmp_path / "zimage.jsonl")
    assert [json.loads(row)["message"] for row in where.read_text().splitlines()] == ["one", "two"]


async def test_nothing_is_overwritten(tmp_path: Path) -> None:
    first = await save_lines(LINES, tmp_path / "zimage.log")
    second = await save_lines(LINES[:1], tmp_path / "zimage.log")
    assert (first.name, second.name) == ("zimage.log", "zimage-2.log")
    assert len(first.read_text().splitlines()) == 2


async def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        await save_lines(LINES, tmp_path / "file" / "zimage.log")
