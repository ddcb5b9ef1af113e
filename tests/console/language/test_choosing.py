from __future__ import annotations

import io

import pytest

from console.language.choosing import (
    language_asked_for,
    language_of,
    language_of_locale,
    language_shown,
)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh_CN.UTF-8", "zh"),
        ("zh-Hans", "zh"),
        ("zh", "zh"),
        ("ZH_TW", "zh"),
        ("en_GB", "en"),
        ("C.UTF-8", None),
        ("zhuang", None),
        ("", None),
    ],
)
def test_a_tag_means_a_language_by_its_first_part(tag: str, language: str | None) -> None:
    assert language_of(tag) == language


def test_the_locale_is_read_as_posix_has_it() -> None:
    assert language_of_locale({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert language_of_locale({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}) == "en"
    assert language_of_locale({"LC_ALL": "zh_CN", "LC_MESSAGES": "en_US", "LANG": "C"}) == "zh"
    assert language_of_locale({"LC_ALL": "", "LANG": "zh_CN"}) == "zh"
    assert language_of_locale({"LC_ALL": "C", "LANG": "zh_CN"}) == "en"
    assert language_of_locale({"LANG": "fr_FR"}) == "en"
    assert language_of_locale({}) == "en"


def test_a_flag_wins_over_environment_that_over_configuration_and_that_over_the_locale() -> None:
    chinese = {"LANG": "zh_CN.UTF-8"}
    assert language_asked_for([], chinese, None) == "zh"
    assert language_asked_for([], chinese, "en") == "en"
    assert language_asked_for([], {"ZIMAGE_LANG": "zh"}, "en") == "zh"
    assert language_asked_for(["logs", "--lang", "en"], {"ZIMAGE_LANG": "zh"}, "zh") == "en"
    assert language_asked_for(["--lang=zh"], {}, None) == "zh"
    assert language_asked_for(["--lang=zh", "status", "--lang", "en"], {}, None) == "en"


def test_a_language_that_does_not_exist_counts_as_not_given() -> None:
    assert language_asked_for(["--lang", "fr"], {"LANG": "zh_CN"}, None) == "zh"
    assert language_asked_for(["--lang"], {}, "klingon") == "en"


class Output(io.TextIOWrapper):
    """Output in an encoding, to a terminal or not."""

    def __init__(self, encoding: str, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding)
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def test_chinese_is_not_spoken_where_it_cannot_be_shown() -> None:
    able = [Output("utf-8"), Output("gb18030"), Output("utf-8", terminal=True)]
    assert language_shown("zh", {}, able) == "zh"
    assert language_shown("zh", {}, [io.StringIO()]) == "zh"
    assert language_shown("zh", {}, [*able, Output("ascii")]) == "en"
    assert language_shown("zh", {}, [Output("latin-1")]) == "en"
    assert language_shown("en", {}, [Output("ascii")]) == "en"
    # The console of Linux has no such signs; what goes elsewhere from there can have them.
    assert language_shown("zh", {"TERM": "linux"}, [Output("utf-8", terminal=True)]) == "en"
    assert language_shown("zh", {"TERM": "linux"}, [Output("utf-8")]) == "zh"
