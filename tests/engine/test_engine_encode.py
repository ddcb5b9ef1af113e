"""PNG files that say how they were made and never differ for the same picture."""

from __future__ import annotations

import io

from PIL import Image

from engine.encode import infotext, png
from engine.schema import GenerationRequest, Picture, Size

PICTURE = Picture(3, 2, bytes(range(18)))


def test_the_pixels_survive() -> None:
    image = Image.open(io.BytesIO(png(PICTURE)))

    assert (image.size, image.mode, image.tobytes()) == ((3, 2), "RGB", PICTURE.rgb)


def test_the_file_says_how_it_was_made() -> None:
    text = infotext(GenerationRequest("一只猫", steps=4), Size(3, 2), 7, "z_image")

    image = Image.open(io.BytesIO(png(PICTURE, infotext=text)))

    assert image.info["parameters"] == (
        "一只猫\nSteps: 4, Sampler: Euler, Seed: 7, Size: 3x2, Model: z_image"
    )


def test_the_same_picture_gives_the_same_file() -> None:
    assert png(PICTURE, infotext="x") == png(PICTURE, infotext="x")


def test_a_nul_in_the_text_does_not_break_the_file() -> None:
    image = Image.open(io.BytesIO(png(PICTURE, infotext="a\0b")))

    assert image.info["parameters"] == "a b"
