"""Reader of GGUF headers.

The format is described at https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: little
endian; magic, version, counts; key-value pairs; tensor descriptions; padding; tensor data.
Nothing here trusts the file: every count and length is compared with the bytes that are there
before anything is read or allocated for it, and what is kept of a header is small: arrays and
long texts stay in the file.
"""

from __future__ import annotations

import math
import struct
from typing import BinaryIO, Final

from engine.errors import MalformedFile, UnsupportedModel
from engine.weights.place import Place
from engine.weights.tensors import (
    GGML_TYPES,
    ArrayFacts,
    Header,
    MetadataValue,
    TensorFacts,
    check_extents,
    shown,
)

MAGIC: Final = b"GGUF"
VERSIONS: Final = (2, 3)
DEFAULT_ALIGNMENT: Final = 32
MAX_HEADER_BYTES: Final = 32 << 20
MAX_DIMENSIONS: Final = 4
MAX_NAME_BYTES: Final = 128  # ggml itself allows 64
MAX_TENSORS: Final = 2_048  # a whole checkpoint of Z-Image with its encoder has half as many
MAX_PAIRS: Final = 1_024
MAX_STRINGS: Final = 1 << 20  # in one array; the largest vocabularies have a quarter of that
LONG_TEXT_BYTES: Final = 256  # chat templates and licences are longer, and left unread

_CHUNK: Final = 1 << 20
_KEY_VALUE_BYTES: Final = 8 + 4 + 1  # the least that a pair takes: no key, a type, one byte
_TENSOR_BYTES: Final = 8 + 4 + 4 + 8  # the least that a description takes: no name, no dimension
_STRING: Final = 8
_ARRAY: Final = 9
_SCALARS: Final[dict[int, tuple[str, struct.Struct]]] = {
    0: ("uint8", struct.Struct("<B")),
    1: ("int8", struct.Struct("<b")),
    2: ("uint16", struct.Struct("<H")),
    3: ("int16", struct.Struct("<h")),
    4: ("uint32", struct.Struct("<I")),
    5: ("int32", struct.Struct("<i")),
    6: ("float32", struct.Struct("<f")),
    7: ("bool", struct.Struct("<?")),
    10: ("uint64", struct.Struct("<Q")),
    11: ("int64", struct.Struct("<q")),
    12: ("float64", struct.Struct("<d")),
}
_U32: Final = struct.Struct("<I")
_U64: Final = struct.Struct("<Q")


