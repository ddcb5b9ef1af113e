"""How a file's tensors become the tensors of a part of the model, by the part's own names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from engine.errors import MalformedFile, UnsupportedModel
from engine.weights.prepared import BALANCE, SCALE
from engine.weights.tensors import READABLE_TYPES, Header, TensorFacts, shown

_ROUNDED: Final = "I8"


class PartTensors:
    """The tensors of one part by canonical name.

    A name may stand for several tensors of the file, stacked along their first dimension (split
    query, key and value, say). Shapes are checked here, so that nothing after loading needs to.
    `rounded` are the names that may stand for weights rounded beforehand, up to `rounded_to`.
    """

    def __init__(
        self,
        header: Header,
        stacks: Mapping[str, tuple[TensorFacts, ...]],
        rounded: Collection[str] = (),
        rounded_to: int | None = None,
    ) -> None:
        self.path = header.path
        self.files = header.files
        self.rounded_to = rounded_to
        self._rounded = frozenset(rounded)
        self._stacks = dict(stacks)
        self._required: dict[str, tuple[TensorFacts, ...]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._stacks

    def __getitem__(self, name: str) -> tuple[TensorFacts, ...]:
        return self._required[name]

    @property
    def required(self) -> Mapping[str, tuple[TensorFacts, ...]]:
        """The tensors that `vector` and `matrix` asked for: the ones to be read."""
        return self._required

    @property
    def bytes(self) -> int:
        """The bytes of all tensors to be read."""
        return sum(t.bytes for stack in self._required.values() for t in stack)

    @property
    def extents(self) -> list[tuple[int, int]]:
        """Where the tensors to be read lie, as (offset, bytes), in about the order of use."""
        return [(t.offset, t.bytes) for stack in self._required.values() for t in stack]

    def extents_of(self, name: str) -> list[tuple[int, int]]:
        """Where one of them lies."""
        return [(t.offset, t.bytes) for t in self._required[name]]

    @property
    def elements(self) -> int:
        """The numbers in all tensors to be read."""
        return sum(t.elements for stack in self._required.values() for t in stack)

    def vector(self, name: str, length: int | None = None) -> int:
        """Require a vector, stored with any number of dimensions of 1; return its length."""
        stack = self._get(name)
        found = sum(t.elements for t in stack)
        if any(t.elements != max(t.shape, default=1) for t in stack) or found == 0:
            raise self._misfit(name, "a vector")
        if length is not None and found != length:
            raise self._misfit(name, f"[{length}]")
        return found

    def matrix(self, name: str, *shape: int | None) -> tuple[int, ...]:
        """Require a tensor of this shape, None standing for any size; return its shape."""
        stack = self._get(name)
        found = (sum(t.shape[0] for t in stack if t.shape), *stack[0].shape[1:])
        agree = all(t.shape[1:] == found[1:] for t in stack) and len(found) == len(shape)
        fits = agree and all(
            have > 0 if want is None else have == want
            for have, want in zip(found, shape, strict=True)
        )
        if not fits:
            wanted = ", ".join("any" if size is None else str(size) for size in shape)
            raise self._misfit(name, f"[{wanted}]")
        if any(t.type.name == _ROUNDED for t in stack):
            self.vector(name + SCALE, found[0])
            self.vector(name + BALANCE, found[-1])
        return found

    def pointwise(self, name: str, rows: int, columns: int) -> None:
        """Require a linear layer's matrix, which may be stored as a 1x1 convolution."""
        convolution = all(len(t.shape) == 4 for t in self._get(name))
        self.matrix(name, rows, columns, *((1, 1) if convolution else ()))

    def count(self, prefix: str) -> int:
        """Return how many numbered groups `prefix.0`, `prefix.1` and so on there are."""
        pattern = re.compile(re.escape(prefix) + r"\.([0-9]{1,4})\.")
        indices = {int(m[1]) for name in self._stacks if (m := pattern.match(name))}
        for index in range(len(indices)):
            if index not in indices:
                raise MalformedFile(
                    f"{self.path.name} is incomplete: it has {prefix}.{max(indices)} and no "
                    f"{prefix}.{index}; download it again"
                )
        return len(indices)

    def _get(self, name: str) -> tuple[TensorFacts, ...]:
        if name not in self._stacks:
            raise UnsupportedModel(
                f"{self.path.name} lacks the tensor {name}, so it is incomplete or of another "
                "model; download it again or choose another file"
            )
        for tensor in self._stacks[name]:
            rounded = name in self._rounded and tensor.type.name == _ROUNDED
            if tensor.type.name not in READABLE_TYPES and not rounded:
                raise UnsupportedModel(
                    f"{self.path.name}: tensor {shown(tensor.name)} is stored as "
                    f"{tensor.type.name}, which is not read; choose a file in another "
                    "quantisation, for example Q4_K_M or Q8_0"
                )
        self._required[name] = self._stacks[name]
        return self._stacks[name]

    def _misfit(self, name: str, wanted: str) -> UnsupportedModel:
        shapes = " and ".join(str(list(t.shape)) for t in self._stacks[name])
        return UnsupportedModel(
            f"{self.path.name}: tensor {name} has shape {shapes} where {wanted} is expected; "
            "this is no Z-Image file that fits together, choose another"
        )


def stack_by_name(
    tensors: Iterable[tuple[str, int, TensorFacts]],
) -> dict[str, tuple[TensorFacts, ...]]:
    """Gather (canonical name, place in the stack, tensor) into stacks ordered by place."""
    places: dict[str, dict[int, TensorFacts]] = {}
    for name, place, tensor in tensors:
        places.setdefault(name, {})[place] = tensor
    return {
        name: tuple(stack[place] for place in sorted(stack))
        for name, stack in places.items()
        if sorted(stack) == list(range(len(stack)))
    }
