from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from console.language import CHINESE, ENGLISH, spoken, tr, tr_any, tr_list, tr_many, use


def test_nothing_is_translated_that_nobody_says_and_nothing_twice(
    catalogues: ModuleType, texts: dict[Any, str]
) -> None:
    assert list(catalogues.left_over(texts, catalogues.read_catalogues())) == []


def test_a_translation_has_the_fields_of_its_text(catalogues: ModuleType) -> None:
    assert list(catalogues.wrong(catalogues.read_catalogues())) == []


def test_what_is_installed_is_what_was_written(catalogues: ModuleType) -> None:
    for file, catalogue in catalogues.read_catalogues().items():
        assert file.with_suffix(".mo").read_bytes() == catalogues.compiled(catalogue), (
            f"{file.name} was changed: python tools/catalogues.py"
        )


def test_a_language_is_spoken_until_another_is() -> None:
    use(CHINESE)
    assert (spoken(), tr("Help")) == (CHINESE, "帮助")
    use(ENGLISH)
    assert (spoken(), tr("Help")) == (ENGLISH, "Help")


@pytest.mark.parametrize("language", [ENGLISH, CHINESE], indirect=True)
def test_a_text_without_a_translation_stays_and_is_filled_in(language: str) -> None:
    assert tr("nobody ever translated {what}", what="this {x}") == (
        "nobody ever translated this {x}"
    )
    assert tr("with {braces} and no values") == "with {braces} and no values"
    assert tr_many("one {kind}", "{count} {kind}s", 1, kind="x") == "one x"
    assert tr_many("one {kind}", "{count} {kind}s", 2, kind="x") == "2 xs"


def test_things_in_a_row_stand_as_a_sentence_of_each_language_has_them() -> None:
    rows: list[list[str]] = [[], ["a"], ["a", "b"], ["a", "b", "c"]]
    assert [tr_list(each) for each in rows] == ["", "a", "a and b", "a, b and c"]
    assert [tr_any(each) for each in rows] == ["", "a", "a or b", "a, b or c"]
    use(CHINESE)
    assert tr_list(["甲", "乙", "丙"]) == "甲、乙和丙"
    assert tr_any(["a", "b", "c"]) == "a、b 或 c"
