"""Reader of safetensors headers.

The format (https://github.com/huggingface/safetensors#format): the header's length as an
unsigned 64-bit integer, the header as JSON, then the tensors' bytes, little endian. The file is
never mapped into memory, so that it may lie on a network mount.
"""

from __future__ import annotations

import math
from typing import Final, TypeGuard

from engine.errors import MalformedFile, UnsupportedModel
from engine.weights.place import Place
from engine.weights.tables import parse_table
from engine.weights.tensors import (
    BF16,
    F16,
    F32,
    Header,
    MetadataValue,
    TensorFacts,
    TensorType,
    check_extents,
    shown,
)

MAX_HEADER_BYTES: Final = 100_000_000
MAX_DIMENSIONS: Final = 8

_TEXT_BYTES: Final = 9
_VALUE_BYTES: Final = 128
_SPARE_BYTES: Final = 4 << 20

_TYPES: Final[dict[str, TensorType]] = {
    "F32": F32,
    "F16": F16,
    "BF16": BF16,
    "F64": TensorType("F64", 1, 8),
    "I64": TensorType("I64", 1, 8),
    "U64": TensorType("U64", 1, 8),
    "I32": TensorType("I32", 1, 4),
    "U32": TensorType("U32", 1, 4),
    "I16": TensorType("I16", 1, 2),
    "U16": TensorType("U16", 1, 2),
    "I8": TensorType("I8", 1, 1),
    "U8": TensorType("U8", 1, 1),
    "BOOL": TensorType("BOOL", 1, 1),
    "F8_E4M3": TensorType("F8_E4M3", 1, 1),
    "F8_E5M2": TensorType("F8_E5M2", 1, 1),
    "F8_E8M0": TensorType("F8_E8M0", 1, 1),
    "F8_E4M3FNUZ": TensorType("F8_E4M3FNUZ", 1, 1),
    "F8_E5M2FNUZ": TensorType("F8_E5M2FNUZ", 1, 1),
    "F6_E2M3": TensorType("F6_E2M3", 4, 3),
    "F6_E3M2": TensorType("F6_E3M2", 4, 3),
    "F4": TensorType("F4", 2, 1),
    "C64": TensorType("C64", 1, 8),
}


def read_header(path: Place) -> Header:
    """Read the header of a safetensors file; the tensors' bytes are not touched.

    Raises `MalformedFile` for a truncated or inconsistent file, `UnsupportedModel` for a tensor
    type that is not known, and `OSError` as `open` does.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, MAX_HEADER_BYTES):
            raise MalformedFile(
                f"{path.name} is truncated or no safetensors file: its header claims {length:,} "
                f"bytes and the file has {size:,}; download it again"
            )
        data = file.read(length)
    _check_proportion(path, size, data)
    entries = parse_table(path.name, data)
    metadata = _metadata(path, entries.pop("__metadata__", {}))
    tensors = {name: _tensor(path, name, entry, 8 + length) for name, entry in entries.items()}
    check_extents(path, size, tensors)
    return Header(path, "safetensors", size, tensors, metadata)


def _check_proportion(path: Place, size: int, data: bytes) -> None:
    """Raise `MalformedFile` for a header that would take more memory than the whole file has.

    Text may grow to four bytes for each of its own, twice, and each value to an object.
    """
    values = data.count(b",") + data.count(b"[") + data.count(b"{") + data.count(b":")
    if _TEXT_BYTES * len(data) + _VALUE_BYTES * values > size + _SPARE_BYTES:
        raise MalformedFile(
            f"{path.name} is malformed: its header of {len(data):,} bytes lists {values:,} values, "
            f"out of all proportion to a file of {size:,} bytes; download it again"
        )


def _metadata(path: Place, entries: object) -> dict[str, MetadataValue]:
    if not isinstance(entries, dict) or not all(isinstance(v, str) for v in entries.values()):
        raise MalformedFile(
            f"{path.name} is malformed: its __metadata__ holds more than texts; download it again"
        )
    return dict(entries)


def _tensor(path: Place, name: str, entry: object, data_start: int) -> TensorFacts:
    fields = entry if isinstance(entry, dict) else {}
    dtype, shape, offsets = (fields.get(key) for key in ("dtype", "shape", "data_offsets"))
    if not (
        isinstance(dtype, str)
        and _whole_numbers(shape)
        and _whole_numbers(offsets)
        and len(offsets) == 2
        and len(shape) <= MAX_DIMENSIONS
    ):
        raise MalformedFile(
            f"{path.name} is malformed: tensor {shown(name)} is not described by dtype, shape and "
            "data_offsets; download it again"
        )
    if dtype not in _TYPES:
        raise UnsupportedModel(
            f"{path.name}: tensor {shown(name)} has type {shown(dtype)}, which is not known; "
            "choose a file in F32, F16 or BF16"
        )
    kind = _TYPES[dtype]
    begin, end = offsets
    numbers = math.prod(shape)
    if numbers % kind.block or end - begin != kind.row_bytes(numbers):
        raise MalformedFile(
            f"{path.name} is malformed: tensor {shown(name)} spans {end - begin:,} bytes, which "
            f"does not fit its shape {shape} in {kind.name}; download it again"
        )
    return TensorFacts(name, tuple(shape), kind, data_start + begin, end - begin)


def _whole_numbers(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(
        isinstance(v, int) and not isinstance(v, bool) and 0 <= v < 1 << 63 for v in value
    )
