"""A directory with the three files of a synthetic model, written once and used again."""

from __future__ import annotations

import json
import os
import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from engine.bench import tensors
from engine.bench.blocks import random_numbers
from engine.bench.gguf_file import Planned, Value, gguf_bytes, gguf_header, write_gguf
from engine.bench.sizes import ModelSizes
from engine.errors import EngineError
from engine.weights.tensors import TensorType


class NoRoom(EngineError):
    """The disk has not the room that the files take."""


@dataclass(frozen=True, slots=True)
class _Planned:
    name: str
    header: bytes
    bytes: int
    write: Callable[[BinaryIO, np.random.Generator], None]


def write_model(directory: Path, sizes: ModelSizes, quant: TensorType) -> int:
    """Write the files that are not there yet; return the bytes written.

    Raises `NoRoom` before anything is written, `OSError` if the directory cannot be used.
    """
    directory.mkdir(parents=True, exist_ok=True)
    missing = [file for file in _files(sizes, quant) if not _is_there(directory, file)]
    total = sum(file.bytes for file in missing)
    free = shutil.disk_usage(directory).free
    if total > free:
        raise NoRoom(
            f"{directory} has {free / 1e9:.1f} GB free and the model's files take "
            f"{total / 1e9:.1f}; name another directory with --directory"
        )
    for number, file in enumerate(missing):
        part = directory / f"{file.name}.part"
        with part.open("wb") as stream:
            file.write(stream, np.random.default_rng(number))
        os.replace(part, directory / file.name)
    return total


def _files(sizes: ModelSizes, quant: TensorType) -> list[_Planned]:
    encoder = list(tensors.text_encoder_tensors(sizes, quant))
    return [
        _gguf(
            f"transformer-{quant.name}.gguf",
            {"general.architecture": "lumina2"},
            list(tensors.transformer_tensors(sizes, quant)),
        ),
        _gguf(f"encoder-{quant.name}.gguf", tensors.text_encoder_metadata(sizes), encoder),
        _safetensors("vae.safetensors", list(tensors.vae_tensors(sizes))),
    ]


def _gguf(name: str, metadata: dict[str, Value], planned: list[Planned]) -> _Planned:
    header = gguf_header(metadata, planned)
    return _Planned(
        name,
        header,
        gguf_bytes(header, planned),
        lambda file, random: write_gguf(file, header, planned, random),
    )


def _safetensors(name: str, planned: list[Planned]) -> _Planned:
    entries, offset = {}, 0
    for tensor in planned:
        end = offset + tensor.bytes
        entries[tensor.name] = {
            "dtype": tensor.kind.name,
            "shape": tensor.shape,
            "data_offsets": (offset, end),
        }
        offset = end
    text = json.dumps(entries).encode()
    header = struct.pack("<Q", len(text)) + text

    def write(file: BinaryIO, random: np.random.Generator) -> None:
        file.write(header)
        for t in planned:
            for data in random_numbers(t.kind, t.count, t.deviation, t.mean, random):
                file.write(data.data)

    return _Planned(name, header, len(header) + offset, write)


def _is_there(directory: Path, file: _Planned) -> bool:
    path = directory / file.name
    if not path.is_file() or path.stat().st_size != file.bytes:
        return False
    with path.open("rb") as stream:
        return stream.read(len(file.header)) == file.header
