from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import MalformedFile, ModelNotFound
from engine.weights.source import LocalFile


def test_reads_the_range_that_is_asked_for(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(100)))
    buffer = bytearray(10)
    with LocalFile(path) as source:
        source.read_into(20, memoryview(buffer))
        assert buffer == bytes(range(20, 30))
        source.read_into(5, memoryview(buffer))
        assert buffer == bytes(range(5, 15))


def test_a_file_that_became_shorter_is_said(tmp_path: Path):
    path = tmp_path / "model.gguf"
    path.write_bytes(bytes(15))
    with (
        LocalFile(path) as source,
        pytest.raises(MalformedFile, match=r"model\.gguf became shorter while it was read"),
    ):
        source.read_into(10, memoryview(bytearray(10)))


def test_nothing_may_be_asked_for(tmp_path: Path):
    (tmp_path / "empty").touch()
    with LocalFile(tmp_path / "empty") as source:
        source.read_into(0, memoryview(bytearray()))


def test_what_cannot_be_read_is_said(tmp_path: Path):
    with pytest.raises(ModelNotFound, match=r"gone\.gguf cannot be read \(No such file"):
        LocalFile(tmp_path / "gone.gguf")
    with (
        LocalFile(tmp_path) as directory,
        pytest.raises(ModelNotFound, match=r"cannot be read \(Is a directory"),
    ):
        directory.read_into(0, memoryview(bytearray(1)))
