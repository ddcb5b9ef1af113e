"""The parameters of a part, and the linear layers made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from engine.model.linear.byte_products import quickest_product
from engine.model.linear.dense import DenseLinear
from engine.model.linear.fp8 import Fp8Linear
from engine.model.linear.int8 import Int8Linear
from engine.model.linear.int8_device import DeviceInt8Linear
from engine.model.linear.packed import PackedLinear
from engine.model.linear.rounding import RoundedWeight
from engine.model.linear.strategy import Strategy
from engine.weights.prepared import BALANCE, SCALE
from engine.weights.stream import StoredTensor, TensorReader


class Linear(Protocol):
    """y = x W' + b over the last dimension of x."""

    def __call__(self, x: Tensor) -> Tensor:
        """Return y [..., rows of W] for x [..., columns of W]."""


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
        self._limit = reader.rounded_to

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

    def rows(self, name: str, indices: Sequence[int]) -> Tensor:
        """Return some rows of a matrix as floats, without reading the others."""
        return self._dense(self._reader.read_rows(self._prefix + name, indices))

    def linear(self, name: str) -> Linear:
        """Return the linear layer of weight `name.weight` and, where there is one, `name.bias`."""
        if self._strategy is Strategy.INT8:
            kind = Int8Linear if self.device.type == "cpu" else DeviceInt8Linear
            weight, bias = self._prepared(name), self._bias(name)
            return kind(weight, bias) if weight else kind.of(self._stack(name), bias)
        if self._strategy is Strategy.FP8:
            return Fp8Linear(self._stack(name), self._bias(name))
        return self.exact_linear(name)

    def exact_linear(self, name: str) -> Linear:
        """Return a linear layer that is never rounded: it is small, or much depends on it."""
        if self._strategy is Strategy.DENSE:
            return DenseLinear(self._stack(name), self._bias(name), self.dtype)
        return PackedLinear(self._stack(name, keep=True), self._bias(name), self.dtype)

    def _prepared(self, name: str) -> RoundedWeight | None:
        """Return a weight that was rounded beforehand, None if it was not."""
        weight = f"{name}.weight"
        if self._limit is None or weight + SCALE not in self:
            return None
        (stored,) = self._reader.read(self._prefix + weight, keep=quickest_product()[0].keeps)
        stored = stored.to(self.device)
        integers = stored.data.view(torch.int8).view(stored.shape)
        scales, balance = (self._floats(weight + each) for each in (SCALE, BALANCE))
        return RoundedWeight(integers, scales, balance, self._limit)

    def _floats(self, name: str) -> Tensor:
        """Return a vector of full precision, whatever the part computes in."""
        return self.stored(name).numbers().flatten()

    def _stack(self, name: str, *, keep: bool = False) -> list[StoredTensor]:
        stack = self._reader.read(f"{self._prefix}{name}.weight", keep=keep)
        return [stored.to(self.device) for stored in stack]

    def _bias(self, name: str) -> Tensor | None:
        return self.vector(f"{name}.bias") if f"{name}.bias" in self else None

    def _dense(self, stored: StoredTensor) -> Tensor:
        return stored.to(self.device).numbers(self.dtype)
