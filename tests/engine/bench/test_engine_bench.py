from __future__ import annotations

import json
import math
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.bench.blocks import random_numbers
from engine.bench.files import NoRoom, write_model
from engine.bench.measure import PROMPT, SEED
from engine.bench.peers.compare import psnr
from engine.bench.sizes import FULL, SMALL, step_work
from engine.bench.tensors import QUANTS, text_encoder_tensors, transformer_tensors
from engine.cli import main
from engine.schema import Size
from engine.weights.discover import find_model
from engine.weights.quants import dequantise
from engine.weights.tensors import BF16, F32, GGML_TYPES, TensorType

KINDS = [*QUANTS.values(), F32, BF16, GGML_TYPES[14]]


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_synthetic_numbers_spread_like_trained_ones(kind: TensorType):
    parts = list(random_numbers(kind, 256 * 256, 0.02, 0.0, np.random.default_rng(0)))
    data = torch.from_numpy(np.concatenate(parts))
    numbers = dequantise(data, kind, (256, 256))
    assert torch.isfinite(numbers).all()
    assert numbers.std().item() == pytest.approx(0.02, rel=0.05)
    assert abs(numbers.mean().item()) < 0.002


def test_the_full_model_has_the_real_one_s_parameters():
    transformer = sum(tensor.count for tensor in transformer_tensors(FULL, QUANTS["Q4_K"]))
    encoder = sum(tensor.count for tensor in text_encoder_tensors(FULL, QUANTS["Q4_K"]))
    assert (transformer, encoder) == (6_154_908_736, 4_022_468_096)


def test_the_work_of_a_step_is_that_of_the_real_model():
    work = step_work(FULL, Size(512, 512), 23)
    assert work.tokens == 1_056
    # 11.961e12 with the two context refiners, which run once per prompt and not in a step.
    refiners = 2 * 32 * 2 * sum(rows * columns for rows, columns in FULL.layer_shapes())
    assert work.linear + refiners == pytest.approx(11.961e12, rel=1e-3)
    assert work.attention == pytest.approx(0.546e12, rel=1e-3)


@pytest.mark.parametrize("quant", ["Q4_K", "Q8_0"])
def test_the_written_files_are_a_whole_model_and_are_used_again(tmp_path: Path, quant: str):
    assert write_model(tmp_path, SMALL, QUANTS[quant]) > 0
    files = find_model(tmp_path)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert files.total_bytes > 0
    assert len(written) == 3
    assert write_model(tmp_path, SMALL, QUANTS[quant]) == 0
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == written


def test_a_full_disk_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1_000))
    with pytest.raises(NoRoom, match="--directory"):
        write_model(tmp_path, SMALL, QUANTS["Q4_K"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("linear", ["auto", "packed", "int8"])
def test_the_small_benchmark_runs_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], linear: str
):
    command = ["bench", "--small", "--json", "--directory", str(tmp_path), "--linear", linear]
    assert main([*command, "--steps", "2"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [phase["name"] for phase in found["phases"]] == [
        "load", "encode", "step 1", "step 2", "decode",
    ]  # fmt: skip
    assert found["strategies"]["transformer"] == {"auto": "dense"}.get(linear, linear)
    assert found["share_of_ceiling"] > 0


def test_the_table_says_the_share(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["bench", "--small", "--directory", str(tmp_path)]) == 0
    assert "share of the limit reached" in capsys.readouterr().out


def test_the_picture_is_that_of_the_same_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    mine, same = tmp_path / "mine.png", tmp_path / "same.png"
    assert main(["bench", "--small", "--directory", str(tmp_path), "--picture", str(mine)]) == 0
    request = ["--noise", "philox", "--seed", str(SEED), "--size", "64x64", "--steps", "1"]
    files = ["--models", str(tmp_path / "small-Q4_K"), "-o", str(same)]
    assert main(["generate", PROMPT, *files, *request]) == 0
    assert psnr(mine, same) == math.inf


def test_an_unknown_quantisation_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["bench", "--small", "--quant", "Q9", "--directory", str(tmp_path)]) == 2
    assert "Q4_K or Q8_0" in capsys.readouterr().err
