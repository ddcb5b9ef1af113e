"""Recordings that are damaged, cut off, foreign or too large: one line, and what is whole."""

from __future__ import annotations

import gzip
import json
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.recording.lines import RecordingError
from console.recording.reader import Recording, read

BEGAN = datetime(2026, 11, 30, 12, tzinfo=UTC)
HEADER = {
    "format": "zimage-console recording",
    "schema_version": 1,
    "console": "1",
    "context": "sandbox",
    "recorded_at": BEGAN.isoformat(),
}
LINES: list[dict[str, object]] = [
    HEADER,
    {"at": 0.5, "call": "storage.buckets", "with": {"project": "p"}, "answer": []},
    {"at": 1.0, "begin": 1, "call": "logs.tail", "with": {}},
    {"at": 1.5, "of": 1, "item": {"message": "one"}},
    {"at": 2.0, "of": 1, "end": "left"},
    {"at": 2.5, "a word": "of a later version"},
    {"at": 3.0, "over": True},
]


def written(directory: Path, *lines: dict[str, object]) -> Path:
    path = directory / "a.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def count(recording: Recording) -> int:
    told = sum(map(len, recording.asked.values()))
    return told + sum(len(each) for each in recording.streams.values())


def test_a_whole_recording_is_read_and_later_words_are_passed_over(tmp_path: Path) -> None:
    recording = read(written(tmp_path, *LINES))
    assert recording.damage is None
    assert recording.seconds == 3.0
    assert recording.header.recorded_at == BEGAN
    assert count(recording) == 2


def test_what_comes_before_the_cut_is_kept_and_the_cut_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, *LINES)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b'"item"')])
    recording = read(path)
    assert recording.seconds == 1.0
    assert recording.damage == (
        "a.jsonl is damaged or cut off 1.0 s after its beginning "
        "(line 4: the line has no end); what comes before it is shown"
    )


def test_a_compressed_recording_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    lines = [{"at": n / 10, "noise": random.Random(n).random()} for n in range(5_000)]
    path = written(tmp_path, HEADER, *lines)
    packed = gzip.compress(path.read_bytes())
    path.write_bytes(packed[: len(packed) // 2])
    recording = read(path)
    assert recording.damage is not None
    assert "\n" not in recording.damage
    assert 0 < recording.seconds < 499


def read_or_refused(path: Path) -> tuple[Recording | None, str | None]:
    """Return what could be read, and the line that says what could not."""
    try:
        recording = read(path)
    except RecordingError as error:
        return None, str(error)
    return recording, recording.damage


FOREIGN = {
    "empty": b"",
    "text": b"hello\n",
    "picture": b"\x89PNG\r\n\x1a\n",
    "other-json": b'{"format": "something else"}\n',
    "list": b"[]\n",
    "deep": b"[" * 100_000 + b"\n",
    "not-gzip": b"\x1f\x8bnothing",
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_no_recording_is_refused_in_one_line(case: str, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(FOREIGN[case])
    with pytest.raises(RecordingError) as refused:
        read(path)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "change",
    [
        {"schema_version": 2},
        {"context": "rm -rf"},
        {"context": 5},
        {"recorded_at": "yesterday"},
        {"recorded_at": "2026-11-30T12:00:00"},
    ],
    ids=["version", "context", "number", "moment", "zone"],
)
def test_a_beginning_that_makes_no_sense_is_refused(
    change: dict[str, object], tmp_path: Path
) -> None:
    with pytest.raises(RecordingError) as refused:
        read(written(tmp_path, {**HEADER, **change}))
    assert "\n" not in str(refused.value)


def test_what_is_no_regular_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path, tmp_path / "none"):
        with pytest.raises(RecordingError):
            read(path)


def test_more_than_a_recording_may_hold_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.gz"
    line = json.dumps({"at": 1.0, "noise": "x" * 100_000}) + "\n"
    path.write_bytes(gzip.compress((json.dumps(HEADER) + "\n" + line * 100).encode()))
    recording = read(path, largest=1024 * 1024)
    assert recording.damage is not None
    assert "more than 1 MiB are not read" in recording.damage


@pytest.mark.parametrize("seed", range(40))
def test_damage_anywhere_costs_no_more_than_what_follows_it(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    path = written(tmp_path, *LINES)
    data = bytearray(path.read_bytes())
    if seed % 2:
        data = bytearray(gzip.compress(bytes(data)))
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    path.write_bytes(data)
    recording, said = read_or_refused(path)
    assert recording is None or count(recording) <= 2
    assert said is None or "\n" not in said
