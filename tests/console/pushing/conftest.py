from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# The sandbox's own tests have the storage that is served here too.
sys.path.insert(0, str(Path(__file__).parent.parent / "sandbox" / "storage"))

from push_scene import Scene, scene
from served_storage import Served, serving
from verb_scene import Run, verb_runner


@pytest.fixture(scope="session")
def few_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("few")
    (directory / "transformer.gguf").write_bytes(b"GGUF" + bytes(1_000))
    return directory


@pytest.fixture
def storage(tmp_path: Path, few_models: Path) -> Iterator[Served]:
    """A storage of the test's own."""
    with serving(tmp_path / "storage", few_models) as served:
        yield served


@pytest.fixture
def at(storage: Served, tmp_path: Path) -> Iterator[Scene]:
    """A bucket behind a line on which things can go wrong, and what pushes to it."""
    with scene(storage, tmp_path) as made:
        yield made


@pytest.fixture
def models(tiny_model_directory: Path, tmp_path: Path) -> Path:
    """A whole small model that a test may change."""
    return Path(shutil.copytree(tiny_model_directory, tmp_path / "models"))


@pytest.fixture
def run(at: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a verb of `models` against the bucket behind the line."""
    return verb_runner(at, monkeypatch, capsys)
