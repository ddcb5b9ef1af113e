"""Prepares a transformer: its weights rounded once, and written in the order of use.

A start with such a file reads more bytes than Q4_K has and computes nothing: what that is worth
depends on how quickly bytes come and on the processor. Format: `engine.weights.prepared`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from engine.errors import EngineError, UnsupportedModel
from engine.model.linear.rounding import RoundedWeight, rounded
from engine.weights.prepared import BALANCE, SCALE, prepared_limit, prepared_metadata
from engine.weights.source import JoinedFiles
from engine.weights.stream import StoredTensor, TensorReader
from engine.weights.tensors import TensorFacts
from engine.weights.transformer_layout import ROUNDED, TransformerFile

_ARCHITECTURE: Final = "general.architecture"
# The writer states these itself, or they are no longer true.
_OWN: Final = frozenset({_ARCHITECTURE, "general.alignment", "general.file_type"})
_HEADER_ROOM: Final = 16 << 20


class CannotPrepare(EngineError):
    """The file cannot be written; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """A tensor of the file to be written: as stored there, or of a weight that is rounded."""

    name: str
    shape: tuple[int, ...]
    kind: str
    bytes: int


def prepare(
    file: TransformerFile, target: Path, limit: int, on_progress: Callable[[int, int], None]
) -> int:
    """Write `file` with its large weights as integers up to `limit`; return the bytes written.

    Nothing is left behind unless all of it was written. Raises `CannotPrepare` where something is
    at `target` already or there is no room, `UnsupportedModel` for a file that is prepared, and
    `OSError`.
    """
    if prepared_limit(file.header) is not None:
        raise UnsupportedModel(f"{file.header.path.name} is prepared already; use it as it is")
    planned = [tensor for name in file.tensors.required for tensor in _planned(file, name)]
    _check_room(target, sum(tensor.bytes for tensor in planned))
    part = target.with_name(f"{target.name}.part")
    try:
        _write(file, part, limit, planned, on_progress)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(part, target)
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise
    return target.stat().st_size


def _check_room(target: Path, needed: int) -> None:
    if target.exists():
        raise CannotPrepare(f"{target} is there already; name another file, or remove it")
    if not target.parent.is_dir():
        raise CannotPrepare(f"there is no directory {target.parent}; make it first")
    free = shutil.disk_usage(target.parent).free
    if needed + _HEADER_ROOM > free:
        raise CannotPrepare(
            f"{target.parent} has {free / 1e9:.1f} GB free and the file takes "
            f"{needed / 1e9:.1f}; name another directory"
        )


def _is_rounded(name: str, stack: tuple[TensorFacts, ...]) -> bool:
    return name.endswith(ROUNDED) and all(len(tensor.shape) == 2 for tensor in stack)


def _planned(file: TransformerFile, name: str) -> Iterator[_Planned]:
    stack = file.tensors[name]
    rows, columns = sum(t.shape[0] if t.shape else 1 for t in stack), stack[0].shape[-1:]
    if _is_rounded(name, stack):
        yield _Planned(name, (rows, *columns), "I8", rows * columns[0])
        yield _Planned(name + SCALE, (rows,), "F32", 4 * rows)
        yield _Planned(name + BALANCE, columns, "F32", 4 * columns[0])
        return
    if len(stack) > 1:
        raise UnsupportedModel(
            f"{file.header.path.name}: {name} lies in {len(stack)} tensors; use another file"
        )
    (tensor,) = stack
    yield _Planned(name, tensor.shape, tensor.type.name, tensor.bytes)


def _write(
    file: TransformerFile,
    path: Path,
    limit: int,
    planned: list[_Planned],
    on_progress: Callable[[int, int], None],
) -> None:
    import gguf

    metadata = {k: v for k, v in file.header.metadata.items() if isinstance(v, int | float | str)}
    architecture = str(metadata.get(_ARCHITECTURE, "lumina2"))
    writer = gguf.GGUFWriter(path, architecture)
    try:
        for key, value in prepared_metadata(metadata, limit).items():
            if key not in _OWN:
                writer.add_key_value(key, value, _value_type(value))
        for tensor in planned:
            kind = gguf.GGMLQuantizationType[tensor.kind]
            writer.add_tensor_info(
                tensor.name, tensor.shape, np.dtype(np.float32), tensor.bytes, raw_dtype=kind
            )
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        done, total = 0, file.tensors.bytes
        with JoinedFiles(file.header.files, file.tensors.extents) as source:
            reader = TensorReader(source, file.tensors, lambda count: None)
            for name in file.tensors.required:
                for data in _data(file, reader, name, limit):
                    writer.write_tensor_data(data)
                done += sum(tensor.bytes for tensor in file.tensors[name])
                on_progress(done, total)
            source.check()
    finally:
        writer.close()


def _value_type(value: object) -> Any:
    import gguf

    kinds = gguf.GGUFValueType
    match value:
        case bool():
            return kinds.BOOL
        case int():
            return kinds.INT64
        case float():
            return kinds.FLOAT64
        case _:
            return kinds.STRING


@torch.inference_mode()
def _data(file: TransformerFile, reader: TensorReader, name: str, limit: int) -> list[NDArray[Any]]:
    stack: tuple[StoredTensor, ...] = reader.read(name)
    if not _is_rounded(name, file.tensors[name]):
        return [stored.data.numpy() for stored in stack]
    weight: RoundedWeight = rounded(stack, limit)
    return [weight.integers.numpy(), weight.scales.numpy(), weight.balance.numpy()]
