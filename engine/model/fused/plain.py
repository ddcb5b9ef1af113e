"""The operations in torch: what they mean, and what is used where there are no kernels."""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.weights.quants import dequantise
from engine.weights.tensors import TensorType

SMALLEST_SCALE: Final = 1e-30


class Plain:
    """In torch, operation by operation; whatever has no kernel stays with it."""

    def normalised(self, x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        """Return RMSNorm (Zhang and Sennrich 2019) over the last dimension of x."""
        return F.rms_norm(x, weight.shape, weight, epsilon)

    def plus_normalised(self, x: Tensor, h: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        """Return x + RMSNorm(h), both [tokens, columns]."""
        return x + self.normalised(h, weight, epsilon)

    def normalised_and_turned(
        self, x: Tensor, weight: Tensor, rotation: Tensor, epsilon: float
    ) -> Tensor:
        """Return RMSNorm of each head of x [tokens, heads, size], its pairs of numbers turned.

        `rotation` is complex64 [tokens, 1, size / 2].
        """
        normal = self.normalised(x, weight, epsilon)
        pairs = torch.view_as_complex(normal.float().reshape(*x.shape[:-1], -1, 2))
        return torch.view_as_real(pairs * rotation).flatten(-2).to(x.dtype)

    def gated(self, gate: Tensor, x: Tensor) -> Tensor:
        """Return silu(gate) * x in the memory of `gate`."""
        return F.silu(gate, inplace=True).mul_(x)

    def rounded_tokens(
        self, x: Tensor, balance: Tensor, turn: Tensor | None, limit: int
    ) -> tuple[Tensor, Tensor]:
        """Return tokens [tokens, columns] as int8 up to `limit`, and their scales [tokens, 1].

        Columns are multiplied by `balance`, then each run of them is turned by the matrix `turn`.
        """
        numbers = x * balance
        if turn is not None:
            numbers = (numbers.reshape(-1, len(turn)) @ turn).view(x.shape)
        largest = torch.maximum(numbers.amax(1, keepdim=True), -numbers.amin(1, keepdim=True))
        scales = largest.div_(limit).clamp_min_(SMALLEST_SCALE)
        return numbers.div_(scales).round_().to(torch.int8), scales

    def scaled(self, sums: Tensor, tokens: Tensor, rows: Tensor, dtype: torch.dtype) -> Tensor:
        """Return int32 sums [tokens, rows] times the scales of `tokens` [tokens, 1] and `rows`."""
        return (sums * rows).mul_(tokens).to(dtype)

    def unpacked(
        self, data: Tensor, kind: TensorType, shape: tuple[int, ...], dtype: torch.dtype
    ) -> Tensor:
        """Return stored bytes as floats; see `engine.weights.quants.dequantise`."""
        return dequantise(data, kind, shape, dtype)
