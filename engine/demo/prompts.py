"""Prompts for scenes, in English and in Chinese, with synonyms and things left unsaid."""

import random
import re
from dataclasses import dataclass

from engine.demo.chinese import CHINESE
from engine.demo.english import ENGLISH
from engine.demo.scenes import (
    DEFAULT_BACKGROUND,
    DEFAULT_PLACE,
    DEFAULT_SIZE,
    Scene,
    default_background,
    default_colour,
    sample_scene,
)
from engine.demo.wording import Words, fill

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
_FRAMED_SHARE = 0.45
_ENDED_SHARE = 0.25
_USUAL_SHARE = 0.55
_SHADED_SHARE = 0.05
_MEDIUM_SAID_SHARE = 0.1
_SURROUNDED_SHARE = 0.04
_STRAY_SHARE = 0.12
_NO_ARTICLES_SHARE = 0.12
_OTHER_ARTICLE_SHARE = 0.1


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


def sample_held_out_prompt(
    rng: random.Random, language: str, *, unseen_wording: bool = False
) -> Prompt:
    """Draw a prompt for a scene whose combination no training stage has seen.

    With `unseen_wording` the sentence too is one that none has seen.
    """
    scene = sample_scene(rng, held_out=True)
    text = word(rng, scene, language, colour_said=True, unseen_wording=unseen_wording)
    return Prompt(text, language, scene)


def word(
    rng: random.Random,
    scene: Scene | None,
    language: str,
    *,
    colour_said: bool = False,
    unseen_wording: bool = False,
) -> str:
    """Word a scene, or something that the demo model cannot draw.

    What equals its default may be left out; a medium size mostly is, a colour only where
    `colour_said` allows it.
    """
    words = ENGLISH if language == "en" else CHINESE
    if scene is None:
        return _dress(rng, _elsewhere(rng, words), words)
    parts = _parts(rng, scene, words, colour_said=colour_said)
    template = rng.choice(words.unseen if unseen_wording else words.templates)
    sentence = _with_other_articles(rng, fill(template, parts, language))
    if rng.random() < _SURROUNDED_SHARE:
        sentence += rng.choice(words.surroundings)
    if unseen_wording:
        return sentence
    if rng.random() < _STRAY_SHARE:
        sentence = _with_stray_letters(rng, sentence, language)
    return _dress(rng, sentence, words)


def _parts(rng: random.Random, scene: Scene, words: Words, *, colour_said: bool) -> dict[str, str]:
    """Choose words for the slots of a template, empty for what is left unsaid."""
    left_out = {name for name in ("colour", "ground", "place") if rng.random() < _UNSAID_SHARE}
    colour_said |= scene.colour != default_colour(scene.background)
    if "colour" in left_out and not colour_said:
        ground_said = scene.background != DEFAULT_BACKGROUND
    else:
        left_out.discard("colour")
        ground_said = scene.background != default_background(scene.colour)
    if ground_said:
        left_out.discard("ground")
    if scene.place != DEFAULT_PLACE:
        left_out.discard("place")
    if scene.size == DEFAULT_SIZE and rng.random() > _MEDIUM_SAID_SHARE:
        left_out.add("size")
    parts = {
        "size": _synonym(rng, words.sizes[scene.size]),
        "colour": _tint(rng, scene.colour, words),
        "shape": _synonym(rng, words.shapes[scene.shape]),
        "place": _synonym(rng, words.places[scene.place]),
        "ground": _tint(rng, scene.background, words),
    }
    return {name: "" if name in left_out else part for name, part in parts.items()}


def _tint(rng: random.Random, colour: str, words: Words) -> str:
    name = _synonym(rng, words.colours[colour])
    return rng.choice(words.shades).format(name) if rng.random() < _SHADED_SHARE else name


def _synonym(rng: random.Random, names: tuple[str, ...]) -> str:
    return names[0] if rng.random() < _USUAL_SHARE else rng.choice(names)


def _with_other_articles(rng: random.Random, sentence: str) -> str:
    """Leave all English articles out, or change the first one, or neither."""
    draw = rng.random()
    if draw < _NO_ARTICLES_SHARE:
        return re.sub(r"\b(an?|the) ", "", sentence)
    if draw < _NO_ARTICLES_SHARE + _OTHER_ARTICLE_SHARE:
        return re.sub(r"^an? ", rng.choice(("the ", "one ", "some ")), sentence)
    return sentence


def _with_stray_letters(rng: random.Random, sentence: str, language: str) -> str:
    """Put letters that mean nothing beside a sentence: a shape is one whatever else is said."""
    letters, space, comma = (_BABBLE[0], " ", ", ") if language == "en" else (_BABBLE[1], "", "，")
    stray = "".join(rng.choice(letters.strip()) for _ in range(rng.randint(2, 8)))
    joint = rng.choice((space, comma))
    draw = rng.random()
    if draw < 0.4:
        return stray + joint + sentence
    if draw < 0.6:
        return sentence + joint + stray
    return sentence.replace(comma, comma + stray + space)


def _dress(rng: random.Random, sentence: str, words: Words) -> str:
    """Put a request around the sentence, or a lot of style words after it, or neither."""
    if rng.random() < _LONG_SHARE:
        return rng.choice(words.long_openings) + sentence + rng.choice(words.long_endings)
    if rng.random() < _FRAMED_SHARE:
        sentence = rng.choice(words.frames).format(sentence).replace("一个一个", "一个")
    if rng.random() < _ENDED_SHARE:
        sentence += rng.choice(words.endings)
    return _cased(rng, sentence)


def _cased(rng: random.Random, sentence: str) -> str:
    """Type a sentence as people do: as it is, with a capital, or all capitals or none."""
    draw = rng.random()
    if draw < 0.2:
        return sentence[0].upper() + sentence[1:]
    if draw < 0.35:
        return sentence.upper()
    if draw < 0.45:
        return re.sub(r"[a-z]+", lambda match: match[0].capitalize(), sentence)
    return sentence.lower() if draw < 0.55 else sentence


def _elsewhere(rng: random.Random, words: Words) -> str:
    """Word something that is no shape; one time in four nothing that is a word at all."""
    if rng.random() < _BABBLE_SHARE:
        return "".join(rng.choice(rng.choice(_BABBLE)) for _ in range(rng.randint(1, 30)))
    subject = rng.choice(words.subjects)
    if rng.random() < 0.4:
        subject += rng.choice(words.surroundings)
    if rng.random() < 0.35:
        colour = _tint(rng, rng.choice(list(words.colours)), words)
        subject = rng.choice(words.tinted).format(subject=subject, colour=colour)
    return subject
