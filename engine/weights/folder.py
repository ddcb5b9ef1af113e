"""What lies in a model directory, and what lies beside a weight file.

A directory is flat, or one of diffusers' folders: `model_index.json` and a directory for each
component. Large parts come in shards, `NAME-00001-of-00003.safetensors` and so on; their names
and headers say all that the `index.json` beside them says, so that is not read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engine.errors import MalformedFile, ModelNotFound
from engine.weights.facts import Part
from engine.weights.place import Place, asked_of_each
from engine.weights.tables import parse_table
from engine.weights.tensors import MetadataValue

SUFFIXES: Final = (".gguf", ".safetensors", ".sft")
MAX_CONFIG_BYTES: Final = 1 << 20
MAX_SHARDS: Final = 1_000

_INDEX: Final = "model_index.json"
_TOKENIZER: Final = "tokenizer.json"
_SHARD: Final = re.compile(r"(.+)-([0-9]{5})-of-([0-9]{5})\.safetensors")


def weight_files(directory: Place) -> list[Place]:
    """Return the weight files of a model directory by name, the first for those in shards.

    Raises `ModelNotFound` if the directory is missing or cannot be read.
    """
    try:
        entries = _entries(directory)
        found = _weights_among(entries)
        if any(entry.name == _INDEX for entry in entries):
            names = {entry.name for entry in entries}
            for part in Part:
                if part in names and (directory / part).is_dir():
                    found += _weights_among(_entries(directory / part))
    except FileNotFoundError:
        raise ModelNotFound(
            f"model directory {directory} does not exist; create it or name another with --models"
        ) from None
    except NotADirectoryError:
        raise ModelNotFound(
            f"{directory} is a file; name the directory that holds the model's files"
        ) from None
    except OSError as error:
        raise ModelNotFound(
            f"model directory {directory} cannot be read ({error.strerror}); mend its permissions "
            "or name another with --models"
        ) from None
    return found


def shards_of(path: Place) -> list[Place]:
    """Return the files of the part that `path` belongs to, in their order.

    Raises `MalformedFile` if some of them are missing.
    """
    match = _SHARD.fullmatch(path.name)
    if match is None:
        return [path]
    stem, total = match[1], int(match[3])
    if not 1 <= int(match[2]) <= total <= MAX_SHARDS:
        raise MalformedFile(f"{path.name} has an impossible number in its name; rename it")
    shards = [
        path.with_name(f"{stem}-{n:05}-of-{total:05}.safetensors") for n in range(1, total + 1)
    ]
    for shard in shards:
        if not shard.is_file():
            raise MalformedFile(
                f"{path.name} is one of {total} files and {shard.name} is missing; download that "
                "too, into the same directory"
            )
    return shards


def tokenizer_beside(path: Place) -> Place | None:
    """Return the `tokenizer.json` of a text encoder's file, None if there is none."""
    places = [path.parent]
    if (path.parent.parent / _INDEX).is_file():
        places.append(path.parent.parent / "tokenizer")
    return next((p / _TOKENIZER for p in places if (p / _TOKENIZER).is_file()), None)


def config_beside(path: Place, kind: str) -> dict[str, MetadataValue]:
    """Return the plain values of the `config.json` beside a file, if it is of this `kind`.

    The kind is transformers' `model_type` or diffusers' `_class_name`. Raises `MalformedFile` for
    a config that cannot be read.
    """
    config = path.with_name("config.json")
    if not config.is_file():
        return {}
    if config.stat().st_size > MAX_CONFIG_BYTES:
        raise MalformedFile(f"{config.name} is larger than any config; download it again")
    entries = parse_table(config.name, config.read_bytes())
    if kind not in (entries.get("model_type"), entries.get("_class_name")):
        return {}
    rope = entries.get("rope_parameters")
    if isinstance(rope, dict):
        entries = {**rope, **entries}
    return {k: v for k, v in entries.items() if isinstance(v, bool | int | float | str)}


def _entries(directory: Place) -> list[Place]:
    return sorted(directory.iterdir(), key=lambda entry: entry.name)


def _weights_among(entries: Sequence[Place]) -> list[Place]:
    found = []
    parts: set[tuple[str, str]] = set()
    named = [entry for entry in entries if entry.suffix.lower() in SUFFIXES]
    there = asked_of_each(lambda entry: entry.is_file(), named)
    for path in (entry for entry, is_file in zip(named, there, strict=True) if is_file):
        if (match := _SHARD.fullmatch(path.name)) is not None:
            if (match[1], match[3]) in parts:
                continue
            parts.add((match[1], match[3]))
        found.append(path)
    return found
