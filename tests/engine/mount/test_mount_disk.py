"""Of a disk the system is asked to read ahead, in the order of use and not without end."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from engine.weights import early
from engine.weights.discover import find_model, open_part


@pytest.fixture
def advised(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    asked: list[tuple[str, int, int]] = []

    def advise(descriptor: int, offset: int, size: int, advice: int) -> None:
        assert advice == os.POSIX_FADV_WILLNEED
        asked.append((os.readlink(f"/proc/self/fd/{descriptor}"), offset, size))

    monkeypatch.setattr(os, "posix_fadvise", advise)
    return asked


def begin(directory: Path) -> None:
    early.begin_reading(find_model(directory), one_prompt=False)
    for thread in threading.enumerate():
        if thread.name == "engine-advice":
            thread.join(10)


def test_the_first_half_is_asked_for_in_the_order_of_use(
    advised: list[tuple[str, int, int]], tiny_model: Path
) -> None:
    begin(tiny_model)
    files = find_model(tiny_model)
    encoder = open_part(files.text_encoder.path)
    needed = list(encoder.tensors.extents)
    asked = [(offset, size) for path, offset, size in advised if path == str(encoder.header.path)]
    assert asked == needed[: len(asked)]
    parts = (files.text_encoder, files.transformer, files.vae)
    total = sum(size for part in parts for _, size in open_part(part.path).tensors.extents)
    largest = max(size for *_, size in advised)
    assert total / 2 <= sum(size for *_, size in advised) <= total / 2 + largest


def test_a_file_that_is_gone_meanwhile_is_somebody_elses_to_tell(
    advised: list[tuple[str, int, int]], tmp_path: Path
) -> None:
    early._advise([(tmp_path / "gone", [(0, 5)])], 5)
    assert advised == []
