"""Weights of 8 bits, multiplied as integers: the quickest way on CPUs.

Each row of W has a scale, found once (`engine.model.linear.rounding`); each token of x has one,
found when it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Self

import torch
from torch import Tensor

from engine.model.linear.byte_products import ByteProduct, quickest_product
from engine.model.linear.rounding import RoundedWeight, rotation, rounded, step_of, turned
from engine.weights.stream import StoredTensor

# Tokens that are prepared together: few enough that they stay in the caches.
_TOKENS_AT_ONCE: Final = 64


class Int8Linear:
    """A linear layer of 8-bit weights on a CPU; x and y are float32."""

    def __init__(
        self, weight: RoundedWeight, bias: Tensor | None, product: type[ByteProduct] | None = None
    ) -> None:
        """Take a rounded weight; `product` is how to multiply, by default the quickest here."""
        kind = product or quickest_product()[0]
        self._limit = weight.limit
        self._bias = bias
        self._turn = rotation(weight.integers.shape[1])
        self._balance = weight.balance
        self._product = kind(weight.integers, weight.scales, weight.limit)

    @classmethod
    def of(
        cls,
        stack: Sequence[StoredTensor],
        bias: Tensor | None,
        product: tuple[type[ByteProduct], int] | None = None,
    ) -> Self:
        """Round a stored weight.

        `product` is how to multiply and the largest integer to be used on either side, by
        default what is quickest on this CPU and what it multiplies exactly.
        """
        kind, limit = product or quickest_product()
        return cls(rounded(stack, limit), bias, kind)

    def __call__(self, x: Tensor) -> Tensor:
        """Return y [..., rows of W] for x [..., columns of W]."""
        y = self._product(*self._quantised(x.reshape(-1, x.shape[-1])))
        y = y.view(*x.shape[:-1], -1)
        return y if self._bias is None else y.add_(self._bias)

    def _quantised(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return x [tokens, columns] as integers, and the scales [tokens, 1]."""
        zero = self._product.zero
        integers = torch.empty(x.shape, dtype=self._product.dtype)
        scales = torch.empty(len(x), 1)
        for start in range(0, len(x), _TOKENS_AT_ONCE):
            part = slice(start, start + _TOKENS_AT_ONCE)
            tokens = turned(x[part] * self._balance, self._turn)
            scales[part] = step_of(tokens, self._limit)
            integers[part] = tokens.div_(scales[part]).round_().add_(zero)
        return integers, scales
