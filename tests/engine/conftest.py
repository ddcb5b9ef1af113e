from __future__ import annotations

from pathlib import Path

import pytest
import tiny_models


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a small random model in the real formats; not to be changed."""
    return tiny_models.write_model(tmp_path_factory.mktemp("tiny") / "model")
