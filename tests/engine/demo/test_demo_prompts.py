"""Prompts say what their scene is, in words that the other language does not share."""

import random
import re

import pytest

from engine.demo.chinese import CHINESE
from engine.demo.english import ENGLISH
from engine.demo.prompts import LANGUAGES, sample_held_out_prompt, word
from engine.demo.scenes import COLOURS, DEFAULT_PLACE, SHAPES, Scene, default_background
from engine.demo.wording import Words, fill, tidy

BOOKS = {"en": ENGLISH, "zh": CHINESE}


def mentions(text: str, words: tuple[str, ...]) -> bool:
    text = without_articles(text.lower())
    names = (re.escape(without_articles(name)) for name in words)
    return any(re.search(rf"(?<![a-z]){name}(?![a-z])", text) for name in names)


def without_articles(text: str) -> str:
    return re.sub(r"\b(an?|the) ", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unseen_wording", [False, True])
def test_a_prompt_names_shape_colour_and_background(language: str, unseen_wording: bool):
    rng, book = random.Random(1), BOOKS[language]
    for _ in range(500):
        prompt = sample_held_out_prompt(rng, language, unseen_wording=unseen_wording)
        assert prompt.scene is not None
        assert mentions(prompt.text, book.shapes[prompt.scene.shape])
        assert mentions(prompt.text, book.colours[prompt.scene.colour])
        if prompt.scene.background != default_background(prompt.scene.colour):
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


@pytest.mark.parametrize("language", LANGUAGES)
def test_black_is_the_ground_of_white_shapes_and_white_of_all_others(language: str):
    rng, book = random.Random(6), BOOKS[language]
    for colour, ground, left_out in (("white", "black", True), ("white", "red", False)):
        scene = Scene("ring", colour, ground, place="left")
        texts = [word(rng, scene, language, colour_said=True) for _ in range(300)]
        assert (sum(mentions(text, book.colours[ground]) for text in texts) < 250) == left_out


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shape_alone_is_black_on_white(language: str):
    rng, book = random.Random(7), BOOKS[language]
    for scene in (Scene("star", "white", "black"), Scene("star", "black", "red")):
        for _ in range(300):
            text = word(rng, scene, language)
            assert any(mentions(text, book.colours[colour]) for colour in COLOURS)


def test_prompts_are_typed_in_every_case_with_and_without_articles():
    rng, scene = random.Random(8), Scene("circle", "red", "white")
    texts = {word(rng, scene, "en") for _ in range(20_000)}
    assert {"red circle", "RED CIRCLE", "Red Circle", "circle, red", "Draw a red circle"} <= texts
    assert {"a circle that is red", "a circle in red", "circle red"} <= texts
    assert {"红圆", "红色的圆形", "圆形，红色", "画一个红色圆形"} <= {
        word(rng, scene, "zh") for _ in range(20_000)
    }


@pytest.mark.parametrize("book", BOOKS.values())
def test_no_sentence_kept_for_measuring_is_a_training_sentence(book: Words):
    assert not set(book.unseen) & set(book.templates)
    assert len(book.unseen) >= 5


def test_a_bracketed_part_goes_with_its_words():
    parts = {"shape": "star", "colour": "", "ground": "orange"}
    assert (
        fill("a {shape}[ in {colour}][ on a {ground} one]", parts, "en")
        == "a star on an orange one"
    )


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
    shapes = [name for shape in SHAPES for name in book.shapes[shape]]
    assert len(set(colours)) == len(colours)
    assert len(set(shapes)) == len(shapes)


def test_tidy_mends_articles_and_commas():
    assert tidy("a  orange star , ,  big ,", "en") == "an orange star, big"
    assert tidy("红色圆形，，", "zh") == "红色圆形"
