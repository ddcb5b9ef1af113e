"""How a language words a scene: its vocabulary, and sentences with parts that may fall away."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One language: synonyms by name, sentence templates, and requests and endings around them.

    The first synonym is the usual one. Templates are filled by `fill`; those of `unseen` are kept
    out of every training, so that a measurement can tell how well other wordings are understood.
    """

    colours: dict[str, tuple[str, ...]]
    shades: tuple[str, ...]
    shapes: dict[str, tuple[str, ...]]
    sizes: dict[str, tuple[str, ...]]
    places: dict[str, tuple[str, ...]]
    templates: tuple[str, ...]
    unseen: tuple[str, ...]
    frames: tuple[str, ...]
    endings: tuple[str, ...]
    long_openings: tuple[str, ...]
    long_endings: tuple[str, ...]
    subjects: tuple[str, ...]
    surroundings: tuple[str, ...]
    tinted: tuple[str, ...]


def fill(template: str, parts: Mapping[str, str], language: str) -> str:
    """Put words into a template's slots; a bracketed part goes where one of its slots is empty."""

    def kept(match: re.Match[str]) -> str:
        return match[1] if all(parts[slot] for slot in re.findall(r"{(\w+)}", match[1])) else ""

    return tidy(re.sub(r"\[(.*?)\]", kept, template).format(**parts), language)


def tidy(sentence: str, language: str) -> str:
    """Mend what an empty slot of a template left behind: spaces, commas, particles and articles."""
    if language == "en":
        sentence = re.sub(r"\s+", " ", sentence)
        sentence = re.sub(r"(\s*,)+", ",", sentence).strip(" ,")
        return re.sub(r"\ba (?=[aeiou])", "an ", sentence)
    sentence = sentence.replace("的的", "的").replace("一个一个", "一个")
    return re.sub("，(?=，|$)", "", sentence).strip("， ")
