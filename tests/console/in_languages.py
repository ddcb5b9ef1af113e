"""For tests that are about every language of the console, or about Chinese."""

from __future__ import annotations

import re

import pytest

from console.language import CHINESE, LANGUAGES

in_every_language = pytest.mark.parametrize("language", LANGUAGES, indirect=True)
"""Run the test once in each language; its goldens are kept in each."""

in_chinese = pytest.mark.parametrize("language", [CHINESE], indirect=True)
"""Run the test in Chinese; its goldens are the Chinese ones."""

HAN = re.compile("[\u4e00-\u9fff]")
"""A sign of Chinese."""
