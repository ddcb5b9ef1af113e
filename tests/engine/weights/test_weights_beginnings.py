"""Beginnings of files: each block comes once, files come side by side, and what differs is seen."""

from __future__ import annotations

import threading
from pathlib import Path

from engine.weights.ahead.beginnings import BLOCK, Beginnings
from engine.weights.mount.files import MountedFile
from engine.weights.mount.place import MountPlace
from engine.weights.mount.shelf import MountShelf
from engine.weights.place import asked_of_each

SIZE = 6 * BLOCK + 5


class Recorder:
    """Gives bytes that tell where they stand, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.closed = 0

    def read(self, stored: MountedFile, offset: int, buffer: memoryview) -> None:
        self.asked.append((offset // BLOCK, len(buffer)))
        for at in range(0, len(buffer), BLOCK):
            buffer[at] = (offset + at) // BLOCK

    def close(self) -> None:
        self.closed += 1


def file(name: str = "a", size: int = SIZE) -> MountedFile:
    return MountedFile(Path(name), size, 0)


def test_a_header_of_several_blocks_takes_few_requests_and_no_block_twice() -> None:
    recorder = Recorder()
    beginnings = Beginnings[MountedFile](lambda: recorder)
    for _ in range(2):
        with beginnings.open(file()) as opened:
            whole = opened.read()
            opened.seek(-5, 2)
            assert opened.read() == whole[-5:]
    assert len(whole) == SIZE
    assert [whole[at] for at in range(0, SIZE, BLOCK)] == [*range(7)]
    assert recorder.asked == [(0, BLOCK), (1, 4 * BLOCK), (5, BLOCK + 5)]


def test_what_is_read_later_is_compared_with_what_a_header_was_read_from() -> None:
    beginnings = Beginnings[MountedFile](Recorder)
    first = beginnings.block(file(), 0)
    assert beginnings.agrees(file(), 0, memoryview(first + b"more that nobody has seen"))
    assert beginnings.agrees(file(), 2 * BLOCK, memoryview(b"nobody has seen this either"))
    assert not beginnings.agrees(file(), 10, memoryview(b"\x01"))


def test_after_closing_everything_is_read_anew() -> None:
    made: list[Recorder] = []

    def reader() -> Recorder:
        made.append(Recorder())
        return made[-1]

    beginnings = Beginnings[MountedFile](reader)
    beginnings.block(file("a"), 0)
    beginnings.block(file("b"), 0)
    beginnings.close()
    assert [each.closed for each in made] == [1, 1]
    beginnings.block(file("a"), 0)
    assert len(made) == 3


def test_files_elsewhere_are_asked_side_by_side_and_those_of_a_disk_are_not(
    tmp_path: Path,
) -> None:
    together = threading.Barrier(3, timeout=30)
    elsewhere = [MountPlace(MountShelf(), tmp_path / name) for name in "abc"]
    assert sorted(asked_of_each(lambda place: together.wait(), elsewhere)) == [0, 1, 2]
    asking = asked_of_each(lambda place: threading.current_thread(), [tmp_path, tmp_path / "a"])
    assert asking == [threading.main_thread()] * 2
