from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from running_engine import RunningEngine


@pytest.fixture(scope="session")
def engine(tiny_model: Path) -> Iterator[RunningEngine]:
    """A ready engine in whose queue one request may wait, shared by the tests that only ask."""
    with RunningEngine(tiny_model, env={"ZIMAGE_QUEUE": "1"}) as running:
        running.wait_for("ready")
        yield running


@pytest.fixture(scope="session")
def truncated_model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same model, but its largest GGUF ends early."""
    damaged = tmp_path_factory.mktemp("truncated")
    for file in tiny_model.iterdir():
        (damaged / file.name).write_bytes(file.read_bytes())
    largest = max(damaged.glob("*.gguf"), key=lambda file: file.stat().st_size)
    largest.write_bytes(largest.read_bytes()[: largest.stat().st_size // 2])
    return damaged
