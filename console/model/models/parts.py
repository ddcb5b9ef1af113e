"""The parts that a model is made of, and which of them an object in a bucket seems to be."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from console.language import tr, tr_later
from console.model.storage import StoredObject


class ModelPart(StrEnum):
    """A part of the model, by the engine's word for it."""

    TRANSFORMER = "transformer"
    TEXT_ENCODER = "text_encoder"
    VAE = "vae"
    TOKENIZER = "tokenizer"

    @property
    def words(self) -> str:
        """The part as it is called in a sentence."""
        return tr(_WORDS[self])


_WORDS: Final = {
    ModelPart.TRANSFORMER: tr_later("transformer"),
    ModelPart.TEXT_ENCODER: tr_later("text encoder"),
    ModelPart.VAE: tr_later("VAE"),
    ModelPart.TOKENIZER: tr_later("tokenizer"),
}


NEEDED: Final = (ModelPart.TRANSFORMER, ModelPart.TEXT_ENCODER, ModelPart.VAE)
"""What no set can do without; a tokenizer is needed beside a text encoder in safetensors alone."""

SUFFIXES: Final = (".gguf", ".safetensors", ".sft")
"""The files that hold weights."""

TOKENIZER_FILE: Final = "tokenizer.json"
PART_NOTE: Final = "zimage-part"
"""Under which name it is noted with an object which part it is."""

SHA256_NOTE: Final = "sha256"
"""Under which name the SHA-256 of an object's bytes is noted with it, in hexadecimal."""

_NAMES: Final = (
    (ModelPart.TEXT_ENCODER, re.compile(r"qwen|text.?enc", re.IGNORECASE)),
    (ModelPart.TRANSFORMER, re.compile(r"z.?image|transformer|diffusion_pytorch", re.IGNORECASE)),
    (ModelPart.VAE, re.compile(r"\bae\b|^ae|vae", re.IGNORECASE)),
)


def is_model_file(name: str) -> bool:
    """Say whether a name is one of what a service loads."""
    last = name.rpartition("/")[2]
    return last == TOKENIZER_FILE or last.lower().endswith(SUFFIXES)


def part_of(stored: StoredObject) -> ModelPart | None:
    """Return which part an object is: as was noted with it, else as its name has it."""
    return part_called(stored.said(PART_NOTE)) or part_by_name(stored.name)


def part_called(word: str) -> ModelPart | None:
    """Return the part of that word, None if it is none."""
    return next((part for part in ModelPart if part.value == word), None)


def part_by_name(name: str) -> ModelPart | None:
    """Return which part a file of that name seems to be."""
    last = name.rpartition("/")[2]
    if last == TOKENIZER_FILE:
        return ModelPart.TOKENIZER
    if not is_model_file(last):
        return None
    return next((part for part, pattern in _NAMES if pattern.search(last)), None)
