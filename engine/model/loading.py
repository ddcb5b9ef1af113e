"""Loading: from the three files of a model to the networks on a device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import torch

from engine.errors import MalformedFile, UnsupportedModel
from engine.model.linear import Parameters, Strategy, choose_strategy
from engine.model.memory import available_memory
from engine.model.text_encoder import TextEncoder
from engine.model.tokenizer import PromptTokenizer
from engine.model.transformer import Transformer
from engine.model.vae import VaeDecoder
from engine.schema import InvalidRequest, Size
from engine.weights.discover import FileFacts, ModelFiles, open_part
from engine.weights.layout import PartTensors
from engine.weights.source import LocalFile
from engine.weights.stream import TensorReader
from engine.weights.text_encoder_layout import EncoderFile
from engine.weights.transformer_layout import TransformerFile
from engine.weights.vae_layout import VaeFile

DEFAULT_NATIVE_SIZE: Final = Size(512, 512)

_File = TypeVar("_File", TransformerFile, EncoderFile, VaeFile)
_Network = TypeVar("_Network")


@dataclass(frozen=True, slots=True)
class Model:
    """The networks of one Z-Image model on one device."""

    name: str
    native_size: Size
    device: torch.device
    strategy: Strategy
    tokenizer: PromptTokenizer
    text_encoder: TextEncoder
    transformer: Transformer
    vae: VaeDecoder


def load_model(
    files: ModelFiles,
    device: str,
    clock: Callable[[], float],
    on_file: Callable[[str, int, float], None],
    on_progress: Callable[[int, int], None],
) -> Model:
    """Read the three files in the order of use; see `engine.pipeline.Pipeline.load`."""
    target = _device(device)
    dtype = compute_dtype(target)
    encoder = _open(files.text_encoder, EncoderFile)
    transformer = _open(files.transformer, TransformerFile)
    vae = _open(files.vae, VaeFile)
    parts = (encoder.tensors, transformer.tensors, vae.tensors)
    parameters = sum(part.elements for part in parts)
    strategy = choose_strategy(parameters, dtype, available_memory(target))
    progress = _Progress(sum(part.bytes for part in parts), on_progress)

    def read(
        part: PartTensors,
        build: Callable[[Parameters], _Network],
        strategy: Strategy,
        dtype: torch.dtype,
    ) -> _Network:
        started = clock()
        with LocalFile(part.path) as source:
            reader = TensorReader(source, part, progress.add)
            network = build(Parameters(reader, target, dtype, strategy))
        on_file(part.path.name, part.bytes, clock() - started)
        return network

    tokenizer = PromptTokenizer.from_gguf(encoder.header, encoder.dims.vocabulary)
    return Model(
        name=files.transformer.path.stem,
        native_size=_native_size(transformer),
        device=target,
        strategy=strategy,
        tokenizer=tokenizer,
        text_encoder=read(encoder.tensors, lambda p: TextEncoder(p, encoder.dims), strategy, dtype),
        transformer=read(
            transformer.tensors, lambda p: Transformer(p, transformer.dims), strategy, dtype
        ),
        # Half precision shows in flat colours, and the decoder runs once per picture.
        vae=read(vae.tensors, lambda p: VaeDecoder(p, vae.dims), Strategy.DENSE, torch.float32),
    )


def compute_dtype(device: torch.device) -> torch.dtype:
    """Return the type to compute in: bfloat16 on GPUs, float32 on CPUs.

    Float16 overflows in this model's late layers (black pictures), and bfloat16 is many times
    slower than float32 on CPUs without units for it.
    """
    return torch.bfloat16 if device.type == "cuda" else torch.float32


class _Progress:
    """Counts bytes read and passes the sum on."""

    def __init__(self, total: int, listener: Callable[[int, int], None]) -> None:
        self._done = 0
        self._total = total
        self._listener = listener

    def add(self, count: int) -> None:
        self._done += count
        self._listener(self._done, self._total)


def _device(name: str) -> torch.device:
    if name == "cpu" or (name.split(":")[0] == "cuda" and torch.cuda.is_available()):
        return torch.device(name)
    raise UnsupportedModel(f"device {name} is not there; use --device cpu or --device auto")


def _open(facts: FileFacts, kind: type[_File]) -> _File:
    file = open_part(facts.path)
    if not isinstance(file, kind):
        raise MalformedFile(f"{facts.path.name} changed while it was being read; start again")
    return file


def _native_size(file: TransformerFile) -> Size:
    if file.native_size is None:
        return DEFAULT_NATIVE_SIZE
    size = Size(*file.native_size)
    try:
        size.check()
    except InvalidRequest as error:
        raise MalformedFile(
            f"{file.header.path.name} states an impossible native size ({error}); convert it anew"
        ) from None
    return size
