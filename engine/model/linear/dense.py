"""Dense weights: turned into floats once, when they are loaded."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.weights.stream import StoredTensor


class DenseLinear:
    """A linear layer whose weight is a matrix of floats."""

    def __init__(
        self, stack: Sequence[StoredTensor], bias: Tensor | None, dtype: torch.dtype
    ) -> None:
        self._weight = torch.cat([stored.numbers(dtype) for stored in stack]).flatten(1)
        self._bias = bias

    def __call__(self, x: Tensor) -> Tensor:
        """Return y [..., rows of W] for x [..., columns of W]."""
        return F.linear(x, self._weight, self._bias)
