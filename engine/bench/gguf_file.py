"""Writes GGUF files of random numbers (github.com/ggml-org/ggml, docs/gguf.md, version 3)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

import numpy as np

from engine.bench.blocks import DEVIATION, random_numbers
from engine.weights.tensors import GGML_TYPES, TensorType

_ALIGNMENT: Final = 32
_UINT32, _INT32, _FLOAT32, _STRING, _ARRAY = 4, 5, 6, 8, 9
_IDS: Final = {kind.name: number for number, kind in GGML_TYPES.items()}

Value = int | float | str | Sequence[int] | Sequence[str]


@dataclass(frozen=True, slots=True)
class Planned:
    """A tensor to be written, of a mean and a standard deviation."""

    name: str
    shape: tuple[int, ...]
    kind: TensorType
    mean: float = 0.0
    deviation: float = DEVIATION

    @property
    def count(self) -> int:
        """How many numbers the tensor has."""
        return int(np.prod(self.shape))

    @property
    def bytes(self) -> int:
        """How many bytes they take."""
        return self.count // self.kind.block * self.kind.block_bytes


def gguf_header(metadata: Mapping[str, Value], tensors: Sequence[Planned]) -> bytes:
    """Return everything that stands before the numbers, padded to where they begin."""
    parts = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(metadata))]
    for key, value in metadata.items():
        parts += [_text(key), _value(value)]
    offset = 0
    for tensor in tensors:
        dimensions = tensor.shape[::-1]
        parts.append(_text(tensor.name))
        parts.append(struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions))
        parts.append(struct.pack("<IQ", _IDS[tensor.kind.name], offset))
        offset += _aligned(tensor.bytes)
    header = b"".join(parts)
    return header + bytes(_aligned(len(header)) - len(header))


def gguf_bytes(header: bytes, tensors: Iterable[Planned]) -> int:
    """Return how large the file will be."""
    return len(header) + sum(_aligned(tensor.bytes) for tensor in tensors)


def write_gguf(
    file: BinaryIO, header: bytes, tensors: Iterable[Planned], random: np.random.Generator
) -> None:
    """Write the header and random numbers for each tensor."""
    file.write(header)
    for tensor in tensors:
        for data in random_numbers(
            tensor.kind, tensor.count, tensor.deviation, tensor.mean, random
        ):
            file.write(data.data)
        file.write(bytes(_aligned(tensor.bytes) - tensor.bytes))


def _aligned(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Value) -> bytes:
    match value:
        case str():
            return struct.pack("<I", _STRING) + _text(value)
        case int():
            return struct.pack("<II", _UINT32, value)
        case float():
            return struct.pack("<If", _FLOAT32, value)
        case _:
            return struct.pack("<I", _ARRAY) + _array(value)


def _array(values: Sequence[int] | Sequence[str]) -> bytes:
    texts = [_text(value) for value in values if isinstance(value, str)]
    if texts:
        return struct.pack("<IQ", _STRING, len(values)) + b"".join(texts)
    numbers = np.array(values, np.int32)
    return struct.pack("<IQ", _INT32, len(values)) + numbers.tobytes()
