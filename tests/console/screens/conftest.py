from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

GOLDENS = Path(__file__).parent.parent / "goldens"


@pytest.fixture
def matches_golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the one kept under a name; `--update-goldens` keeps the new one."""
    update = request.config.getoption("--update-goldens")

    def compare(name: str, text: str) -> None:
        kept = GOLDENS / f"{name}.txt"
        if update:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(text, encoding="utf-8")
        assert text == kept.read_text(encoding="utf-8"), f"{name} looks different"

    return compare
