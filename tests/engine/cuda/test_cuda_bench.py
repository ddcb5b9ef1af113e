"""The benchmark on a real GPU; skipped, with the reason, where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from engine.bench.gpu.ceilings import measure_ceilings, measure_copying
from engine.bench.gpu.device import CudaDevice
from engine.bench.gpu.l4 import PUBLISHED
from engine.bench.gpu.measure import strategies
from engine.bench.sizes import FULL
from engine.cli import main

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no NVIDIA GPU")


def test_the_small_benchmark_runs_through(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    command = ["bench", "--small", "--device", "cuda", "--directory", str(tmp_path)]
    assert main([*command, "--turns", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["device"]["name"] == torch.cuda.get_device_name()
    assert list(found["strategies"]) == [str(each) for each in strategies("cuda")]
    assert found["left_out"] == {}
    for kept in found["strategies"].values():
        for figures in kept["sizes"].values():
            assert 0 < figures["peak_bytes"] < found["device"]["memory_bytes"]
            assert figures["seconds"]["picture"] >= 8 * figures["seconds"]["step"] * 0.9
            assert figures["share_of_ceiling"] > 0


def test_nothing_is_quicker_than_the_gpus_maker_says():
    # It would be, if the clock were read before the device is done.
    device = CudaDevice()
    found = measure_ceilings(device, FULL, 4_128, at_least=0.02)
    copying = measure_copying(device, at_least=0.02)
    assert found.floats == "bfloat16"
    peaks = PUBLISHED.get(device.name)
    if peaks is None:
        pytest.skip(f"nobody wrote down what {device.name} does at most")
    assert all(rate <= 1.1 * peaks.rates[kind] for kind, rate in found.block.items())
    assert found.attention <= 1.1 * peaks.rates["bfloat16"]
    assert copying <= 1.1 * peaks.bandwidth


def test_the_most_memory_is_that_of_tensors_since_it_was_forgotten():
    device = CudaDevice()
    device.release()
    device.forget_peak()
    before = device.peak_bytes()
    torch.empty(1 << 26, dtype=torch.uint8, device="cuda")
    assert device.peak_bytes() >= before + (1 << 26)
    device.forget_peak()
    assert device.peak_bytes() < before + (1 << 26)


@pytest.mark.thorough
def test_diffusers_runs_on_the_gpu_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    command = ["bench", "--small", "--device", "cuda", "--directory", str(tmp_path), "--diffusers"]
    assert main([*command, "--turns", "1", "--linear", "dense", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["diffusers"]) == {"gguf", "dense"}
