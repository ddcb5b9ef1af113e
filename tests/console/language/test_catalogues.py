from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import console
from console.language import CHINESE, ENGLISH, spoken, tr, tr_many, use

SOURCE = Path(console.__file__).parent.parent / "tools" / "catalogues.py"


@pytest.fixture(scope="module")
def catalogues() -> Iterator[ModuleType]:
    specification = importlib.util.spec_from_file_location("catalogues", SOURCE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["catalogues"] = module
    specification.loader.exec_module(module)
    yield module
    del sys.modules["catalogues"]


def test_nothing_is_translated_that_nobody_says_and_nothing_twice(catalogues: ModuleType) -> None:
    texts = catalogues.texts_in([SOURCE.parent.parent / "console"])
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
