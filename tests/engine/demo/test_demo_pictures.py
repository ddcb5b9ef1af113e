"""True pictures are what their scenes say, and the judge reads them so."""

import random

import numpy as np
import pytest
import torch

from engine.demo.judge import read_picture
from engine.demo.measure import Case, measure, report, sample_cases
from engine.demo.pictures import (
    CALM_COLOUR,
    PALETTE,
    Jitter,
    draw,
    draw_calm,
    sample_jitter,
)
from engine.demo.scenes import COLOURS, PLACES, SHAPES, SIZES, Scene


def as_pixels(picture: torch.Tensor) -> np.ndarray:
    return (picture * 255).round().byte().permute(1, 2, 0).numpy()


def true_pictures(cases: list[Case]):
    scenes = {(case.text, case.seed): case.scene for case in cases}
    return lambda text, seed: as_pixels(
        draw(scenes[text, seed], sample_jitter(random.Random(seed)))
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", SIZES)
def test_the_judge_reads_every_true_scene(shape: str, size: str):
    for index, place in enumerate(PLACES):
        scene = Scene(shape, COLOURS[index], COLOURS[(index + 3) % 10], size, place)
        reading = read_picture(as_pixels(draw(scene)))
        assert reading.shows(scene)
        assert (reading.background, reading.size, reading.place) == (
            scene.background,
            size,
            place,
        )


def test_the_measure_gives_true_pictures_full_marks():
    cases = sample_cases(60, seed=3)
    result = report(measure(true_pictures(cases), cases))
    assert [result[name] for name in ("right", "colour", "background", "place", "size")] == [1] * 5
    assert result["misses"] == []


def test_the_measure_gives_another_prompts_pictures_no_marks():
    cases = [
        Case("a", "en", Scene("star", "red", "white"), 1),
        Case("b", "en", Scene("cross", "blue", "white"), 2),
    ]
    swapped = {"a": cases[1].scene, "b": cases[0].scene}
    result = report(measure(lambda text, seed: as_pixels(draw(swapped[text])), cases))
    assert result["right"] == 0
    assert len(result["misses"]) == 2


def test_measured_cases_depend_on_the_seed_alone():
    assert sample_cases(20, seed=5) == sample_cases(20, seed=5)
    assert sample_cases(20, seed=5) != sample_cases(20, seed=6)
    assert [case.language for case in sample_cases(4, seed=5)] == ["en", "zh", "en", "zh"]


def test_a_plain_picture_and_noise_show_no_shape():
    assert read_picture(as_pixels(draw_calm())).shape is None
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    assert read_picture(noise).shape is None


def test_two_shapes_in_one_picture_are_not_one_right_shape():
    pixels = as_pixels(draw(Scene("circle", "red", "white", "small", "left")))
    pixels[:, 64:] = pixels[:, :64][:, ::-1]
    assert read_picture(pixels).shape is None


def test_a_blob_that_resembles_nothing_is_no_shape():
    pixels = np.full((128, 128, 3), 250, dtype=np.uint8)
    for offset in range(0, 60, 12):
        pixels[30 + offset : 34 + offset, 30:90] = 20
    pixels[30:82, 30:33] = 20
    assert read_picture(pixels).shape is None


def test_jitter_moves_a_shape_and_keeps_its_colours():
    scene = Scene("square", "green", "yellow", "large")
    still, moved = draw(scene), draw(scene, Jitter(0.01, -0.01, 1.02))
    assert not torch.equal(still, moved)
    assert tuple(as_pixels(moved)[64, 64]) == PALETTE["green"]
    assert tuple(as_pixels(moved)[0, 0]) == PALETTE["yellow"]


def test_the_calm_picture_is_one_colour_of_its_own():
    assert {tuple(pixel) for pixel in as_pixels(draw_calm()).reshape(-1, 3)} == {CALM_COLOUR}
    assert CALM_COLOUR not in PALETTE.values()
