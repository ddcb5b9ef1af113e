"""The small operations: kernels are used where they are right, and torch does it elsewhere."""

from __future__ import annotations

import importlib.util
import logging
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch
from torch import Tensor

from engine.model.fused import Plain, choose, fused_for

# Kernels run by Triton's interpreter, without a GPU; prints what differs, on ordinary sizes and on
# such as fill no block.
INTERPRETED = """
import torch
from engine.model.fused.choose import differing
from engine.model.fused.kernels import Kernels
from engine.model.fused.plain import Plain

kernels, plain = Kernels(), Plain()
print("differing:", differing(kernels, "cpu"))

def same(name, ours, theirs, most=1e-5):
    worst = (ours.float() - theirs.float()).abs().max().item()
    print("odd sizes:", name, "same" if worst <= most else worst)

x, h, weight = torch.randn(5, 77), torch.randn(5, 77), torch.randn(77)
same("sum", kernels.plus_normalised(x, h, weight, 1e-5), plain.plus_normalised(x, h, weight, 1e-5))
same("gate", kernels.gated(x.clone(), h), plain.gated(x.clone(), h))
heads, norm = torch.randn(5, 3, 5, 12).unbind(1)[2], torch.randn(12)
turns = torch.polar(torch.ones(5, 1, 6), torch.rand(5, 1, 6))
ours = kernels.normalised_and_turned(heads, norm, turns, 1e-5)
same("turn", ours, plain.normalised_and_turned(heads, norm, turns, 1e-5))
x, turn = torch.randn(19, 96), torch.linalg.qr(torch.randn(32, 32))[0]
x[3, 5], x[4] = float("nan"), 0
ours, scales = kernels.rounded_tokens(x, torch.ones(96), turn, 127)
theirs, expected = plain.rounded_tokens(x, torch.ones(96), turn, 127)
fine = [row for row in range(19) if row != 3]
same("scales", scales[fine], expected[fine])
same("integers", ours[fine], theirs[fine], most=1)
print("gone wrong stays wrong:", not torch.isfinite(ours[3] * scales[3]).any().item())
sums, rows = torch.randint(-9, 9, (19, 33), dtype=torch.int32), torch.rand(33)
same("sums", kernels.scaled(sums[:, :30], scales, rows[:30], torch.float32)[fine],
     plain.scaled(sums[:, :30], scales, rows[:30], torch.float32)[fine])
"""


@pytest.mark.skipif(
    importlib.util.find_spec("triton") is None,
    reason="Triton is not installed here (it comes with torch for GPUs); pip install triton",
)
def test_kernels_mean_the_same_as_torch() -> None:
    run = subprocess.run(
        [sys.executable, "-c", INTERPRETED],
        env={**os.environ, "TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines() == [
        "differing: []",
        *(f"odd sizes: {name} same" for name in ("sum", "gate", "turn", "scales", "integers")),
        "gone wrong stays wrong: True",
        "odd sizes: sums same",
    ]


class Wrong(Plain):
    """Kernels of which one computes something else."""

    def gated(self, gate: Tensor, x: Tensor) -> Tensor:
        return super().gated(gate, x) * 1.1


@pytest.fixture
def somewhere(monkeypatch: pytest.MonkeyPatch) -> str:
    """A kind of device that is no CPU, computes on this one, and is chosen for anew."""
    choose._chosen.cache_clear()
    real = choose.differing
    monkeypatch.setattr(choose, "differing", lambda kernels, kind: real(kernels, "cpu"))
    return "elsewhere"


def test_the_cpu_has_torch_alone() -> None:
    assert type(fused_for("cpu")) is Plain


def test_kernels_that_are_right_are_used(somewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Plain()
    monkeypatch.setattr(
        choose, "import_module", lambda name: SimpleNamespace(Kernels=lambda: right)
    )
    assert fused_for(somewhere) is right


def test_kernels_that_are_wrong_are_not_used_and_named(
    somewhere: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(choose, "import_module", lambda name: SimpleNamespace(Kernels=Wrong))
    assert type(fused_for(somewhere)) is Plain
    assert "kernels of Triton are wrong here (gated)" in caplog.text


def test_without_triton_torch_does_it_and_says_so(
    somewhere: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(name: str) -> None:
        raise ImportError("No module named 'triton'")

    monkeypatch.setattr(choose, "import_module", missing)
    with caplog.at_level(logging.INFO):
        assert type(fused_for(somewhere)) is Plain
    assert "no kernels of Triton (ImportError: No module named 'triton')" in caplog.text


def test_tokens_become_integers_that_mean_the_same() -> None:
    x, balance = torch.randn(9, 64), torch.rand(64) + 0.5
    turn = torch.linalg.qr(torch.randn(32, 32))[0]
    integers, scales = Plain().rounded_tokens(x, balance, turn, 127)
    back = ((integers * scales).view(9, 2, 32) @ turn.T).view(9, 64) / balance
    assert integers.abs().amax(1).eq(127).all()
    assert (back - x).norm() / x.norm() < 0.02
