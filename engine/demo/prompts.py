"""Prompts for scenes, in English and in Chinese, with synonyms and things left unsaid."""

import random
from dataclasses import dataclass

from engine.demo import wording
from engine.demo.scenes import (
    DEFAULT_BACKGROUND,
    DEFAULT_COLOUR,
    DEFAULT_PLACE,
    DEFAULT_SIZE,
    Scene,
    sample_scene,
)

LANGUAGES = ("en", "zh")

_ELSEWHERE_SHARE = 0.06
_UNSAID_SHARE = 0.5
_BABBLE_SHARE = 0.25
# Letters, the most common Chinese characters by code point range, and marks.
_BABBLE = (
    "abcdefghijklmnopqrstuvwxyz    ",
    "".join(chr(code) for code in range(0x4E00, 0x9FA5)),
    "0123456789,.?!-()" + "é☺αд",
)
_LONG_SHARE = 0.1


@dataclass(frozen=True)
class Prompt:
    """A prompt, its language, and the scene it asks for (None: something that is no shape)."""

    text: str
    language: str
    scene: Scene | None


def sample_subject(rng: random.Random) -> Scene | None:
    """Draw what a training picture shows: a scene of the training part, at times none at all."""
    return None if rng.random() < _ELSEWHERE_SHARE else sample_scene(rng)


def sample_prompt(rng: random.Random) -> Prompt:
    """Draw a training prompt in either language."""
    scene, language = sample_subject(rng), rng.choice(LANGUAGES)
    return Prompt(word(rng, scene, language), language, scene)


def sample_held_out_prompt(rng: random.Random, language: str) -> Prompt:
    """Draw a prompt for a scene whose combination no training stage has seen."""
    scene = sample_scene(rng, held_out=True)
    return Prompt(word(rng, scene, language, colour_said=True), language, scene)


def word(
    rng: random.Random, scene: Scene | None, language: str, *, colour_said: bool = False
) -> str:
    """Word a scene, or something that the demo model cannot draw.

    What equals its default may be left out; a medium size always is, a colour only where
    `colour_said` allows it.
    """
    words = wording.ENGLISH if language == "en" else wording.CHINESE
    if scene is None:
        return _dress(rng, _elsewhere(rng, words), words)
    colourless = not colour_said and _is_plain(scene) and rng.random() < _UNSAID_SHARE
    ground_unsaid = scene.background == DEFAULT_BACKGROUND and rng.random() < _UNSAID_SHARE
    place_unsaid = scene.place == DEFAULT_PLACE and rng.random() < _UNSAID_SHARE
    parts = {
        "size": "" if scene.size == DEFAULT_SIZE else rng.choice(words.sizes[scene.size]),
        "colour": "" if colourless else rng.choice(words.colours[scene.colour]),
        "shape": rng.choice(words.shapes[scene.shape]),
        "place": "" if place_unsaid else rng.choice(words.places[scene.place]),
        "ground": rng.choice(words.colours[scene.background]),
    }
    short = colourless or ground_unsaid
    template = rng.choice(words.templates if short else words.templates_with_ground)
    return _dress(rng, wording.tidy(template.format(**parts), language), words)


def _is_plain(scene: Scene) -> bool:
    return (scene.colour, scene.background) == (DEFAULT_COLOUR, DEFAULT_BACKGROUND)


def _dress(rng: random.Random, sentence: str, words: wording.Words) -> str:
    """Put a request before the sentence, or a lot of style words after it, or neither."""
    if rng.random() < _LONG_SHARE:
        return rng.choice(words.long_openings) + sentence + rng.choice(words.long_endings)
    if rng.random() < 0.5:
        sentence = rng.choice(words.openings) + sentence
    if rng.random() < 0.3:
        sentence = sentence[0].upper() + sentence[1:]
    if rng.random() < 0.3:
        sentence += rng.choice(words.endings)
    return sentence


def _elsewhere(rng: random.Random, words: wording.Words) -> str:
    """Word something that is no shape; one time in four nothing that is a word at all."""
    if rng.random() < _BABBLE_SHARE:
        return "".join(rng.choice(rng.choice(_BABBLE)) for _ in range(rng.randint(1, 30)))
    subject = rng.choice(words.subjects)
    if rng.random() < 0.4:
        subject += rng.choice(words.surroundings)
    if rng.random() < 0.25:
        colour = rng.choice(words.colours[rng.choice(list(words.colours))])
        subject = words.tinted.format(subject=subject, colour=colour)
    return subject
