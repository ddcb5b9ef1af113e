from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from console.language import ENGLISH

GOLDENS = Path(__file__).parent.parent / "goldens"


@pytest.fixture
def matches_golden(request: pytest.FixtureRequest, language: str) -> Callable[[str, str], None]:
    """Compare a text with the one kept under a name; `--update-goldens` keeps the new one.

    Those in another language than English are in a folder of their own.
    """
    update = request.config.getoption("--update-goldens")
    folder = GOLDENS if language == ENGLISH else GOLDENS / language

    def compare(name: str, text: str) -> None:
        kept = folder / f"{name}.txt"
        if update:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text, encoding="utf-8")
        assert text == kept.read_text(encoding="utf-8"), f"{name} looks different"

    return compare
