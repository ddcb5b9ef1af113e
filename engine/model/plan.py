"""The decision how each part's weights are kept: by the part's size, the memory and the device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch

from engine.errors import UnsupportedModel
from engine.model.linear import Strategy
from engine.weights.discover import Part
from engine.weights.layout import PartTensors

# Half precision shows in flat colours, and the decoder runs once per picture.
VAE_DTYPE: Final = torch.float32
# A transformer with more numbers than this is rounded to 8 bits where that is quicker. Smaller
# ones are quick enough as they are, and so the same seed gives the same picture on every CPU.
# A text encoder with more is not kept for a single prompt.
LARGE: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a device offers: the type to compute in, memory in bytes, and how it multiplies bytes.

    `int8_limit` is the largest integer that it multiplies quickly and exactly, 0 where there is
    none; with `int8_pays`, what stands between two products does not take longer than is gained.
    `fp8` says whether it multiplies 8-bit floats. `one_prompt` says that no second one will come.
    """

    dtype: torch.dtype
    available_bytes: int
    int8_limit: int = 0
    int8_pays: bool = True
    fp8: bool = False
    one_prompt: bool = False

    @property
    def rounding(self) -> Strategy:
        """The quickest way to keep large weights; of two that round, the one that rounds less."""
        if self.int8_limit and self.int8_pays:
            return Strategy.INT8
        return Strategy.FP8 if self.fp8 else Strategy.DENSE


def plan_strategies(
    encoder: PartTensors,
    transformer: PartTensors,
    vae: PartTensors,
    conditions: Conditions,
    wanted: Strategy | None = None,
) -> Mapping[Part, Strategy]:
    """Decide how each part's weights are kept; a quarter of the memory is left free.

    The transformer runs at every step and so has the first claim on the memory. The text encoder
    runs once per prompt and is never rounded; where it does not fit, or is large and of no more
    use after one prompt, it is read when it is needed. The VAE is small and always dense.
    `wanted` None leaves the choice to the sizes; else it is followed whatever the memory, and
    rounding for the transformer alone. A transformer that was rounded beforehand stays so. Raises
    `UnsupportedModel` for rounding where it is not to be had.
    """
    if transformer.rounded_to is not None:
        _check_rounded(transformer, conditions, wanted)
    if wanted is Strategy.INT8 and not conditions.int8_limit:
        raise UnsupportedModel(
            "8-bit integers need a CPU with AVX2 and torch's oneDNN, or an NVIDIA GPU of Turing or "
            "later; use --linear auto"
        )
    if wanted is Strategy.FP8 and not conditions.fp8:
        raise UnsupportedModel(
            "8-bit floats need an NVIDIA GPU of Ada, Hopper or later; use --linear auto"
        )
    vae_bytes = vae.elements * VAE_DTYPE.itemsize
    rounded = Strategy.INT8 if transformer.rounded_to is not None else None
    chosen = wanted or rounded or _for_transformer(transformer, vae_bytes, conditions)
    taken = vae_bytes + kept_bytes(transformer, chosen, conditions.dtype)
    exact = None if wanted in (Strategy.INT8, Strategy.FP8) else wanted
    return {
        Part.TEXT_ENCODER: exact or _for_encoder(encoder, taken, conditions),
        Part.TRANSFORMER: chosen,
        Part.VAE: Strategy.DENSE,
    }


def _check_rounded(
    transformer: PartTensors, conditions: Conditions, wanted: Strategy | None
) -> None:
    """Raise `UnsupportedModel` where integers of a prepared file cannot be multiplied exactly."""
    mend = "use the original file, or prepare it on this machine with python -m engine convert"
    name = transformer.path.name
    if wanted not in (None, Strategy.INT8):
        raise UnsupportedModel(f"{name} was prepared for 8-bit integers, not for {wanted}; {mend}")
    if (transformer.rounded_to or 0) > conditions.int8_limit:
        raise UnsupportedModel(
            f"{name} was prepared for integers up to {transformer.rounded_to}, and this device "
            f"multiplies them exactly up to {conditions.int8_limit}; {mend}"
        )


def kept_bytes(tensors: PartTensors, strategy: Strategy, dtype: torch.dtype) -> int:
    """Return about how much memory a part's weights take."""
    match strategy:
        case Strategy.DENSE:
            return tensors.elements * dtype.itemsize
        case Strategy.INT8:
            return tensors.elements if tensors.rounded_to is None else tensors.bytes
        case Strategy.FP8:
            return tensors.elements
        case Strategy.PACKED:
            return tensors.bytes
        case Strategy.STREAMED:
            return 0


def _for_transformer(tensors: PartTensors, others: int, conditions: Conditions) -> Strategy:
    best = conditions.rounding if tensors.elements >= LARGE else Strategy.DENSE
    fits = _fits(kept_bytes(tensors, best, conditions.dtype) + others, conditions)
    return best if fits else Strategy.PACKED


def _for_encoder(tensors: PartTensors, taken: int, conditions: Conditions) -> Strategy:
    if conditions.one_prompt and tensors.elements >= LARGE:
        return Strategy.STREAMED
    for strategy in (Strategy.DENSE, Strategy.PACKED):
        if _fits(taken + kept_bytes(tensors, strategy, conditions.dtype), conditions):
            return strategy
    return Strategy.STREAMED


def _fits(size: int, conditions: Conditions) -> bool:
    return 4 * size <= 3 * conditions.available_bytes
