"""What a run on a GPU found, and what follows from it alone. Rates are operations per second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bench.sizes import StepWork
from engine.schema import Size

INT8, FP8 = "int8", "fp8"


@dataclass(frozen=True, slots=True)
class ShapeRates:
    """How quickly x [tokens, columns] is multiplied with W [rows, columns], by type of numbers."""

    rows: int
    columns: int
    rates: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What the device does with nothing else to do, with as many tokens as one size has.

    `floats` is the type that it computes in, `block` the rates of a block's products one after
    another, by type, and `attention` the rate of attention in `floats`. A type that the device
    does not multiply quickly is not there.
    """

    tokens: int
    floats: str
    shapes: tuple[ShapeRates, ...]
    block: Mapping[str, float]
    attention: float


@dataclass(frozen=True, slots=True)
class PictureFigures:
    """Pictures of one size: seconds, medians of the turns, and the most memory in bytes.

    `step` is the mean of a picture's steps, `picture` all from the prompt to the pixels.
    """

    size: Size
    work: StepWork
    encode: float
    step: float
    decode: float
    picture: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One way to keep weights: how each part was kept, seconds to load, and its pictures."""

    strategy: str
    parts: Mapping[str, str]
    load: float
    pictures: tuple[PictureFigures, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """The device that it was measured on."""

    name: str
    memory_bytes: int
    software: str


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that one run found; `copying` is bytes per second, read and written.

    `ceilings` are by size, and `left_out` says why a strategy, or a size of it, is missing.
    """

    device: Facts
    steps: int
    turns: int
    ceilings: Mapping[Size, Ceilings]
    copying: float
    kept: tuple[Kept, ...]
    left_out: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StockFigures:
    """Stock diffusers at one size: seconds of a step and of decoding, and the most memory."""

    size: Size
    step: float
    decode: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Stock:
    """Stock diffusers with its weights kept in one way, `gguf` or `dense`."""

    kept: str
    version: str
    load: float
    pictures: tuple[StockFigures, ...]


def multiplied(strategy: str, ceilings: Ceilings) -> str:
    """Return the type that a strategy multiplies in linear layers; attention is in floats."""
    return strategy if strategy in (INT8, FP8) else ceilings.floats


def share(strategy: str, found: PictureFigures, ceilings: Ceilings) -> float:
    """Return the share of the ceiling that the step loop reaches.

    That is the time in which the ceilings would let a step's operations be done, each type by its
    own, over the time that a step takes.
    """
    linear = found.work.linear / ceilings.block[multiplied(strategy, ceilings)]
    attention = found.work.attention / ceilings.block[ceilings.floats]
    return (linear + attention) / found.step


def ratios(ours: PictureFigures, stock: StockFigures, steps: int) -> dict[str, float]:
    """Return our seconds divided by stock's: below 1 we are faster. Both without the encoder."""
    both = [steps * each.step + each.decode for each in (ours, stock)]
    return {
        "step": ours.step / stock.step,
        "decode": ours.decode / stock.decode,
        "steps_and_decode": both[0] / both[1],
    }
