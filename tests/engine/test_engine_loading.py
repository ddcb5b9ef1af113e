"""From a directory to a pipeline."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_models

from engine.loading import load_pipeline
from engine.schema import Phase
from engine.timeline import Timeline
from engine.weights.source import LocalFile


def test_a_warning_about_a_file_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    directory = tiny_models.write_model(tmp_path)
    instruct = replace(tiny_models.EncoderSizes(), theta=5e6)
    tiny_models.write_text_encoder(directory / "tiny_qwen3.gguf", instruct)

    load_pipeline(directory, device="cpu", threads=None, timeline=Timeline())

    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith("tiny_qwen3.gguf is Qwen3-4B-Instruct-2507")


def test_the_timeline_says_how_weights_are_kept(tmp_path: Path):
    timeline = Timeline()
    load_pipeline(
        tiny_models.write_model(tmp_path),
        device="cpu",
        threads=None,
        timeline=timeline,
        linear="packed",
    )
    (loaded,) = [event for event in timeline.events() if event.phase is Phase.ON_DEVICE]
    assert loaded.message == "text encoder packed, transformer packed, vae dense"


def test_waiting_for_bytes_is_told_apart_from_converting_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    read = LocalFile.read_into

    def slow(source: LocalFile, offset: int, buffer: memoryview) -> None:
        time.sleep(0.002)
        read(source, offset, buffer)

    monkeypatch.setattr(LocalFile, "read_into", slow)
    timeline = Timeline()
    directory = tiny_models.write_model(tmp_path)
    load_pipeline(directory, device="cpu", threads=None, timeline=timeline, linear="int8")

    events = timeline.events()
    (imported,) = [event.at for event in events if event.phase is Phase.IMPORTS_DONE]
    (loaded,) = [event for event in events if event.phase is Phase.ON_DEVICE]
    waited = sum(event.seconds for event in events if event.phase is Phase.WEIGHTS_READ)
    assert waited > 0.002 * 20
    assert loaded.seconds > 0
    assert waited + loaded.seconds <= loaded.at - imported
