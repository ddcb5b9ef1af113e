"""Picture files that say how they were made and never differ for the same picture."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from engine.encode import ImageFormat, encode, infotext, png
from engine.schema import GenerationRequest, Noise, Picture, Size

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


@pytest.mark.parametrize("kind", [ImageFormat.JPEG, ImageFormat.WEBP])
def test_a_photograph_s_file_says_it_in_the_exif_comment(kind: ImageFormat) -> None:
    image = Image.open(io.BytesIO(encode(PICTURE, kind, infotext="一只猫")))

    comment = image.getexif().get_ifd(0x8769)[0x9286]
    assert comment == b"UNICODE\0" + "一只猫".encode("utf-16-be")


@pytest.mark.parametrize("kind", list(ImageFormat))
def test_a_file_without_text_has_none(kind: ImageFormat) -> None:
    image = Image.open(io.BytesIO(encode(PICTURE, kind)))

    assert "parameters" not in image.info
    assert not image.getexif().get_ifd(0x8769)


def test_the_longest_prompts_fit_into_a_jpeg() -> None:
    encode(PICTURE, ImageFormat.JPEG, infotext="𠀀" * 8_100)


def test_what_is_not_usual_is_told_too() -> None:
    request = GenerationRequest(
        "a cat", steps=4, negative_prompt="blurry", guidance=2.5, noise=Noise.PHILOX
    )

    text = infotext(request, Size(64, 64), 7, "z", {"Size asked for": "70x70"})

    assert text == (
        "a cat\nNegative prompt: blurry\nSteps: 4, Sampler: Euler, Seed: 7, Size: 64x64, "
        "Model: z, Guidance: 2.5, RNG: philox, Size asked for: 70x70"
    )


def test_a_value_with_a_comma_is_quoted_so_that_it_can_be_read_back() -> None:
    text = infotext(GenerationRequest("a cat"), Size(64, 64), 7, "z, version 2")

    assert text.endswith('Model: "z, version 2"')


@pytest.mark.parametrize("kind", list(ImageFormat))
def test_the_same_picture_gives_the_same_file(kind: ImageFormat) -> None:
    assert encode(PICTURE, kind, infotext="x") == encode(PICTURE, kind, infotext="x")


def test_a_nul_in_the_text_does_not_break_the_file() -> None:
    image = Image.open(io.BytesIO(png(PICTURE, infotext="a\0b")))

    assert image.info["parameters"] == "a b"
