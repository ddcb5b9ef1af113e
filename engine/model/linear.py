"""Linear layers behind one interface, and how their weights are kept in memory.

`DENSE` turns a weight into floats once, when it is loaded: quickest, and as large as floats are.
`PACKED` keeps it as the file stores it and turns it into floats for each use, some rows at a
time: as small as the file. `choose_strategy` decides by the memory that is there.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.weights.stream import StoredTensor, TensorReader

# Rows that are unpacked together: small enough for the caches, large enough for the matmul.
_ROWS_AT_ONCE: Final = 512


class Strategy(StrEnum):
    """How the weights of linear layers are kept."""

    DENSE = "dense"
    PACKED = "packed"


def choose_strategy(dense_bytes: int, other_bytes: int, available_bytes: int) -> Strategy:
    """Return `DENSE` if that and the `other_bytes` of weights leave a quarter of the memory free.

    The quarter is for activations, and for what else the device has to hold.
    """
    fits = 4 * (dense_bytes + other_bytes) <= 3 * available_bytes
    return Strategy.DENSE if fits else Strategy.PACKED


class Linear:
    """y = x W' + b over the last dimension of x.

    W is dense, or a stack of packed parts, which may be stored in different ways.
    """

    def __init__(
        self, weight: Tensor | tuple[StoredTensor, ...], bias: Tensor | None, dtype: torch.dtype
    ) -> None:
        self._weight = weight
        self._bias = bias
        self._dtype = dtype

    def __call__(self, x: Tensor) -> Tensor:
        """Return y [..., rows of W] for x [..., columns of W]."""
        if isinstance(self._weight, Tensor):
            return F.linear(x, self._weight, self._bias)
        y = torch.cat([self._packed(x, stored) for stored in self._weight], dim=-1)
        return y if self._bias is None else y + self._bias

    def _packed(self, x: Tensor, weight: StoredTensor) -> Tensor:
        rows = weight.shape[0]
        y = x.new_empty((*x.shape[:-1], rows))
        for start in range(0, rows, _ROWS_AT_ONCE):
            part = slice(start, min(start + _ROWS_AT_ONCE, rows))
            y[..., part] = F.linear(x, weight.rows(part, self._dtype))
        return y


class Parameters:
    """The parameters of a part, or of one of its layers, taken from the file as they are asked for.

    Model code asks in the order of use, so a file is read in that order.
    """

    def __init__(
        self,
        reader: TensorReader,
        device: torch.device,
        dtype: torch.dtype,
        strategy: Strategy,
        prefix: str = "",
    ) -> None:
        self._reader = reader
        self.device = device
        self.dtype = dtype
        self._strategy = strategy
        self._prefix = prefix

    def within(self, name: str) -> Parameters:
        """Return the parameters whose names begin with `name` and a dot."""
        prefix = f"{self._prefix}{name}."
        return Parameters(self._reader, self.device, self.dtype, self._strategy, prefix)

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self._reader

    def tensor(self, name: str) -> Tensor:
        """Return a tensor as floats in the file's shape."""
        stack = self._reader.read(self._prefix + name)
        return torch.cat([self._dense(stored) for stored in stack])

    def vector(self, name: str) -> Tensor:
        """Return a tensor as a vector of floats."""
        return self.tensor(name).flatten()

    def stored(self, name: str) -> StoredTensor:
        """Return a tensor as the file stores it, to be unpacked by rows."""
        (stored,) = self._reader.read(self._prefix + name)
        return stored.to(self.device)

    def linear(self, name: str) -> Linear:
        """Return the linear layer of weight `name.weight` and, where there is one, `name.bias`."""
        stack = self._reader.read(f"{self._prefix}{name}.weight")
        bias = self.vector(f"{name}.bias") if f"{name}.bias" in self else None
        if self._strategy is Strategy.DENSE:
            weight = torch.cat([self._dense(stored) for stored in stack])
            return Linear(weight.flatten(1), bias, self.dtype)
        return Linear(tuple(stored.to(self.device) for stored in stack), bias, self.dtype)

    def _dense(self, stored: StoredTensor) -> Tensor:
        return stored.to(self.device).numbers(self.dtype)
