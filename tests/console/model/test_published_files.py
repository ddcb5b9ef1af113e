from __future__ import annotations

import re

import pytest

from console.model.models.parts import ModelPart, part_by_name
from console.model.models.published import (
    ENCODERS,
    TOKENIZER,
    TRANSFORMERS,
    VAE,
    WORKING_BYTES,
    NotPublished,
    PublishedFile,
    chosen_files,
    memory_bytes,
)

EVERY = (*TRANSFORMERS, *ENCODERS, TOKENIZER, VAE)


@pytest.mark.parametrize("file", EVERY, ids=lambda file: f"{file.publisher}/{file.name}")
def test_what_is_said_of_a_file_is_whole(file: PublishedFile) -> None:
    assert re.fullmatch(r"[\w-]+/[\w.-]+", file.repository)
    assert file.licence == "Apache-2.0"
    assert file.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", file.sha256)
    assert file.exact == (file.sha256 is not None), "to the byte means that somebody had it"
    assert "/" not in file.name
    assert part_by_name(file.name) is file.part, "known by its name in a bucket, too"


def test_no_two_files_of_a_part_are_chosen_by_the_same_word_or_kept_under_the_same_name() -> None:
    for files in (TRANSFORMERS, ENCODERS):
        assert len({file.quantisation for file in files}) == len(files)
    assert len({file.name for file in EVERY}) == len(EVERY)


def test_the_usual_choice_is_about_as_large_as_is_told_everywhere() -> None:
    files = chosen_files("Q4_K_M", "Q4_K_M")
    assert [file.part for file in files] == [
        ModelPart.TRANSFORMER,
        ModelPart.TEXT_ENCODER,
        ModelPart.VAE,
    ]
    assert 7.0e9 < sum(file.size for file in files) < 8.0e9


def test_an_encoder_that_has_no_tokenizer_inside_comes_with_one() -> None:
    assert TOKENIZER in chosen_files("Q4_K_M", "bf16")
    assert TOKENIZER not in chosen_files("Q8_0", "q8_0")


def test_what_nobody_published_is_answered_with_what_there_is() -> None:
    with pytest.raises(NotPublished, match=r"--encoder 'Q2_K' is not published; there is Q4_K_M"):
        chosen_files("Q4_K_M", "Q2_K")


def test_memory_is_the_weights_and_what_a_picture_takes() -> None:
    assert memory_bytes({ModelPart.VAE: 5, ModelPart.TRANSFORMER: 7}) == 12 + WORKING_BYTES
