"""The commands of before, in a file that may be missing, damaged, or on a disk that is full."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from small_disk import small_disk

from console.commands.history import LONGEST, MOST, CommandHistory

ADDING = """
import json, pathlib, sys
from console.commands.history import CommandHistory
file = pathlib.Path(sys.argv[1]) / "state" / "commands.json"
CommandHistory(file).add(sys.argv[2])
print(json.dumps(CommandHistory(file).commands))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "commands.json"


def test_they_are_there_the_next_time_each_once_the_newest_last(file: Path) -> None:
    history = CommandHistory(file)
    for line in ("logs", "context  sandbox", "logs"):
        history.add(line)
    assert history.commands == ("context sandbox", "logs")
    assert CommandHistory(file).commands == ("context sandbox", "logs")


def test_only_the_latest_are_kept(file: Path) -> None:
    history = CommandHistory(file)
    for number in range(MOST + 5):
        history.add(f"logs {number}")
    assert len(history.commands) == MOST
    assert CommandHistory(file).commands[-1] == f"logs {MOST + 4}"
    history.add("x" * (LONGEST + 1))
    history.add("   ")
    assert history.commands[-1] == f"logs {MOST + 4}"


def test_two_consoles_lose_nothing_of_each_other(file: Path) -> None:
    one, other = CommandHistory(file), CommandHistory(file)
    assert one.commands == other.commands == ()
    one.add("logs")
    other.add("cost")
    assert CommandHistory(file).commands == ("logs", "cost")


def test_the_file_is_for_the_user_alone(file: Path) -> None:
    CommandHistory(file).add("logs")
    assert file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "line",
    [
        "logs Authorization: Bearer ya29.a0AfB_byC1234567890abcdefghij",
        "logs hf_ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "logs https://user:secret-word@example.com/",
    ],
)
def test_what_looks_like_a_secret_is_not_written(file: Path, line: str) -> None:
    history = CommandHistory(file)
    history.add(line)
    history.add("generate my private fox", private=True)
    history.add("logs")
    assert history.commands == (line, "generate my private fox", "logs")
    assert json.loads(file.read_text())["commands"] == ["logs"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"schema_version": 2, "commands": ["logs"]}',
        '{"schema_version": 1}',
        '{"schema_version": 1, "commands": 3}',
        '{"schema_version": 1, "commands": [3, null, "", "a\\u001bb", {}]}',
        "[" * 9_999,
        "\udce9",
    ],
)
def test_a_damaged_file_remembers_nothing_and_is_written_anew(file: Path, content: str) -> None:
    file.parent.mkdir()
    file.write_text(content, encoding="utf-8", errors="surrogateescape")
    history = CommandHistory(file)
    assert history.commands == ()
    history.add("logs")
    assert CommandHistory(file).commands == ("logs",)


def test_what_cannot_be_encoded_is_no_error(file: Path) -> None:
    CommandHistory(file).add("logs \udce9")
    CommandHistory(file).add("cost")
    assert CommandHistory(file).commands[-1] == "cost"


def test_a_directory_in_its_place_or_none_at_all_is_no_error(tmp_path: Path) -> None:
    for place in (tmp_path, Path("/proc/nowhere/commands.json"), None):
        history = CommandHistory(place)
        history.add("logs")
        assert history.commands == ("logs",)


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    with small_disk(tmp_path, 4 << 20) as disk:
        if disk is None:
            pytest.skip("no disk of a few megabytes can be had here")

        def commands_after(line: str) -> list[str]:
            script = disk.enter(sys.executable, "-c", ADDING, str(tmp_path), line)
            said = subprocess.run(script, check=True, capture_output=True, text=True, timeout=60)
            return [str(each) for each in json.loads(said.stdout)]

        assert commands_after("logs") == ["logs"]
        ballast = disk.fill()
        assert commands_after("cost " + "x" * 300) == ["logs"]
        assert [each.name for each in (disk.seen / "state").iterdir()] == ["commands.json"]
        ballast.unlink()
        assert commands_after("quit") == ["logs", "quit"]


def test_nothing_is_read_before_it_is_wanted(file: Path) -> None:
    CommandHistory(file)
    assert not file.parent.exists()
