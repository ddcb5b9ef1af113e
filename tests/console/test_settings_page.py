"""The page of settings: it is what the code has, in every language."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from in_languages import in_every_language

from console import config as configuration
from console.cli import parser
from console.config import Config, load
from console.settings_page import SETTINGS, settings_page
from console.startup.argument_parser import as_spoken

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGES = {"en": "configuration.md", "zh": "configuration.zh.md"}


@in_every_language
def test_the_page_is_what_the_code_says(language: str) -> None:
    page = PAGES[language]
    assert (DOCS / page).read_text(encoding="utf-8") == settings_page(), (
        f"docs/{page} is out of date: python -m console.settings_page {language} > docs/{page}"
    )


def test_every_setting_and_its_variable_is_on_the_page() -> None:
    assert {each.key for each in SETTINGS} == set(configuration._KEYS)
    told = {each.variable: each.key for each in SETTINGS if each.variable}
    assert told == configuration._VARIABLES


@pytest.mark.parametrize("flag", [each.flag for each in SETTINGS if each.flag])
def test_every_flag_exists(flag: str) -> None:
    with as_spoken():
        assert flag in parser().format_help()


def test_the_example_can_be_used(tmp_path: Path) -> None:
    example = settings_page().partition("```toml\n")[2].partition("```")[0]
    file = tmp_path / "config.toml"
    file.write_text(example, encoding="utf-8")

    loaded = load({}, {}, file)
    assert set(tomllib.loads(example)) == {each.key for each in SETTINGS}
    assert loaded != Config()
    assert loaded.context == "my-project/us-central1/z-image"


def test_defaults_that_are_values_are_those_of_the_code() -> None:
    plain = Config()
    for setting in SETTINGS:
        if setting.default.startswith("`"):
            value = getattr(plain, setting.key, None)
            shown = str(value).lower() if isinstance(value, bool) else value
            if setting.key != "pictures":
                assert setting.default == f"`{shown}`"
