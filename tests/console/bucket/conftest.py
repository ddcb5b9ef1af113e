from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The sandbox's own tests have what is served here too.
sys.path.insert(0, str(Path(__file__).parent.parent / "sandbox" / "storage"))
sys.path.insert(0, str(Path(__file__).parent.parent / "sandbox"))

from bucket_scene import Cloud
from served_storage import serving


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """A storage of the test's own, the console's way to it, and another client."""
    models = tmp_path / "models"
    models.mkdir()
    with serving(tmp_path / "storage", models) as served:
        yield Cloud(served)
