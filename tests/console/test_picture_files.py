"""Pictures of earlier sessions, read from files that may be anything."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from console import picture_files
from console.picture_files import earlier_pictures, picture_bytes, told_of
from console.screens.picture_shelf import PictureShelf
from console.store import Store
from engine.encode import infotext
from engine.schema import GenerationRequest, Size


def kept(directory: Path, name: str, told: str | None, *, age: float = 0.0, size: int = 16) -> Path:
    """A picture in a file of a directory, made `age` seconds before the newest."""
    chunk = PngInfo()
    if told is not None:
        chunk.add_text("parameters", told)
    path = directory / name
    Image.new("RGB", (size, size), "red").save(path, pnginfo=chunk)
    os.utime(path, (1_790_000_000 - age,) * 2)
    return path


def told(prompt: str, seed: int = 7, **more: str) -> str:
    return infotext(GenerationRequest(prompt, steps=4), Size(16, 16), seed, "zimage", more)


async def test_the_newest_come_first_with_what_they_were_made_from(tmp_path: Path) -> None:
    kept(tmp_path, "old.png", told("一个红色的圆", 5), age=100)
    new = kept(tmp_path, "new.PNG", told("a red circle"))
    found = await earlier_pictures(tmp_path)
    assert [picture.prompt for picture in found] == ["a red circle", "一个红色的圆"]
    assert found[0].asked == ("a red circle", Size(16, 16), 4, 7)
    assert found[0].earlier
    assert (found[0].path, found[0].png) == (new, b"")
    assert await picture_bytes(new) == new.read_bytes()


async def test_what_does_not_tell_how_it_was_made_is_left_out(tmp_path: Path) -> None:
    kept(tmp_path, "untold.png", None)
    kept(tmp_path, "other.png", "a photograph of somebody")
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty.png").touch()
    (tmp_path / "folder.png").mkdir()
    whole = kept(tmp_path, "whole.png", told("a cat")).read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[:40])
    (tmp_path / "note.txt").write_text(told("a cat"))
    assert [each.path for each in await earlier_pictures(tmp_path)] == [tmp_path / "whole.png"]
    assert await earlier_pictures(tmp_path / "nowhere") == ()


async def test_no_more_is_looked_for_than_anybody_goes_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_files, "MOST", 2)
    for number in range(4):
        kept(tmp_path, f"{number}.png", told(f"picture {number}"), age=number)
    assert [each.prompt for each in await earlier_pictures(tmp_path)] == ["picture 0", "picture 1"]


async def test_a_file_that_is_too_large_or_empty_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_files, "LARGEST", 10)
    with pytest.raises(OSError, match="larger than"):
        await picture_bytes(kept(tmp_path, "large.png", told("a cat")))
    (tmp_path / "empty.png").touch()
    with pytest.raises(OSError, match="is empty"):
        await picture_bytes(tmp_path / "empty.png")


@given(st.text(max_size=300).filter(lambda text: "\r" not in text), st.integers(0, 2**63 - 1))
def test_prompts_are_read_as_the_engine_writes_them(prompt: str, seed: int) -> None:
    found = told_of(told(prompt, seed, Note="Steps: 1, Seed: 1"))
    assert found is not None
    assert found[1:] == (4, seed)
    assert found[0].isprintable()
    if prompt.isprintable() and not prompt.startswith("Negative prompt: "):
        assert found[0] == prompt.strip()


@given(st.text(max_size=200))
def test_whatever_a_file_tells_is_never_an_error(text: str) -> None:
    told_of(text)


async def test_the_shelf_reads_what_is_looked_at_and_keeps_the_last_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.screens.picture_shelf._MOST_READ", 1)
    for number in range(2):
        kept(tmp_path, f"{number}.png", told(f"picture {number}"), age=number)
    shelf = PictureShelf(Store(), tmp_path)
    assert shelf.pictures() == ()
    await shelf.look()
    first, second = shelf.pictures()
    assert (await shelf.read(first)).png == (tmp_path / "0.png").read_bytes()
    assert shelf.whole(first).png
    await shelf.read(second)
    assert shelf.whole(second).png
    assert not shelf.whole(first).png
