from __future__ import annotations

from io import BytesIO
from math import inf

import pytest
from PIL import Image

from console.model.images import Likeness
from console.terminal.likeness import likeness
from console.terminal.pictures import UnreadablePicture


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (16, 16)) -> bytes:
    encoded = BytesIO()
    Image.new("RGB", size, colour).save(encoded, "PNG")
    return encoded.getvalue()


def test_the_same_pixels_are_identical() -> None:
    assert likeness(plain((10, 20, 30)), plain((10, 20, 30))).psnr == inf


def test_the_ratio_is_that_of_the_definition() -> None:
    # Every sample differs by 255: the error is as large as the peak.
    assert likeness(plain((0, 0, 0)), plain((255, 255, 255))).psnr == pytest.approx(0.0)
    # One sample of three differs by 3: 10 · log10(255² / 3).
    assert likeness(plain((0, 0, 0)), plain((3, 0, 0))).psnr == pytest.approx(43.3596, abs=1e-4)


def test_other_sizes_cannot_be_compared() -> None:
    assert likeness(plain((0, 0, 0)), plain((0, 0, 0), (32, 16))) == Likeness(None)


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(UnreadablePicture):
        likeness(plain((0, 0, 0)), b"not a picture")
