from __future__ import annotations

import os
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console import paths
from console.model.images import MadePicture
from console.session.album import Album, file_name
from engine.schema import Size


def picture(prompt: str = "A red circle!", seed: int = 7) -> MadePicture:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return MadePicture(prompt, Size(64, 64), 8, seed, 0.5, moment, b"png bytes")


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    paths.write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a"]


def test_a_link_stays_a_link_to_the_new_content(tmp_path: Path) -> None:
    target, link = tmp_path / "a", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    paths.write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    paths.write_atomically(Path(os.devnull), b"gone")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    directory = tmp_path / "target"
    directory.mkdir()
    with pytest.raises(OSError, match="target"):
        paths.write_atomically(directory, b"x")
    assert os.listdir(tmp_path) == ["target"]


def test_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    written = [paths.write_new(tmp_path / "a.png", str(n).encode()) for n in range(3)]
    assert [path.name for path in written] == ["a.png", "a-2.png", "a-3.png"]
    assert [path.read_bytes() for path in written] == [b"0", b"1", b"2"]


def test_writers_at_the_same_time_never_get_the_same_name(tmp_path: Path) -> None:
    written: list[Path] = []

    def write(number: int) -> None:
        written.append(paths.write_new(tmp_path / "a", str(number).encode()))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {path.read_bytes() for path in written} == {str(n).encode() for n in range(10)}


def test_a_directory_made_for_pictures_is_private(tmp_path: Path) -> None:
    made = paths.make_private_directory(tmp_path / "a" / "b")
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert paths.make_private_directory(made) == made


def album(directory: Path) -> Album:
    return Album(directory, lambda: datetime(2026, 1, 1, tzinfo=UTC), lambda why: None)


async def test_a_picture_is_named_after_its_prompt_and_seed(tmp_path: Path) -> None:
    path = await album(tmp_path / "new").save(picture())
    assert path == tmp_path / "new" / "a-red-circle-7.png"
    assert path.read_bytes() == b"png bytes"


async def test_a_copy_goes_where_it_was_asked_to_go(tmp_path: Path) -> None:
    assert await album(tmp_path).save(picture(), tmp_path / "mine") == tmp_path / "mine.png"
    assert await album(tmp_path).save(picture(), tmp_path) == tmp_path / "a-red-circle-7.png"
    assert await album(tmp_path).save(picture(), tmp_path / "mine.png") == tmp_path / "mine-2.png"


async def test_a_copy_into_a_directory_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere/a\.png"):
        await album(tmp_path).save(picture(), tmp_path / "nowhere" / "a.png")


@given(prompt=st.text(max_size=300), seed=st.integers(0, 2**63 - 1))
def test_every_prompt_gives_a_name_that_a_file_system_takes(prompt: str, seed: int) -> None:
    name = file_name(picture(prompt, seed))
    assert len(name.encode("utf-8")) < 100
    assert not set(name) & set('/\\:*?"<>|\x00\n ')
    assert not name.startswith((".", "-"))
    assert name.endswith(f"-{seed}.png")
