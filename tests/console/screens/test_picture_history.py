"""Looking at pictures of this session and of earlier ones, comparing and opening them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from console_scenes import made, opened, png, settled, text_of
from in_languages import in_every_language
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from console.model.images import MadePicture
from console.store import Store
from console.widgets.picture_differences import differences
from engine.encode import infotext
from engine.schema import GenerationRequest, Size

SIZES = {"80x24": (80, 24), "120x36": (120, 36)}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Two pictures of earlier sessions."""
    for age, (prompt, seed) in enumerate((("a red circle", 5), ("a blue square on white", 6))):
        chunk = PngInfo()
        request = GenerationRequest(prompt, steps=4)
        chunk.add_text("parameters", infotext(request, Size(64, 64), seed, "zimage"))
        path = tmp_path / f"{prompt.replace(' ', '-')}-{seed}.png"
        Image.new("RGB", (64, 64), "red").save(path, pnginfo=chunk)
        os.utime(path, (1_790_000_000 - age * 86_400,) * 2)
    return tmp_path


def two_made() -> Store:
    store = Store()
    store.add_picture(replace(made("a red circle on snow", seed=7), steps=4, png=png(64, 64)))
    store.add_picture(made())
    return store


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_pictures_of_earlier_sessions_stand_behind_those_of_this_one(
    size: str, language: str, directory: Path, matches_golden: Callable[[str, str], None]
) -> None:
    async with opened(two_made(), SIZES[size], pictures_directory=directory, on="generate") as (
        app,
        pilot,
    ):
        await pilot.press("escape")
        await settled(app, pilot)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await settled(app, pilot)
        matches_golden(f"generate-earlier-{size}", text_of(app))


async def test_nothing_of_earlier_sessions_is_shown_before_it_is_chosen(directory: Path) -> None:
    async with opened(Store(), (120, 36), pictures_directory=directory, on="generate") as (
        app,
        pilot,
    ):
        await pilot.press("escape")
        await settled(app, pilot)
        assert "a blue square on white" in text_of(app)
        assert app.screen.picture.png is None
        await pilot.press("left_square_bracket")
        await settled(app, pilot)
        assert app.screen.picture.png == (directory / "a-red-circle-5.png").read_bytes()
        assert "4 steps · seed 5 · a-red-circle-5.png" in text_of(app)
        await pilot.press("u")
        assert app.screen.form.request() == GenerationRequest(
            "a red circle", Size(64, 64), steps=4, seed=5
        )


async def test_a_file_that_went_is_said_to_have_gone(directory: Path) -> None:
    async with opened(Store(), (120, 36), pictures_directory=directory, on="generate") as (
        app,
        pilot,
    ):
        await pilot.press("escape")
        await settled(app, pilot)
        (directory / "a-red-circle-5.png").unlink()
        await pilot.press("left_square_bracket")
        await settled(app, pilot)
        assert "cannot be read: No such file or directory" in text_of(app)


async def test_a_copy_of_an_earlier_picture_is_the_picture(directory: Path, tmp_path: Path) -> None:
    async with opened(Store(), (120, 36), pictures_directory=directory, on="generate") as (
        app,
        pilot,
    ):
        await pilot.press("escape")
        await settled(app, pilot)
        await pilot.press("left_square_bracket", "S")
        await settled(app, pilot)
        app.screen.query_one("Input").value = str(tmp_path / "copy.png")
        await pilot.press("enter")
        await settled(app, pilot)
        original = (directory / "a-red-circle-5.png").read_bytes()
        assert (tmp_path / "copy.png").read_bytes() == original


@in_every_language
@pytest.mark.parametrize("size", SIZES)
async def test_two_pictures_are_compared(
    size: str, language: str, matches_golden: Callable[[str, str], None]
) -> None:
    async with opened(two_made(), SIZES[size], on="generate") as (app, pilot):
        await pilot.press("escape", "b")
        await settled(app, pilot)
        await pilot.press("left_square_bracket")
        await settled(app, pilot)
        matches_golden(f"generate-compared-{size}", text_of(app))
        await pilot.press("b")
        await settled(app, pilot)
        assert not app.screen.has_class("-two-pictures")


async def test_without_a_picture_there_is_nothing_to_compare_or_open() -> None:
    async with opened(Store(), (120, 36), on="generate") as (app, pilot):
        await pilot.press("escape", "b")
        await settled(app, pilot)
        assert "there is no picture to compare yet" in text_of(app)
        await pilot.press("o")
        await settled(app, pilot)
        assert "there is no picture to open yet" in text_of(app)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "no desktop here can show it; it is /pictures/a-red-circle-42.png"),
        ({"path": None}, "this picture is in no file yet; S saves it"),
    ],
)
async def test_where_no_desktop_is_the_file_is_named(changes: dict[str, Any], said: str) -> None:
    store = Store()
    store.add_picture(replace(made(), **changes))
    async with opened(store, (120, 36), on="generate") as (app, pilot):
        await pilot.press("escape", "o")
        await settled(app, pilot)
        assert said in text_of(app)


def other(**changes: Any) -> MadePicture:
    return replace(made(), **changes)


@pytest.mark.parametrize(
    ("one", "another", "said"),
    [
        (made(), made(), ["made from the same", "1.9 s → 1.9 s"]),
        (made(), other(seconds=None), ["made from the same"]),
        (
            other(prompt="a red circle on white"),
            other(prompt="a dark blue circle", seed=1, steps=4, size=Size(64, 32), seconds=3.0),
            [
                "prompt −red +dark blue −on white",
                "size 128x128 → 64x32",
                "steps 8 → 4",
                "seed 42 → 1",
                "1.9 s → 3.0 s",
            ],
        ),
    ],
)
def test_what_two_pictures_differ_in_is_said(
    one: MadePicture, another: MadePicture, said: list[str]
) -> None:
    assert differences(one, another) == said
