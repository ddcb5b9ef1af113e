from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.contexts.recents import MOST, Recents

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "contexts.json"


def names(recents: Recents) -> list[str]:
    return [recent.context for recent in recents.load()]


def test_what_was_used_last_is_in_front_the_next_time(file: Path) -> None:
    moments = iter(NOON + timedelta(minutes=number) for number in range(3))
    recents = Recents(file, lambda: next(moments))
    for context in ("local", "sandbox", "local"):
        recents.remember(context)
    loaded = Recents(file, lambda: NOON).load()
    assert [(one.context, one.last_used - NOON) for one in loaded] == [
        ("local", timedelta(minutes=2)),
        ("sandbox", timedelta(minutes=1)),
    ]


def test_only_the_latest_are_kept(file: Path) -> None:
    recents = Recents(file, lambda: NOON)
    for number in range(MOST + 5):
        recents.remember(f"my-project/us-central1/z-image-{number}")
    assert len(recents.load()) == MOST
    assert names(recents)[0].endswith(f"-{MOST + 4}")


def test_the_file_is_for_the_user_alone(file: Path) -> None:
    Recents(file, lambda: NOON).remember("local")
    assert file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"schema_version": 2, "contexts": []}',
        '{"schema_version": 1}',
        "[" * 9_999,
    ],
)
def test_a_damaged_file_remembers_nothing_and_is_written_anew(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content)
    recents = Recents(file, lambda: NOON)
    assert recents.load() == ()
    recents.remember("sandbox")
    assert names(recents) == ["sandbox"]


def test_what_is_no_context_is_left_out(file: Path) -> None:
    file.parent.mkdir()
    moment = NOON.isoformat()
    entries: list[object] = [
        {"context": "a/b", "last_used": moment},
        {"context": "\x1b]0;x\x07", "last_used": moment},
        {"context": "local", "last_used": "yesterday"},
        {"context": "local", "last_used": "2026-11-23T12:00:00"},
        {"context": 7, "last_used": moment},
        "local",
        {"context": "sandbox", "last_used": moment},
    ]
    file.write_text(json.dumps({"schema_version": 1, "contexts": entries}))
    assert names(Recents(file, lambda: NOON)) == ["sandbox"]


def test_a_directory_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    recents = Recents(tmp_path / "state" / "contexts.json", lambda: NOON)
    recents.remember("local")
    assert recents.load() == ()
