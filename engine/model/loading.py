"""Loading: from the three files of a model to the networks on a device."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeVar

import torch

from engine.errors import MalformedFile, UnsupportedModel
from engine.model.fused import Plain, fused_for
from engine.model.linear import Parameters, Strategy
from engine.model.linear.byte_products import quickest_product
from engine.model.linear.fp8 import fp8_available
from engine.model.memory import available_memory, keep_freed_memory
from engine.model.plan import VAE_DTYPE, Conditions, kept_bytes, plan_strategies
from engine.model.text_encoder import ResidentTextEncoder, StreamedTextEncoder, TextEncoder
from engine.model.tokenizer import PromptTokenizer
from engine.model.transformer import Transformer
from engine.model.vae import VaeDecoder
from engine.schema import InvalidRequest, Size
from engine.weights.discover import FileFacts, ModelFiles, Part, open_part
from engine.weights.early import leave_out
from engine.weights.layout import PartTensors
from engine.weights.source import DamagedRead, JoinedFiles
from engine.weights.stream import TensorReader
from engine.weights.text_encoder_layout import EncoderFile
from engine.weights.transformer_layout import TransformerFile
from engine.weights.vae_layout import VaeFile

DEFAULT_NATIVE_SIZE: Final = Size(512, 512)

_File = TypeVar("_File", TransformerFile, EncoderFile, VaeFile)
_Network = TypeVar("_Network")


@dataclass(frozen=True, slots=True)
class Model:
    """The networks of one Z-Image model on one device.

    `converting` is how many seconds of their loading went into turning what the files have into
    what is kept, and not into waiting for bytes.
    """

    name: str
    native_size: Size
    device: torch.device
    strategies: Mapping[Part, Strategy]
    tokenizer: PromptTokenizer
    text_encoder: TextEncoder
    transformer: Transformer
    vae: VaeDecoder
    converting: float


def load_model(
    files: ModelFiles,
    device: str,
    clock: Callable[[], float],
    on_file: Callable[[str, int, float], None],
    on_progress: Callable[[int, int], None],
    linear: Strategy | None = None,
    *,
    one_prompt: bool = False,
) -> Model:
    """Read the three files in the order of use; see `engine.pipeline.Pipeline.load`."""
    target = _device(device)
    if target.type == "cpu":
        keep_freed_memory()
    dtype = compute_dtype(target)
    encoder, transformer, vae = _open_all(files)
    native_size = _native_size(transformer)
    tokenizer = PromptTokenizer.from_file(
        files.text_encoder.tokenizer or encoder.header.path, encoder.dims.vocabulary
    )
    strategies = plan_strategies(
        encoder.tensors,
        transformer.tensors,
        vae.tensors,
        _conditions(target, one_prompt=one_prompt),
        linear,
    )
    total = transformer.tensors.bytes + vae.tensors.bytes
    if strategies[Part.TEXT_ENCODER] is not Strategy.STREAMED:
        total += encoder.tensors.bytes
    load = _Loading(target, total, clock, on_file, on_progress)
    return Model(
        name=files.transformer.name,
        native_size=native_size,
        device=target,
        strategies=strategies,
        tokenizer=tokenizer,
        text_encoder=load.text_encoder(encoder, strategies[Part.TEXT_ENCODER], dtype),
        transformer=load.part(
            transformer.tensors,
            lambda parameters: Transformer(parameters, transformer.dims),
            strategies[Part.TRANSFORMER],
            dtype,
        ),
        vae=load.part(
            vae.tensors,
            lambda parameters: VaeDecoder(parameters, vae.dims),
            strategies[Part.VAE],
            VAE_DTYPE,
        ),
        # The last one: it is known once all parts are there.
        converting=load.converting,
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a model would be kept on a device, in about so many bytes of its memory."""

    strategies: Mapping[Part, Strategy]
    bytes: int


def outlook(files: ModelFiles, device: str) -> Outlook:
    """Return what `load_model` would do with the memory that there is now; reads headers only."""
    target = _device(device)
    encoder, transformer, vae = (file.tensors for file in _open_all(files))
    strategies = plan_strategies(encoder, transformer, vae, _conditions(target))
    dtype = compute_dtype(target)
    total = (
        kept_bytes(encoder, strategies[Part.TEXT_ENCODER], dtype)
        + kept_bytes(transformer, strategies[Part.TRANSFORMER], dtype)
        + kept_bytes(vae, strategies[Part.VAE], VAE_DTYPE)
    )
    return Outlook(strategies, total)


