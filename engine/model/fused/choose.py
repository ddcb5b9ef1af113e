"""Which way a device does the small operations: kernels if they are there, and right."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Final

import torch
from torch import Tensor

from engine.model.fused.plain import Plain
from engine.weights.tensors import GGML_TYPES, TensorType

KERNELS: Final = "engine.model.fused.kernels"
# Of bfloat16 numbers that were rounded once or twice, as a share of their length.
_MOST_ERROR: Final = 0.02
_TRIED_KINDS: Final = ("Q8_0", "Q4_K", "Q6_K")

_choosing = threading.Lock()


PLAIN: Final = Plain()


def fused_for(kind: str) -> Plain:
    """Return the operations for a kind of device; kernels are compiled and tried the first time."""
    with _choosing:
        return _chosen(kind)


@cache
def _chosen(kind: str) -> Plain:
    if kind == "cpu":
        return PLAIN
    log = logging.getLogger(__name__)
    try:
        kernels: Plain = import_module(KERNELS).Kernels()
        wrong = differing(kernels, kind)
    except Exception as error:
        # Triton lacks a compiler, a driver or this GPU's kind, and says so in as many ways.
        log.info("no kernels of Triton (%s: %s); torch does it", type(error).__name__, error)
        return PLAIN
    if wrong:
        log.warning("kernels of Triton are wrong here (%s); torch does it", ", ".join(wrong))
        return PLAIN
    log.info("small operations are kernels of Triton")
    return kernels


def differing(kernels: Plain, device: str) -> list[str]:
    """Return the names of the operations whose results on a device are not those of `Plain`."""
    found: list[str] = []
    for name, ours, theirs in _trials(kernels, device):
        error = (ours.float() - theirs.float()).norm() / theirs.float().norm()
        if not error < _MOST_ERROR:
            found.append(name)
    return found


def _trials(kernels: Plain, device: str) -> Iterator[tuple[str, Tensor, Tensor]]:
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).to(device, torch.bfloat16)

    x, h, weight = normal(24, 192), normal(24, 192), normal(192)
    yield (
        "plus_normalised",
        kernels.plus_normalised(x, h, weight, 1e-5),
        PLAIN.plus_normalised(x, h, weight, 1e-5),
    )
    heads, norm = normal(24, 3, 3, 64).unbind(1)[1], normal(64)
    turns = torch.polar(torch.ones(24, 1, 32), torch.rand(24, 1, 32, generator=generator) * 6)
    turns = turns.to(device)
    yield (
        "normalised_and_turned",
        kernels.normalised_and_turned(heads, norm, turns, 1e-5),
        PLAIN.normalised_and_turned(heads, norm, turns, 1e-5),
    )
    yield "gated", kernels.gated(x.clone(), h), PLAIN.gated(x.clone(), h)
    balance, turn = weight.float().abs() + 0.5, torch.linalg.qr(normal(64, 64).float().cpu())[0]
    ours = kernels.rounded_tokens(x, balance, turn.to(device), 127)
    theirs = PLAIN.rounded_tokens(x, balance, turn.to(device), 127)
    yield "rounded_tokens", ours[0] * ours[1], theirs[0] * theirs[1]
    sums = torch.randint(-9999, 9999, (24, 192), generator=generator, dtype=torch.int32).to(device)
    scales = theirs[1], balance
    yield (
        "scaled",
        kernels.scaled(sums, *scales, torch.bfloat16),
        PLAIN.scaled(sums, *scales, torch.bfloat16),
    )
    for kind in (each for each in GGML_TYPES.values() if each.name in _TRIED_KINDS):
        data = _blocks(kind, generator).to(device)
        shape = (3, 5 * kind.block)
        yield (
            f"unpacked {kind.name}",
            kernels.unpacked(data, kind, shape, torch.bfloat16),
            PLAIN.unpacked(data, kind, shape, torch.bfloat16),
        )


def _blocks(kind: TensorType, generator: torch.Generator) -> Tensor:
    """Return 15 blocks of any numbers whose scales are ordinary ones."""
    blocks = torch.randint(0, 256, (15, kind.block_bytes), generator=generator, dtype=torch.uint8)
    scale = torch.full((15, 1), 0.25, dtype=torch.float16).view(torch.uint8)
    blocks[:, :2] = blocks[:, -2:] = scale
    if kind.name == "Q4_K":
        blocks[:, 2:4] = scale
    return blocks
