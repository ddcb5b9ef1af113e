"""Which files of a directory are the parts of a Z-Image model, told by content, not by name.

Headers alone are read, and torch is not imported, so that this is quick on network mounts too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from engine.errors import (
    AmbiguousModel,
    EngineError,
    ModelError,
    ModelNotFound,
    UnsupportedModel,
)
from engine.weights import gguf, safetensors
from engine.weights.tensors import Header, shown
from engine.weights.text_encoder_layout import EncoderFile, is_text_encoder, read_text_encoder
from engine.weights.transformer_layout import TransformerFile, is_transformer, read_transformer
from engine.weights.vae_layout import VaeFile, is_vae, read_vae

SUFFIXES: Final = (".gguf", ".safetensors", ".sft")


class Part(StrEnum):
    """A part of the model."""

    TRANSFORMER = "transformer"
    TEXT_ENCODER = "text_encoder"
    VAE = "vae"


_LOOKS_LIKE: Final = {
    Part.TRANSFORMER: "the transformer (a GGUF such as z_image_turbo-Q4_K.gguf)",
    Part.TEXT_ENCODER: "the text encoder (a GGUF such as Qwen3-4B-Q4_K_M.gguf)",
    Part.VAE: "the VAE (a safetensors file such as ae.safetensors)",
}

PartFile = TransformerFile | EncoderFile | VaeFile


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What one file is; `problem` is empty if the engine can use it, else one line that says why.

    `format` is gguf, safetensors or unknown, `types` counts the tensors by how they are stored.
    """

    path: Path
    part: Part | None = None
    format: str = "unknown"
    layout: str = ""
    bytes: int = 0
    parameters: int = 0
    types: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""

    def to_json(self) -> dict[str, object]:
        """Return the facts as plain JSON values."""
        return {
            "path": str(self.path),
            "part": None if self.part is None else str(self.part),
            "format": self.format,
            "layout": self.layout,
            "bytes": self.bytes,
            "parameters": self.parameters,
            "types": dict(self.types),
            "problem": self.problem,
        }


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The three files of a model that fit together."""

    transformer: FileFacts
    text_encoder: FileFacts
    vae: FileFacts

    @property
    def total_bytes(self) -> int:
        """The size of the three files."""
        return self.transformer.bytes + self.text_encoder.bytes + self.vae.bytes


@dataclass(frozen=True, slots=True)
class _Examined:
    facts: FileFacts
    file: PartFile | None
    error: EngineError | None


def inspect_directory(directory: Path) -> list[FileFacts]:
    """Return what each weight file of a directory is, in the order of their names.

    A bad file never raises: its `problem` says what is wrong. Raises `ModelNotFound` if the
    directory itself is missing or cannot be read.
    """
    return [_examine(path).facts for path in _weight_files(directory)]


def find_model(directory: Path) -> ModelFiles:
    """Return the three files of the model in a directory.

    Raises `ModelNotFound`, `MalformedFile`, `UnsupportedModel` or `AmbiguousModel`, each with the
    mend in its message.
    """
    examined = [_examine(path) for path in _weight_files(directory)]
    transformer, text_encoder, vae = (_the_one(part, examined, directory) for part in Part)
    _check_fit(transformer, text_encoder, vae)
    return ModelFiles(transformer.facts, text_encoder.facts, vae.facts)


def open_part(path: Path) -> PartFile:
    """Read a weight file's header as the part of the model that it is.

    Raises `MalformedFile` or `UnsupportedModel`, and `ModelNotFound` if it cannot be opened.
    """
    examined = _examine(path)
    if examined.file is not None:
        return examined.file
    raise examined.error or UnsupportedModel(examined.facts.problem)


def _weight_files(directory: Path) -> list[Path]:
    try:
        entries = sorted(directory.iterdir())
        return [path for path in entries if path.suffix.lower() in SUFFIXES and path.is_file()]
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


def _examine(path: Path) -> _Examined:
    try:
        size = path.stat().st_size
        is_gguf = _begins_with_magic(path) or path.suffix.lower() == ".gguf"
    except OSError as error:
        return _unreadable(path, error)
    facts = FileFacts(path, format="gguf" if is_gguf else "safetensors", bytes=size)
    try:
        header = gguf.read_header(path) if is_gguf else safetensors.read_header(path)
    except OSError as error:
        return _unreadable(path, error)
    except ModelError as error:
        return _Examined(replace(facts, problem=str(error)), None, error)
    return _recognise(facts, header)


def _begins_with_magic(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(gguf.MAGIC)) == gguf.MAGIC


def _unreadable(path: Path, error: OSError) -> _Examined:
    problem = ModelNotFound(
        f"{path.name} cannot be read ({error.strerror}); mend its permissions or its disk"
    )
    return _Examined(FileFacts(path, problem=str(problem)), None, problem)


def _recognise(facts: FileFacts, header: Header) -> _Examined:
    names = header.tensors.keys()
    facts = replace(
        facts,
        parameters=sum(tensor.elements for tensor in header.tensors.values()),
        types=dict(Counter(tensor.type.name for tensor in header.tensors.values())),
    )
    try:
        if is_transformer(names):
            facts = replace(facts, part=Part.TRANSFORMER)
            return _usable(facts, read_transformer(header))
        if is_text_encoder(names):
            facts = replace(facts, part=Part.TEXT_ENCODER)
            return _usable(facts, read_text_encoder(header))
        if is_vae(names):
            facts = replace(facts, part=Part.VAE)
            return _usable(facts, read_vae(header))
    except ModelError as error:
        return _Examined(replace(facts, problem=str(error)), None, error)
    some = ", ".join(shown(name) for name in list(names)[:2]) or "none"
    stranger = UnsupportedModel(
        f"{header.path.name} is no part of Z-Image that this engine knows (its tensors: {some}); "
        "move it to another directory"
    )
    return _Examined(replace(facts, problem=str(stranger)), None, stranger)


def _usable(facts: FileFacts, file: PartFile) -> _Examined:
    return _Examined(replace(facts, layout=file.layout), file, None)


def _the_one(part: Part, examined: list[_Examined], directory: Path) -> _Examined:
    """Return the one usable file of a part, or raise what stands in the way."""
    mine = [e for e in examined if e.facts.part is part]
    usable = [e for e in mine if e.file is not None]
    if len(usable) == 1:
        return usable[0]
    if usable:
        raise _ambiguous(part, usable, examined)
    broken = [e for e in mine or examined if e.error is not None and (mine or _hides_its_part(e))]
    if broken and broken[0].error is not None:
        raise broken[0].error
    raise ModelNotFound(
        f"{directory} lacks {_LOOKS_LIKE[part]}; put the file there, or name another directory "
        "with --models"
    )


def _hides_its_part(examined: _Examined) -> bool:
    """Whether a file is so broken that it may be any part."""
    return examined.facts.part is None and not isinstance(examined.error, UnsupportedModel)


def _ambiguous(part: Part, usable: list[_Examined], examined: list[_Examined]) -> AmbiguousModel:
    first, second = usable[0], usable[1]
    names = f"{first.facts.path.name} and {second.facts.path.name}"
    away = [e for e in usable if not _fits_some(e, examined)]
    if len(away) == len(usable) - 1:
        mend = f"move {' and '.join(e.facts.path.name for e in away)} to another directory: the "
        mend += "other fits the rest of the model"
    else:
        mend = f"keep one and move {second.facts.path.name}, say, to another directory"
    return AmbiguousModel(f"{names} could both be the {part.replace('_', ' ')}; {mend}")


def _fits_some(candidate: _Examined, examined: list[_Examined]) -> bool:
    """Whether a part fits at least one file of each other part that there is."""
    for part in Part:
        others = [e for e in examined if e.facts.part is part and e.file is not None]
        if part is candidate.facts.part or not others:
            continue
        if not any(_misfit(candidate, other) is None for other in others):
            return False
    return True


def _check_fit(*parts: _Examined) -> None:
    for one in parts:
        for other in parts:
            if (misfit := _misfit(one, other)) is not None:
                raise misfit


def _misfit(one: _Examined, other: _Examined) -> UnsupportedModel | None:
    """Return why two parts do not fit together, None if they do."""
    for first, second in ((one, other), (other, one)):
        if not isinstance(first.file, TransformerFile):
            continue
        name, dims = first.facts.path.name, first.file.dims
        if isinstance(second.file, EncoderFile) and second.file.dims.width != dims.caption_width:
            return UnsupportedModel(
                f"text encoder {second.facts.path.name} is {second.file.dims.width} wide and "
                f"transformer {name} expects {dims.caption_width}; use the encoder it was trained "
                "with (Qwen3-4B for Z-Image-Turbo)"
            )
        if isinstance(second.file, VaeFile) and second.file.dims.channels != dims.channels:
            return UnsupportedModel(
                f"VAE {second.facts.path.name} has latents of {second.file.dims.channels} channels "
                f"and transformer {name} makes {dims.channels}; use FLUX's ae.safetensors"
            )
    return None