def compute_dtype(device: torch.device) -> torch.dtype:
    """Return the type to compute in: bfloat16 on GPUs, float32 on CPUs.

    Float16 overflows in this model's late layers (black pictures), and bfloat16 is many times
    slower than float32 on CPUs without units for it.
    """
    return torch.bfloat16 if device.type == "cuda" else torch.float32


class _Loading:
    """Reads part after part and tells what was read."""

    def __init__(
        self,
        device: torch.device,
        total: int,
        clock: Callable[[], float],
        on_file: Callable[[str, int, float], None],
        on_progress: Callable[[int, int], None],
    ) -> None:
        self.converting = 0.0
        self._device, self._pinned = device, device.type == "cuda"
        self._done, self._total = 0, total
        self._clock, self._on_file, self._on_progress = clock, on_file, on_progress

    def part(
        self,
        tensors: PartTensors,
        build: Callable[[Parameters], _Network],
        strategy: Strategy,
        dtype: torch.dtype,
    ) -> _Network:
        """Build one network from its file."""
        done = self._done
        try:
            return self._built(tensors, build, strategy, dtype)
        except DamagedRead:
            # Once more from the beginning: it may have been damaged on the way.
            self._done = done
            return self._built(tensors, build, strategy, dtype)

    def _built(
        self,
        tensors: PartTensors,
        build: Callable[[Parameters], _Network],
        strategy: Strategy,
        dtype: torch.dtype,
    ) -> _Network:
        began = self._clock()
        with JoinedFiles(tensors.files, tensors.extents) as source:
            reader = TensorReader(source, tensors, self._count, self._clock, pinned=self._pinned)
            network = build(Parameters(reader, self._device, dtype, strategy))
            reader.check()
        self.converting += self._clock() - began - reader.waited
        self._on_file(tensors.path.name, tensors.bytes, reader.waited)
        return network

    def text_encoder(
        self, file: EncoderFile, strategy: Strategy, dtype: torch.dtype
    ) -> TextEncoder:
        """Build the text encoder from its file, or for later use if it is to be streamed."""
        if strategy is not Strategy.STREAMED:
            return self.part(
                file.tensors,
                lambda parameters: ResidentTextEncoder(parameters, file.dims),
                strategy,
                dtype,
            )

        # Its table is looked up row by row, and its place in it is not known before the prompt.
        table = file.tensors.extents_of("token_embd.weight")
        layers = [extent for extent in file.tensors.extents if extent not in table]
        leave_out(file.tensors)

        @contextmanager
        def open_parameters() -> Iterator[Parameters]:
            with JoinedFiles(file.tensors.files, layers) as source:
                reader = TensorReader(source, file.tensors, lambda count: None, pinned=self._pinned)
                yield Parameters(reader, self._device, dtype, Strategy.PACKED)
                source.check()

        return StreamedTextEncoder(open_parameters, file.dims)

    def _count(self, size: int) -> None:
        self._done += size
        self._on_progress(self._done, self._total)


def _device(name: str) -> torch.device:
    if name == "cpu" or (name.split(":")[0] == "cuda" and torch.cuda.is_available()):
        return torch.device(name)
    raise UnsupportedModel(f"device {name} is not there; use --device cpu or --device auto")


def _open_all(files: ModelFiles) -> tuple[EncoderFile, TransformerFile, VaeFile]:
    return (
        _open(files.text_encoder, EncoderFile),
        _open(files.transformer, TransformerFile),
        _open(files.vae, VaeFile),
    )


def _conditions(device: torch.device, *, one_prompt: bool = False) -> Conditions:
    return Conditions(
        compute_dtype(device),
        available_memory(device),
        int8_limit=quickest_product(device.type)[1],
        # Between products of a GPU, operations of torch would take as long as a product does.
        int8_pays=device.type == "cpu" or type(fused_for(device.type)) is not Plain,
        fp8=fp8_available(device.type),
        one_prompt=one_prompt,
    )


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
