"""What the tests of languages share: the tool that keeps the catalogues."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import console

SOURCE = Path(console.__file__).parent.parent / "tools" / "catalogues.py"


@pytest.fixture(scope="session")
def catalogues() -> ModuleType:
    """The tool `tools/catalogues.py`, which is in no package."""
    specification = importlib.util.spec_from_file_location("catalogues", SOURCE)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def texts(catalogues: ModuleType) -> dict[Any, str]:
    """All that the console says, each text with where it is said first."""
    found: dict[Any, str] = catalogues.texts_in([SOURCE.parent.parent / "console"])
    return found
