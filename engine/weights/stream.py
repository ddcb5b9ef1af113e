"""The tensors of a part, read one after another in the order in which they are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.weights.layout import PartTensors
from engine.weights.quants import dequantise
from engine.weights.source import Source
from engine.weights.tensors import F32, TensorType


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor as the file stores it: `data` holds the uint8 bytes of `shape` numbers."""

    data: Tensor
    kind: TensorType
    shape: tuple[int, ...]

    @classmethod
    def of(cls, numbers: Tensor) -> StoredTensor:
        """Return float32 numbers as a file would store them."""
        return cls(numbers.contiguous().view(torch.uint8).flatten(), F32, tuple(numbers.shape))

    def numbers(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return the numbers in the tensor's shape."""
        return dequantise(self.data, self.kind, self.shape, dtype)

    def rows(self, index: Tensor | slice, dtype: torch.dtype = torch.float32) -> Tensor:
        """Return the numbers of some rows of a matrix without touching the others."""
        data = self.data.view(self.shape[0], -1)[index]
        return dequantise(data, self.kind, (len(data), *self.shape[1:]), dtype)

    def to(self, device: torch.device) -> StoredTensor:
        """Return the same tensor on another device; the copy may still be on its way there."""
        return StoredTensor(self.data.to(device, non_blocking=True), self.kind, self.shape)


class TensorReader:
    """Reads a part's tensors from its source; `on_read` hears of the bytes of each read.

    `waited` is how many seconds by `clock` went into waiting for bytes. With `pinned`, what was
    read goes on to a GPU while the next is read.
    """

    def __init__(
        self,
        source: Source,
        tensors: PartTensors,
        on_read: Callable[[int], None],
        clock: Callable[[], float] = time.perf_counter,
        *,
        pinned: bool = False,
    ) -> None:
        self.waited = 0.0
        self._source = source
        self._tensors = tensors
        self._on_read = on_read
        self._clock = clock
        self._pinned = pinned

    @property
    def rounded_to(self) -> int | None:
        """The largest integer of weights that were rounded beforehand, None without such."""
        return self._tensors.rounded_to

    def __contains__(self, name: str) -> bool:
        return name in self._tensors.required

    def read(self, name: str, *, keep: bool = False) -> tuple[StoredTensor, ...]:
        """Return the tensors of the file that make up the part's tensor `name`, in order.

        Those that somebody is to `keep` as they are stay where they came, if they can.
        """
        stack = []
        for facts in self._tensors[name]:
            data = self._lent(facts.offset, facts.bytes) if keep and not self._pinned else None
            if data is None:
                data = torch.empty(facts.bytes, dtype=torch.uint8, pin_memory=self._pinned)
                self._read_into(facts.offset, data.numpy().data)
            self._on_read(facts.bytes)
            stack.append(StoredTensor(data, facts.type, facts.shape))
        return tuple(stack)

    def read_rows(self, name: str, indices: Sequence[int]) -> StoredTensor:
        """Return some rows of a matrix that is one tensor of the file, in the order given."""
        (facts,) = self._tensors[name]
        size = facts.bytes // facts.shape[0]
        data = torch.empty((len(indices), size), dtype=torch.uint8)
        for row, index in zip(data.numpy(), indices, strict=True):
            self._read_into(facts.offset + index * size, row.data)
        return StoredTensor(data.flatten(), facts.type, (len(indices), *facts.shape[1:]))

    def check(self) -> None:
        """See `engine.weights.source.Source.check`."""
        began = self._clock()
        self._source.check()
        self.waited += self._clock() - began

    def _lent(self, offset: int, size: int) -> Tensor | None:
        began = self._clock()
        lent = self._source.lend(offset, size)
        self.waited += self._clock() - began
        return None if lent is None else torch.frombuffer(lent, dtype=torch.uint8)

    def _read_into(self, offset: int, buffer: memoryview) -> None:
        began = self._clock()
        self._source.read_into(offset, buffer)
        self.waited += self._clock() - began
