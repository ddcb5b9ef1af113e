from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_models
from worker_bench import Bench


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a small random model in the real formats; not to be changed."""
    return tiny_models.write_model(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.end()
