from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import storage
from served_storage import Served, serving


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("models")
    (directory / "transformer.gguf").write_bytes(b"GGUF" + bytes(1_000))
    return directory


@pytest.fixture
def served(tmp_path: Path, models: Path) -> Iterator[Served]:
    """A storage of the test's own."""
    with serving(tmp_path / "storage", models) as each:
        yield each


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Served]:
    """A storage for all tests that change nothing but a bucket of their own."""
    with serving(tmp_path_factory.mktemp("shared") / "storage", models) as each:
        yield each


@pytest.fixture
def bucket(shared: Served, request: pytest.FixtureRequest) -> storage.Bucket:
    """A bucket of the test's own."""
    return shared.bucket(f"bucket-{zlib.crc32(request.node.nodeid.encode())}")