def read_header(path: Place) -> Header:
    """Read the header of a GGUF file; the tensors' bytes are not touched.

    Raises `MalformedFile` for a truncated or inconsistent file, `UnsupportedModel` for a
    version, byte order or tensor type that is not known, and `OSError` as `open` does.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        cursor = _Cursor(file, path, size)
        _check_magic_and_version(cursor)
        tensor_count = cursor.count("tensors", _TENSOR_BYTES, MAX_TENSORS)
        pair_count = cursor.count("metadata pairs", _KEY_VALUE_BYTES, MAX_PAIRS)
        metadata = _read_metadata(cursor, pair_count)
        descriptions = [_read_description(cursor) for _ in range(tensor_count)]
    data_start = _align(cursor.position, _alignment(path, metadata))
    tensors = _place(path, descriptions, data_start, _alignment(path, metadata))
    check_extents(path, size, tensors)
    return Header(path, "gguf", size, tensors, metadata)


def read_strings(header: Header, key: str) -> list[str] | None:
    """Return a string array of the metadata, None where the key is missing."""
    array = header.array(key, "string")
    if array is None:
        return None
    data = _read_array(header, key, array)
    length_at, at = _U64.unpack_from, 0
    texts = []
    try:
        for _ in range(array.count):
            start = at + _U64.size
            at = start + length_at(data, at)[0]
            texts.append(data[start:at].decode())
    except (struct.error, UnicodeDecodeError):
        at = -1
    if at != len(data):
        raise MalformedFile(
            f"{header.path.name} is malformed: a text of {key} is not UTF-8; download it again"
        )
    return texts


def read_integers(header: Header, key: str) -> list[int] | None:
    """Return an int32 array of the metadata, None where the key is missing."""
    array = header.array(key, "int32")
    if array is None:
        return None
    return list(struct.unpack(f"<{array.count}i", _read_array(header, key, array)))


def _read_array(header: Header, key: str, array: ArrayFacts) -> bytes:
    with header.path.open("rb") as file:
        file.seek(array.offset)
        data = file.read(array.bytes)
    if len(data) != array.bytes:
        raise _truncated(header.path, header.size, key)
    return data


class _Cursor:
    """Reads a header front to back through a window, checking bounds before each step."""

    def __init__(self, file: BinaryIO, path: Place, size: int) -> None:
        self._file = file
        self._path = path
        self._size = size
        self._window = b""
        self._window_start = 0
        self.position = 0

    @property
    def path(self) -> Place:
        return self._path

    def skip(self, count: int, what: str) -> None:
        """Move over `count` bytes that must be there."""
        end = self.position + count
        if end > self._size:
            raise _truncated(self._path, self._size, what)
        if end > MAX_HEADER_BYTES:
            raise MalformedFile(
                f"{self._path.name} is malformed: its header claims more than "
                f"{MAX_HEADER_BYTES >> 20} MiB; download it again"
            )
        self.position = end

    def take(self, count: int, what: str) -> bytes:
        """Return the next `count` bytes."""
        start = self.position
        self.skip(count, what)
        begin = start - self._window_start
        if not 0 <= begin <= begin + count <= len(self._window):
            self._file.seek(start)
            self._window = self._file.read(max(count, _CHUNK))
            self._window_start, begin = start, 0
            if len(self._window) < count:
                raise _truncated(self._path, self._size, what)
        return self._window[begin : begin + count]

    def skip_strings(self, count: int, what: str) -> None:
        """Move over `count` strings; a vocabulary has hundreds of thousands."""
        length_at, window = _U64.unpack_from, self._window
        at, last = self.position - self._window_start, len(window) - 8
        for _ in range(count):
            if not 0 <= at <= last:
                self._skip_to(self._window_start + at, what)
                self.take(8, what)
                window = self._window
                at, last = self.position - 8 - self._window_start, len(window) - 8
            at += 8 + length_at(window, at)[0]
        self._skip_to(self._window_start + at, what)

    def _skip_to(self, position: int, what: str) -> None:
        self.skip(position - self.position, what)

    def scalar(self, layout: struct.Struct, what: str) -> int:
        value: int = layout.unpack(self.take(layout.size, what))[0]
        return value

    def count(self, what: str, least_bytes: int, limit: int = MAX_HEADER_BYTES) -> int:
        """Read a number of things that each take at least `least_bytes` of the file."""
        count = self.scalar(_U64, f"the number of {what}")
        if count > limit or count * least_bytes > self._size - self.position:
            raise MalformedFile(
                f"{self._path.name} is malformed or truncated: it claims {count:,} {what}, "
                f"more than can be in its {self._size:,} bytes; download it again"
            )
        return count

    def string(self, what: str, limit: int) -> str:
        length = self.scalar(_U64, what)
        if length > limit:
            raise MalformedFile(
                f"{self._path.name} is malformed: {what} claims {length:,} bytes; download it again"
            )
        try:
            return self.take(length, what).decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedFile(
                f"{self._path.name} is malformed: {what} is not UTF-8; download it again"
            ) from None

    def text(self, what: str) -> str | ArrayFacts:
        """Read a value for people or a short name; a long one is left unread."""
        length = self.scalar(_U64, what)
        start = self.position
        if length > LONG_TEXT_BYTES:
            self.skip(length, what)
            return ArrayFacts("text", 1, start, length)
        # A description in some other encoding is no reason to refuse a model.
        return self.take(length, what).decode("utf-8", "replace")


def _check_magic_and_version(cursor: _Cursor) -> None:
    name = cursor.path.name
    if cursor.take(4, "the magic number") != MAGIC:
        raise MalformedFile(
            f"{name} is not a GGUF file: it does not begin with 'GGUF'; download it again"
        )
    version = cursor.scalar(_U32, "the version")
    if version in VERSIONS:
        return
    if version & 0xFFFF == 0 and version:
        raise UnsupportedModel(f"{name} is a big-endian GGUF; use a little-endian one")
    raise UnsupportedModel(
        f"{name} is GGUF version {version}, and versions 2 and 3 are read; convert it anew"
    )


def _read_metadata(cursor: _Cursor, count: int) -> dict[str, MetadataValue]:
    metadata: dict[str, MetadataValue] = {}
    for _ in range(count):
        key = cursor.string("a metadata key", MAX_NAME_BYTES)
        if key in metadata:
            raise MalformedFile(
                f"{cursor.path.name} is malformed: metadata {shown(key)} stands twice; "
                "download it again"
            )
        kind = cursor.scalar(_U32, f"the type of {shown(key)}")
        metadata[key] = _read_value(cursor, kind, shown(key))
    return metadata


def _read_value(cursor: _Cursor, kind: int, key: str) -> MetadataValue:
    if kind == _STRING:
        return cursor.text(key)
    if kind == _ARRAY:
        return _skip_array(cursor, key)
    if kind in _SCALARS:
        value: bool | int | float = _SCALARS[kind][1].unpack(
            cursor.take(_SCALARS[kind][1].size, key)
        )[0]
        return value
    raise MalformedFile(
        f"{cursor.path.name} is malformed: metadata {key} has unknown type {kind}; "
        "download it again"
    )


def _skip_array(cursor: _Cursor, key: str) -> ArrayFacts:
    kind = cursor.scalar(_U32, key)
    if kind == _STRING:
        count = cursor.count(f"values of {key}", 8, MAX_STRINGS)
        start = cursor.position
        cursor.skip_strings(count, key)
        return ArrayFacts("string", count, start, cursor.position - start)
    if kind not in _SCALARS:
        raise MalformedFile(
            f"{cursor.path.name} is malformed: metadata {key} is an array of unknown type {kind}; "
            "download it again"
        )
    name, layout = _SCALARS[kind]
    count = cursor.count(f"values of {key}", layout.size)
    start = cursor.position
    cursor.skip(count * layout.size, key)
    return ArrayFacts(name, count, start, count * layout.size)


def _read_description(cursor: _Cursor) -> TensorFacts:
    """Read one tensor description; its offset is still relative to the start of the data."""
    path = cursor.path
    name = cursor.string("a tensor name", MAX_NAME_BYTES)
    dimensions = cursor.scalar(_U32, f"tensor {shown(name)}")
    if dimensions > MAX_DIMENSIONS:
        raise MalformedFile(
            f"{path.name} is malformed: tensor {shown(name)} claims {dimensions} dimensions, and "
            f"at most {MAX_DIMENSIONS} are possible; download it again"
        )
    extents = [cursor.scalar(_U64, f"tensor {shown(name)}") for _ in range(dimensions)]
    type_id = cursor.scalar(_U32, f"tensor {shown(name)}")
    offset = cursor.scalar(_U64, f"tensor {shown(name)}")
    if type_id not in GGML_TYPES:
        raise UnsupportedModel(
            f"{path.name}: tensor {shown(name)} has type {type_id}, which is not known; "
            "choose a file in another quantisation, for example Q4_K_M or Q8_0"
        )
    kind = GGML_TYPES[type_id]
    shape = tuple(reversed(extents))
    columns = shape[-1] if shape else 1
    if columns % kind.block:
        raise MalformedFile(
            f"{path.name} is malformed: rows of tensor {shown(name)} hold {columns:,} numbers, "
            f"which is no whole number of {kind.name} blocks of {kind.block}; download it again"
        )
    size = kind.row_bytes(math.prod(shape))
    return TensorFacts(name, shape, kind, offset, size)


def _place(
    path: Place, descriptions: list[TensorFacts], start: int, alignment: int
) -> dict[str, TensorFacts]:
    """Return the tensors by name with offsets that count from the start of the file."""
    tensors: dict[str, TensorFacts] = {}
    for tensor in descriptions:
        if tensor.name in tensors:
            raise MalformedFile(
                f"{path.name} is malformed: tensor {shown(tensor.name)} stands twice; "
                "download it again"
            )
        if tensor.offset % alignment:
            raise MalformedFile(
                f"{path.name} is malformed: tensor {shown(tensor.name)} begins at byte "
                f"{tensor.offset:,} of the data, which is no multiple of {alignment}; "
                "download it again"
            )
        tensors[tensor.name] = TensorFacts(
            tensor.name, tensor.shape, tensor.type, start + tensor.offset, tensor.bytes
        )
    return tensors


def _alignment(path: Place, metadata: dict[str, MetadataValue]) -> int:
    value = metadata.get("general.alignment", DEFAULT_ALIGNMENT)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1 or value & (value - 1):
        raise MalformedFile(
            f"{path.name} is malformed: general.alignment is not a power of two; download it again"
        )
    return value


def _align(position: int, alignment: int) -> int:
    return (position + alignment - 1) // alignment * alignment


def _truncated(path: Place, size: int, what: str) -> MalformedFile:
    return MalformedFile(
        f"{path.name} is truncated: it ends within {what}, after {size:,} bytes; download it again"
    )
