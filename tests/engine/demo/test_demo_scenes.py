"""What is held out stays out of everything that training draws."""

import random

from engine.demo.prompts import sample_prompt, sample_subject
from engine.demo.scenes import (
    COLOURS,
    PLACES,
    SHAPES,
    SIZES,
    combinations,
    is_held_out,
    sample_scene,
)


def test_one_combination_in_five_is_held_out_for_every_shape():
    held_out = list(combinations(held_out=True))
    assert len(held_out) == 108
    assert len(list(combinations(held_out=False))) == 432
    assert {shape: sum(s == shape for s, _, _ in held_out) for shape in SHAPES} == dict.fromkeys(
        SHAPES, 18
    )


def test_the_two_parts_do_not_meet():
    assert not set(combinations(held_out=True)) & set(combinations(held_out=False))


def test_every_pair_of_shape_and_colour_is_trained_on_some_background():
    trained = {(shape, colour) for shape, colour, _ in combinations(held_out=False)}
    assert trained == {(shape, colour) for shape in SHAPES for colour in COLOURS}


def test_training_never_draws_a_held_out_combination():
    rng = random.Random(0)
    subjects = [sample_subject(rng) for _ in range(3000)]
    subjects += [sample_prompt(rng).scene for _ in range(3000)]
    scenes = [scene for scene in subjects if scene is not None]
    assert not any(is_held_out(s.shape, s.colour, s.background) for s in scenes)
    assert {scene.place for scene in scenes} == set(PLACES)
    assert {scene.size for scene in scenes} == set(SIZES)
    assert 0.02 < 1 - len(scenes) / len(subjects) < 0.12


def test_held_out_scenes_are_held_out_and_visible():
    rng = random.Random(0)
    scenes = [sample_scene(rng, held_out=True) for _ in range(1000)]
    assert all(is_held_out(s.shape, s.colour, s.background) for s in scenes)
    assert all(scene.colour != scene.background for scene in scenes)
