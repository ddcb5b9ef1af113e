"""Prompts say what their scene is, in words that the other language does not share."""

import random
import re

import pytest

from engine.demo.prompts import LANGUAGES, sample_held_out_prompt, word
from engine.demo.scenes import COLOURS, DEFAULT_PLACE, SHAPES, Scene
from engine.demo.wording import CHINESE, ENGLISH, Words, tidy

BOOKS = {"en": ENGLISH, "zh": CHINESE}


def mentions(text: str, words: tuple[str, ...]) -> bool:
    return any(synonym.lower() in text.lower() for synonym in words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_prompt_names_shape_colour_and_background(language: str):
    rng, book = random.Random(1), BOOKS[language]
    for _ in range(500):
        prompt = sample_held_out_prompt(rng, language)
        assert prompt.scene is not None
        assert mentions(prompt.text, book.shapes[prompt.scene.shape])
        assert mentions(prompt.text, book.colours[prompt.scene.colour])
        if prompt.scene.background != "white":
            assert mentions(prompt.text, book.colours[prompt.scene.background])
        if prompt.scene.place != DEFAULT_PLACE:
            assert mentions(prompt.text, book.places[prompt.scene.place])
        if prompt.scene.size != "medium":
            assert mentions(prompt.text, book.sizes[prompt.scene.size])


def test_english_prompts_are_ascii_and_chinese_ones_have_no_latin_letters():
    rng = random.Random(2)
    for _ in range(300):
        assert sample_held_out_prompt(rng, "en").text.isascii()
        assert not re.search("[a-zA-Z{}]", sample_held_out_prompt(rng, "zh").text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_wordings_are_many_and_tidy(language: str):
    rng, scene = random.Random(3), Scene("star", "orange", "blue", "small", "left")
    texts = {word(rng, scene, language) for _ in range(500)}
    assert len(texts) > 300
    assert not any(re.search(r"  | ,|,,|，，|\ba [aeiou]", text) for text in texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_white_ground_and_centre_may_go_unsaid(language: str):
    rng, book = random.Random(4), BOOKS[language]
    texts = [word(rng, Scene("ring", "red", "white"), language) for _ in range(300)]
    assert 50 < sum(mentions(text, book.colours["white"]) for text in texts) < 250
    assert 50 < sum(mentions(text, book.places["centre"]) for text in texts) < 250


def test_a_prompt_about_something_else_names_no_shape():
    rng = random.Random(5)
    for _ in range(500):
        for language in LANGUAGES:
            text = word(rng, None, language)
            assert text
            assert not any(mentions(text, ENGLISH.shapes[shape]) for shape in SHAPES)


@pytest.mark.parametrize("book", BOOKS.values())
def test_no_word_of_one_colour_or_shape_means_another(book: Words):
    colours = [name for colour in COLOURS for name in book.colours[colour]]
    shapes = [name for shape in SHAPES for name in set(book.shapes[shape])]
    assert len(set(colours)) == len(colours)
    assert len(set(shapes)) == len(shapes)


def test_tidy_mends_articles_and_commas():
    assert tidy("a  orange star , ,  big ,", "en") == "an orange star, big"
    assert tidy("红色圆形，，", "zh") == "红色圆形"
