"""For tests that are about every language of the console."""

from __future__ import annotations

import pytest

from console.language import LANGUAGES

in_every_language = pytest.mark.parametrize("language", LANGUAGES, indirect=True)
"""Run the test once in each language; its goldens are kept in each."""
