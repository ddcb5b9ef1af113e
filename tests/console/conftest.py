from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.config import Config
from console.language import ENGLISH, use

GOLDENS = Path(__file__).parent / "goldens"


@pytest.fixture(autouse=True)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """The language that the test is in: English unless it is given another as a parameter."""
    chosen = getattr(request, "param", ENGLISH)
    use(chosen)
    yield chosen
    use(ENGLISH)


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


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A configuration whose pictures go to a directory of the test's own."""
    return Config(pictures_directory=tmp_path / "pictures")


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a child inherits: this process's environment without what would configure one.

    What the console remembers goes to a directory of its own.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ZIMAGE_")}
    state, data = (str(tmp_path_factory.mktemp(name)) for name in ("state", "data"))
    return {**kept, "OMP_NUM_THREADS": "1", "XDG_STATE_HOME": state, "XDG_DATA_HOME": data}


@pytest.fixture(scope="session")
def tiny_model_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random model in the real file formats; not to be changed."""
    source = Path(__file__).parent.parent / "engine" / "tiny_models.py"
    specification = importlib.util.spec_from_file_location("tiny_models", source)
    assert specification is not None
    assert specification.loader is not None
    tiny_models = importlib.util.module_from_spec(specification)
    sys.modules.setdefault("tiny_models", tiny_models)
    specification.loader.exec_module(tiny_models)
    directory: Path = tiny_models.write_model(tmp_path_factory.mktemp("tiny") / "model")
    return directory
