from __future__ import annotations

import pytest

from console.language.choosing import language_asked_for, language_of, language_of_locale


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
