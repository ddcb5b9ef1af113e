"""What one weight file is: read, checked and told by its tensors which part of the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine.errors import EngineError, MalformedFile, ModelError, ModelNotFound, UnsupportedModel
from engine.weights import gguf, safetensors
from engine.weights.facts import FileFacts, Part
from engine.weights.folder import config_beside, shards_of
from engine.weights.place import Place
from engine.weights.tensors import Header, Shard, TensorFacts, shown
from engine.weights.text_encoder_layout import (
    EncoderFile,
    has_tokenizer,
    is_text_encoder,
    read_text_encoder,
)
from engine.weights.transformer_layout import TransformerFile, is_transformer, read_transformer
from engine.weights.vae_layout import VaeFile, is_vae, read_vae

PartFile = TransformerFile | EncoderFile | VaeFile

# The `model_type` or `_class_name` of the config that states what a safetensors file does not.
_CONFIG_KINDS: Final[Mapping[Part | None, str]] = {
    Part.TEXT_ENCODER: "qwen3",
    Part.VAE: "AutoencoderKL",
}


@dataclass(frozen=True, slots=True)
class Examined:
    """A file's facts, and either the part that it is or why it cannot be one.

    Neither means a file that serves another one: it has the tokenizer and nothing else.
    """

    facts: FileFacts
    file: PartFile | None = None
    error: EngineError | None = None
    has_tokenizer: bool = False


def examine(path: Place) -> Examined:
    """Return what a weight file is; `path` is the first file of a part in shards."""
    try:
        size = path.stat().st_size
        is_gguf = _begins_with_magic(path) or path.suffix.lower() == ".gguf"
    except OSError as error:
        return _unreadable(path, error)
    except ModelError as error:
        return refused(FileFacts(path), error)
    facts = FileFacts(path, format="gguf" if is_gguf else "safetensors", bytes=size, files=(path,))
    try:
        header = gguf.read_header(path) if is_gguf else _read_shards(shards_of(path))
    except OSError as error:
        return _unreadable(path, error)
    except ModelError as error:
        return refused(facts, error)
    facts = replace(
        facts,
        bytes=header.size,
        files=tuple(shard.path for shard in header.files),
        parameters=sum(tensor.elements for tensor in header.tensors.values()),
        types=dict(Counter(tensor.type.name for tensor in header.tensors.values())),
        part=_part(header),
    )
    return replace(_read_part(facts, header), has_tokenizer=has_tokenizer(header))


def refused(facts: FileFacts, error: EngineError) -> Examined:
    """Return a file that cannot be used because of `error`."""
    return Examined(replace(facts, problem=str(error)), error=error)


def _begins_with_magic(path: Place) -> bool:
    with path.open("rb") as file:
        return file.read(len(gguf.MAGIC)) == gguf.MAGIC


def _unreadable(path: Place, error: OSError) -> Examined:
    problem = ModelNotFound(
        f"{path.name} cannot be read ({error.strerror}); mend its permissions or its disk"
    )
    return refused(FileFacts(path), problem)


def _read_shards(paths: Sequence[Place]) -> Header:
    """Return the one header of a part's files, as though they stood one after the other."""
    first, *others = (safetensors.read_header(path) for path in paths)
    if not others:
        return first
    tensors: dict[str, TensorFacts] = {}
    metadata = dict(first.metadata)
    start = 0
    for header in (first, *others):
        for name, tensor in header.tensors.items():
            if name in tensors:
                raise MalformedFile(
                    f"{header.path.name} has the tensor {shown(name)}, which stands in another "
                    "file of the same part; download them again"
                )
            tensors[name] = replace(tensor, offset=start + tensor.offset)
        start += header.size
    shards = tuple(Shard(header.path, header.size) for header in (first, *others))
    return Header(first.path, first.format, start, tensors, metadata, shards)


def _part(header: Header) -> Part | None:
    names = header.tensors.keys()
    if is_transformer(names):
        return Part.TRANSFORMER
    if is_text_encoder(names):
        return Part.TEXT_ENCODER
    return Part.VAE if is_vae(names) else None


def _read_part(facts: FileFacts, header: Header) -> Examined:
    try:
        if header.format == "safetensors" and (kind := _CONFIG_KINDS.get(facts.part)):
            header = replace(
                header, metadata={**config_beside(header.path, kind), **header.metadata}
            )
        match facts.part:
            case Part.TRANSFORMER:
                transformer = read_transformer(header)
                return Examined(replace(facts, layout=transformer.layout), transformer)
            case Part.TEXT_ENCODER:
                encoder = read_text_encoder(header)
                facts = replace(facts, layout=encoder.layout, warning=encoder.warning)
                return Examined(facts, encoder)
            case Part.VAE:
                vae = read_vae(header)
                return Examined(replace(facts, layout=vae.layout), vae)
    except ModelError as error:
        return refused(facts, error)
    except OSError as error:
        return _unreadable(header.path.with_name("config.json"), error)
    if not header.tensors and has_tokenizer(header):
        return Examined(replace(facts, layout="Qwen tokenizer alone"))
    return refused(facts, _stranger(header))


def _stranger(header: Header) -> UnsupportedModel:
    some = ", ".join(shown(name) for name in list(header.tensors)[:2]) or "none"
    return UnsupportedModel(
        f"{header.path.name} is no part of Z-Image that this engine knows (its tensors: {some}); "
        "move it to another directory"
    )
