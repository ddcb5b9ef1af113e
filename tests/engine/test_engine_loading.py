"""From a directory to a pipeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tiny_models

from engine.loading import load_pipeline
from engine.schema import Phase
from engine.timeline import Timeline


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
