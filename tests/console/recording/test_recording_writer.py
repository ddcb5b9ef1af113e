"""What becomes of a recording when the disk is full, slow, or not to be written to."""

from __future__ import annotations

import gzip
import json
import os
import threading
import time
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from console.recording.lines import RecordingError
from console.recording.reader import read
from console.recording.recorder import Recorder
from console.recording.writer import Writer, open_new
from console.session.engine_session import utc_now

FULL = Path("/dev/full")


def test_a_full_disk_ends_the_recording_in_one_line_and_nothing_else() -> None:
    told: list[str] = []
    writer = Writer(FULL.open("wb", buffering=0), "a.jsonl")
    recorder = Recorder(writer, utc_now, time.monotonic, "test")
    recorder.listen(told.append)
    recorder.begin("sandbox")
    while writer.problem is None:
        recorder.note({"note": "x"})
    recorder.note({"note": "y"})
    recorder.note({"note": "z"})
    recorder.close()
    assert told == ["the recording a.jsonl ended: No space left on device"]


class Slow:
    """A disk that takes nothing until it is let."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.written = b""

    def write(self, data: bytes) -> int:
        self.released.wait()
        self.written += data
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def test_a_slow_disk_keeps_nobody_waiting_and_what_came_first_is_kept() -> None:
    disk = Slow()
    writer = Writer(cast(BinaryIO, disk), "a.jsonl", waiting=10)
    for number in range(40):
        writer.put({"number": number})
    assert writer.problem == "the recording a.jsonl ended: the disk does not keep up"
    disk.released.set()
    writer.close()
    numbers = [json.loads(line)["number"] for line in disk.written.splitlines()]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= 10


def test_a_disk_that_hangs_does_not_keep_the_console_from_its_end() -> None:
    disk = Slow()
    writer = Writer(cast(BinaryIO, disk), "a.jsonl")
    writer.put({"number": 1})
    writer.close(0.01)
    assert writer.problem == "the recording a.jsonl ended: the disk does not answer"
    disk.released.set()


def test_a_recording_does_not_grow_beyond_what_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    writer = Writer(open_new(path), path.name, largest=1_000)
    while writer.problem is None:
        writer.put({"note": "x" * 100})
    writer.close()
    assert "as large as a recording may be" in writer.problem
    assert path.stat().st_size <= 1_000


def test_a_recording_is_private_and_compressed_where_its_name_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    recorder = Recorder(Writer(open_new(path), path.name), utc_now, time.monotonic, "test")
    recorder.begin("sandbox")
    recorder.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(gzip.decompress(path.read_bytes()).splitlines()) == 2
    assert read(path).header.context == "sandbox"


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("mine")
    with pytest.raises(RecordingError, match="is there already; remove it, or name another file"):
        open_new(path)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["none/a.jsonl", "", "a\0b"])
def test_a_name_that_cannot_be_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordingError) as refused:
        open_new(Path(os.path.join(tmp_path, name)))
    assert "\n" not in str(refused.value)
