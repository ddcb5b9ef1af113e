"""A whole run for a GPU, on the CPU in its place, and what the command line makes of its flags."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from engine.bench.files import write_model
from engine.bench.gpu import measure as measuring
from engine.bench.gpu.ceilings import seconds
from engine.bench.gpu.device import CpuDevice
from engine.bench.gpu.figures import Found, Stock, StockFigures
from engine.bench.gpu.measure import Course, strategies
from engine.bench.peers import stock
from engine.bench.peers.turn import Task, TurnFailed
from engine.bench.sizes import SMALL
from engine.bench.tensors import QUANTS
from engine.cli import bench_device, main
from engine.errors import UnsupportedModel
from engine.schema import Size

SIZE = Size(64, 64)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("bench")
    write_model(directory, SMALL, QUANTS["Q4_K"])
    return directory


def course(model: Path, linear: str = "auto") -> Course:
    return Course(model, SMALL, (SIZE,), 1, 1, linear, product_seconds=0, copied_bytes=1 << 20)


def task(model: Path) -> Task:
    return Task(model, "Q4_K", SIZE, 1, None, "auto", small=True)


def test_a_whole_run_has_every_way_that_the_device_has(
    model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    def run_on(kind: str, task: Task, kept: str, sizes: tuple[Size, ...], turns: int) -> Stock:
        if kept == stock.DENSE:
            raise TurnFailed("diffusers ended with 1: no memory")
        return Stock(kept, "0.42.1", 1.0, (StockFigures(SIZE, 2.0, 0.5, 1 << 30),))

    monkeypatch.setattr(stock, "run_on", run_on)
    code = bench_device.bench_on(
        CpuDevice(), task(model), course(model), diffusers=True, as_json=True
    )
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert code == 1
    assert err.splitlines()[-1] == "engine: diffusers ended with 1: no memory"
    assert list(found["strategies"]) == [str(each) for each in strategies("cpu")]
    assert {"dense", "packed"} <= set(found["strategies"])
    for name, kept in found["strategies"].items():
        assert kept["parts"]["transformer"] == name
        figures = kept["sizes"]["64x64"]
        assert all(value > 0 for value in figures["seconds"].values())
        assert figures["seconds"]["picture"] > figures["seconds"]["step"]
        assert figures["share_of_ceiling"] > 0
        assert figures["peak_bytes"] > 0
    ceilings = found["ceilings"]["64x64"]
    assert len(ceilings["shapes"]) == 4
    assert all(rate > 0 for rate in ceilings["block"].values())
    assert found["copying"] > 0
    assert set(found["diffusers"]) == {"gguf"}
    assert found["estimate_l4"] is None


def without_memory_for(monkeypatch: pytest.MonkeyPatch, name: str, strategy: str) -> None:
    """Let one of the module's functions run out of memory with a strategy."""
    real = getattr(measuring, name)

    def work(device: object, course: object, what: Any, *rest: object) -> object:
        kept = what if isinstance(what, str) else what.strategies["transformer"]
        if kept == strategy:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate\n 2 GiB")
        return real(device, course, what, *rest)

    monkeypatch.setattr(measuring, name, work)
    monkeypatch.setattr(measuring, "strategies", lambda kind, linear: ("dense", "packed"))
    monkeypatch.setattr(measuring, "measure_ceilings", lambda *_: None)


def measured(model: Path) -> Found:
    return measuring.measure(CpuDevice(), course(model), lambda what: None)


def test_what_there_is_no_memory_for_is_left_out(model: Path, monkeypatch: pytest.MonkeyPatch):
    without_memory_for(monkeypatch, "_load", "dense")
    found = measured(model)
    assert [kept.strategy for kept in found.kept] == ["packed"]
    assert list(found.left_out) == ["dense"]
    assert "\n" not in found.left_out["dense"]


def test_a_size_that_there_is_no_memory_for_costs_no_other(
    model: Path, monkeypatch: pytest.MonkeyPatch
):
    without_memory_for(monkeypatch, "_pictures", "dense")
    found = measured(model)
    assert [(kept.strategy, len(kept.pictures)) for kept in found.kept] == [
        ("dense", 0),
        ("packed", 1),
    ]
    assert list(found.left_out) == ["dense 64x64"]


def test_a_way_that_was_asked_for_and_is_not_there_is_refused(
    model: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(measuring, "measure_ceilings", lambda *_: None)
    with pytest.raises(UnsupportedModel, match="use --linear auto"):
        measuring.measure(CpuDevice(), course(model, "fp8"), lambda what: None)


def test_work_is_repeated_for_so_long_and_waited_for_once_a_turn(monkeypatch: pytest.MonkeyPatch):
    clock = iter(range(1_000))
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    waits, calls = [], []
    device = SimpleNamespace(synchronise=lambda: waits.append(len(calls)))
    # By that clock each turn takes a second: 8 calls to take 8 seconds, so 1/8 second each.
    assert seconds(device, lambda: calls.append(1), at_least=8) == 1 / 8  # type: ignore[arg-type]
    assert waits == [0, 1, 1, 2, 2, 10, 10, 18, 18, 26]


def test_a_device_that_is_not_there_is_one_line_and_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert main(["bench", "--device", "cuda", "--directory", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        "engine: device cuda is not available: torch sees no NVIDIA GPU here; use --device cpu\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_on_a_cpu_the_report_is_the_cpus(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    device: str,
):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    directory = ["--directory", str(tmp_path)]
    assert main(["bench", "--small", "--json", "--device", device, *directory]) == 0
    assert "phases" in json.loads(capsys.readouterr().out)


def test_flags_for_a_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[Task, Course, bool]] = []

    def bench_on(device: object, task: Task, course: Course, *, diffusers: bool, **_: bool) -> int:
        asked.append((task, course, diffusers))
        return 0

    monkeypatch.setattr(bench_device, "find", lambda device: SimpleNamespace(kind=device))
    monkeypatch.setattr(bench_device, "bench_on", bench_on)
    command = ["bench", "--small", "--device", "cuda", "--directory", str(tmp_path)]
    assert main(command) == 0
    assert main([*command, "--size", "96x64", "--turns", "5", "--steps", "2", "--diffusers"]) == 0
    (first, usual, without), (_, other, with_diffusers) = asked
    assert (first.steps, usual.sizes, usual.turns) == (8, bench_device.SMALL_SIZES, 3)
    assert (other.steps, other.sizes, other.turns) == (2, (Size(96, 64),), 5)
    assert (without, with_diffusers) == (False, True)
    full = Task(tmp_path, "Q4_K", SIZE, 8, None, "auto")
    assert [str(size) for size in bench_device.course({}, full, 3).sizes] == [
        "512x512",
        "768x768",
        "1024x1024",
    ]


@pytest.mark.parametrize("flag", ["--sdcpp", "--picture"])
def test_what_only_the_cpus_report_has_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, flag: str
):
    monkeypatch.setattr(bench_device, "find", lambda device: SimpleNamespace(kind=device))
    command = ["bench", "--device", "cuda", "--directory", str(tmp_path), flag, "/bin/sh"]
    assert main(command) == 2
    assert "leave out --device" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.thorough
@pytest.mark.parametrize("kept", [stock.GGUF, stock.DENSE])
def test_diffusers_runs_with_both_ways_to_keep_weights(model: Path, kept: str):
    sizes = (SIZE, Size(96, 64))
    found = stock.run_on("cpu", task(model), kept, sizes, turns=2)
    assert tuple(each.size for each in found.pictures) == sizes
    assert all(each.step > 0 and each.decode > 0 for each in found.pictures)
