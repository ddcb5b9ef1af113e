"""The bundled model is complete, small, and draws what it is asked to."""

import numpy as np
import pytest

from engine.demo import export, files_directory
from engine.demo.judge import Pixels, read_picture
from engine.demo.measure import measure, report, sample_cases
from engine.demo.painter import Painter, engine_painter
from engine.demo.pictures import CALM_COLOUR
from engine.demo.scenes import Scene

NAMES = (export.TRANSFORMER_FILE, export.TEXT_ENCODER_FILE, export.VAE_FILE, "MODEL_CARD.md")
LARGEST_TOTAL = 12_000_000


@pytest.fixture(scope="module")
def paint() -> Painter:
    return engine_painter(None)


def test_the_files_are_complete_and_small():
    sizes = {path.name: path.stat().st_size for path in files_directory().iterdir()}
    assert set(sizes) == set(NAMES)
    assert sum(sizes.values()) <= LARGEST_TOTAL


def test_held_out_prompts_show_the_right_shape_and_colour(paint: Painter):
    result = report(measure(paint, sample_cases(12, seed=2)))
    assert float(str(result["right"])) >= 10 / 12, result["misses"]


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("a red circle on a white background", Scene("circle", "red", "white")),
        ("a small blue star in the top left corner on a yellow background", None),
        ("黑色背景上的一个大大的粉色三角形，右边", None),
    ],
)
def test_prompts_of_the_documentation_are_drawn(paint: Painter, prompt: str, scene: Scene | None):
    reading = read_picture(paint(prompt, 1))
    assert reading.shape is not None
    assert scene is None or reading.shows(scene)


def test_another_seed_gives_another_picture_of_the_same_thing(paint: Painter):
    first, second = (paint("a green ring on a black background", seed) for seed in (1, 2))
    assert not np.array_equal(first, second)
    assert read_picture(first).shows(Scene("ring", "green", "black"))
    assert read_picture(second).shows(Scene("ring", "green", "black"))


@pytest.mark.parametrize(
    "prompt", ["a cat", "一只猫", "a photo of a lighthouse", "?", "hello world"]
)
def test_a_prompt_about_something_else_is_answered_by_a_plain_picture(paint: Painter, prompt: str):
    pixels: Pixels = paint(prompt, 4)
    assert read_picture(pixels).shape is None
    assert np.abs(np.median(pixels, axis=(0, 1)) - CALM_COLOUR).max() < 15
