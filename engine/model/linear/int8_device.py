"""Weights of 8 bits, multiplied as integers by a GPU; see `engine.model.linear.int8` for the CPU.

Between two products stand two small operations, which are one kernel each where there is Triton
(`engine.model.fused`): tokens become integers, and sums become floats.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from torch import Tensor

from engine.model.fused import Plain, fused_for
from engine.model.linear.byte_products import FULL_RANGE, DeviceProduct
from engine.model.linear.rounding import RoundedWeight, rotation, rounded
from engine.weights.stream import StoredTensor


class DeviceInt8Linear:
    """A linear layer of 8-bit weights on a GPU; y has the type of x."""

    def __init__(
        self, weight: RoundedWeight, bias: Tensor | None, fused: Plain | None = None
    ) -> None:
        """Take a rounded weight; `fused` are the small operations, by default the device's."""
        device = weight.integers.device
        self._fused = fused or fused_for(device.type)
        self._limit, self._balance, self._scales = weight.limit, weight.balance, weight.scales
        self._turn = rotation(weight.integers.shape[1], device)
        self._product = DeviceProduct(weight.integers, weight.scales, weight.limit)
        self._bias = bias

    @classmethod
    def of(
        cls, stack: Sequence[StoredTensor], bias: Tensor | None, fused: Plain | None = None
    ) -> Self:
        """Round a stored weight, where it lies."""
        return cls(rounded(stack, FULL_RANGE), bias, fused)

    def __call__(self, x: Tensor) -> Tensor:
        """Return y [..., rows of W] for x [..., columns of W]."""
        tokens = x.reshape(-1, x.shape[-1])
        rounded = self._fused.rounded_tokens(tokens, self._balance, self._turn, self._limit)
        integers, scales = rounded
        y = self._fused.scaled(self._product.bare(integers), scales, self._scales, x.dtype)
        y = y.view(*x.shape[:-1], -1)
        return y if self._bias is None else y + self._bias
