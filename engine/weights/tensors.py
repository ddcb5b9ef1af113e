"""What the header of a weight file says, whatever the file's format: tensors and metadata."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.errors import MalformedFile
from engine.weights.place import Place


@dataclass(frozen=True, slots=True)
class TensorType:
    """How numbers are stored: each block of `block` numbers of a row takes `block_bytes` bytes."""

    name: str
    block: int
    block_bytes: int

    def row_bytes(self, columns: int) -> int:
        """Return the bytes of a row of `columns` numbers (a multiple of `block`)."""
        return columns // self.block * self.block_bytes


F32: Final = TensorType("F32", 1, 4)
F16: Final = TensorType("F16", 1, 2)
BF16: Final = TensorType("BF16", 1, 2)

# Block sizes as in ggml/src/ggml-common.h of github.com/ggml-org/ggml; the ids are GGUF's.
GGML_TYPES: Final[Mapping[int, TensorType]] = {
    0: F32,
    1: F16,
    2: TensorType("Q4_0", 32, 18),
    3: TensorType("Q4_1", 32, 20),
    6: TensorType("Q5_0", 32, 22),
    7: TensorType("Q5_1", 32, 24),
    8: TensorType("Q8_0", 32, 34),
    9: TensorType("Q8_1", 32, 40),
    10: TensorType("Q2_K", 256, 84),
    11: TensorType("Q3_K", 256, 110),
    12: TensorType("Q4_K", 256, 144),
    13: TensorType("Q5_K", 256, 176),
    14: TensorType("Q6_K", 256, 210),
    15: TensorType("Q8_K", 256, 292),
    16: TensorType("IQ2_XXS", 256, 66),
    17: TensorType("IQ2_XS", 256, 74),
    18: TensorType("IQ3_XXS", 256, 98),
    19: TensorType("IQ1_S", 256, 50),
    20: TensorType("IQ4_NL", 32, 18),
    21: TensorType("IQ3_S", 256, 110),
    22: TensorType("IQ2_S", 256, 82),
    23: TensorType("IQ4_XS", 256, 136),
    24: TensorType("I8", 1, 1),
    25: TensorType("I16", 1, 2),
    26: TensorType("I32", 1, 4),
    27: TensorType("I64", 1, 8),
    28: TensorType("F64", 1, 8),
    29: TensorType("IQ1_M", 256, 56),
    30: BF16,
    34: TensorType("TQ1_0", 256, 54),
    35: TensorType("TQ2_0", 256, 66),
    39: TensorType("MXFP4", 32, 17),
    40: TensorType("NVFP4", 64, 36),
    41: TensorType("Q1_0", 128, 18),
}

# The types whose numbers `engine.weights.quants` can give back.
READABLE_TYPES: Final = frozenset(
    {"F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"}
    | {"Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL", "IQ4_XS"}
)


@dataclass(frozen=True, slots=True)
class TensorFacts:
    """One tensor of a file: its `bytes` bytes begin `offset` bytes into the file.

    `shape` is in torch's order: the last dimension is contiguous.
    """

    name: str
    shape: tuple[int, ...]
    type: TensorType
    offset: int
    bytes: int

    @property
    def elements(self) -> int:
        """How many numbers the tensor holds."""
        return math.prod(self.shape)

    @property
    def end(self) -> int:
        """The offset of the first byte after the tensor."""
        return self.offset + self.bytes


@dataclass(frozen=True, slots=True)
class ArrayFacts:
    """An array in the metadata, left unread: `count` values in `bytes` bytes from `offset`."""

    kind: str
    count: int
    offset: int
    bytes: int


MetadataValue = bool | int | float | str | ArrayFacts


@dataclass(frozen=True, slots=True)
class Shard:
    """One of the files that a part is stored in: its bytes follow those of the shard before."""

    path: Place
    bytes: int


@dataclass(frozen=True, slots=True)
class Header:
    """Everything that a weight file says about itself before its numbers begin.

    A part in several files has one header: `path` is the first of them, and offsets count
    through all `shards` as though they were one file of `size` bytes.
    """

    path: Place
    format: str
    size: int
    tensors: Mapping[str, TensorFacts]
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    shards: tuple[Shard, ...] = ()

    @property
    def files(self) -> tuple[Shard, ...]:
        """The files that the tensors' bytes lie in."""
        return self.shards or (Shard(self.path, self.size),)

    def text(self, key: str) -> str | None:
        """Return a string of the metadata, None where the key is missing."""
        value = self.metadata.get(key)
        if value is None or isinstance(value, str):
            return value
        raise self._wrong_kind(key, value, "a string")

    def integer(self, key: str) -> int | None:
        """Return a whole number of the metadata, None where the key is missing."""
        value = self.metadata.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self._wrong_kind(key, value, "a whole number")

    def number(self, key: str) -> float | None:
        """Return a finite number of the metadata, None where the key is missing.

        Safetensors metadata is text alone, so a number written as text is read too.
        """
        value = self.metadata.get(key)
        if value is None:
            return None
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                number = float(value)
            except (ValueError, OverflowError):
                number = math.nan
            if math.isfinite(number):
                return number
        raise self._wrong_kind(key, value, "a number")

    def array(self, key: str, kind: str) -> ArrayFacts | None:
        """Return where an array of `kind` lies, None where the key is missing."""
        value = self.metadata.get(key)
        if value is None or (isinstance(value, ArrayFacts) and value.kind == kind):
            return value
        raise self._wrong_kind(key, value, f"an array of {kind}")

    def _wrong_kind(self, key: str, value: MetadataValue, expected: str) -> MalformedFile:
        shown = f"an array of {value.kind}" if isinstance(value, ArrayFacts) else repr(value)[:60]
        return MalformedFile(
            f"{self.path.name}: metadata {key} is {shown} where {expected} is expected; "
            "download the file again or choose another"
        )


def check_extents(path: Place, size: int, tensors: Mapping[str, TensorFacts]) -> None:
    """Raise `MalformedFile` if a tensor lies outside the file or two share bytes.

    Tensors without numbers share nothing, but have to lie inside all the same.
    """
    end, previous = 0, ""
    for tensor in sorted(tensors.values(), key=lambda t: (t.offset, t.bytes)):
        if tensor.bytes and tensor.offset < end:
            raise MalformedFile(
                f"{path.name} is inconsistent: tensors {shown(previous)} and {shown(tensor.name)} "
                "share bytes; download it again"
            )
        if tensor.end > end:
            end, previous = tensor.end, tensor.name
    if end > size:
        raise MalformedFile(
            f"{path.name} is truncated: tensor {shown(previous)} needs bytes up to {end:,} and the "
            f"file has {size:,}; download it again"
        )


def shown(name: str) -> str:
    """Return a name from a file as it may stand in a one-line message."""
    printable = name if name.isprintable() else ascii(name)[1:-1]
    return printable if len(printable) <= 80 else printable[:77] + "..."
