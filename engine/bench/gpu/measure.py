"""One run on a device: its ceilings, then pictures with each way to keep weights.

All in one process, and the weights of one way are gone before those of the next are read.
"""

from __future__ import annotations

import statistics
import string
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from engine.bench.gpu.ceilings import measure_ceilings, measure_copying
from engine.bench.gpu.device import Device
from engine.bench.gpu.figures import Facts, Found, Kept, PictureFigures
from engine.bench.measure import PROMPT, SEED
from engine.bench.sizes import ModelSizes, step_work
from engine.errors import one_line
from engine.exhaustion import ran_out_of_memory
from engine.model.linear import Strategy
from engine.model.linear.byte_products import quickest_product
from engine.model.linear.fp8 import fp8_available
from engine.pipeline import AUTO, Pipeline
from engine.schema import Decoded, Encoded, GenerationRequest, Size, Step
from engine.weights.discover import find_model

# Of the prompts below.
CAPTION_TOKENS: Final = 32

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Course:
    """What is measured: pictures of some `sizes`, each `turns` times in so many steps.

    `linear` is a strategy, or `auto` for each that the device has. Products are repeated for
    `product_seconds`, and `copied_bytes` are copied.
    """

    directory: Path
    model: ModelSizes
    sizes: tuple[Size, ...]
    steps: int
    turns: int
    linear: str = AUTO
    product_seconds: float = 0.1
    copied_bytes: int = 1 << 30


def measure(device: Device, course: Course, tell: Callable[[str], None]) -> Found:
    """Measure all of it; `tell` hears what is being measured.

    A strategy, or a size, that the memory is too small for is left out. Raises `UnsupportedModel`
    for a strategy that was asked for by name and that the device does not have.
    """
    tell("products and copying")
    ceilings = {}
    for size in course.sizes:
        tokens = step_work(course.model, size, CAPTION_TOKENS).tokens
        ceilings[size] = measure_ceilings(device, course.model, tokens, course.product_seconds)
        device.release()
    copying = measure_copying(device, course.copied_bytes, course.product_seconds)
    facts = Facts(device.name, device.memory_bytes, device.software)
    kept: list[Kept] = []
    left_out: dict[str, str] = {}
    for strategy in strategies(device.kind, course.linear):
        device.release()
        tell(f"weights kept {strategy}")
        if found := _kept(device, course, strategy, left_out):
            kept.append(found)
    device.release()
    turns = course.turns
    return Found(facts, course.steps, turns, ceilings, copying, tuple(kept), left_out)


def strategies(kind: str, linear: str = AUTO) -> tuple[Strategy, ...]:
    """Return the ways to keep weights on a kind of device: all that it has, or the one named."""
    if linear != AUTO:
        return (Strategy(linear),)
    has = {
        Strategy.DENSE: True,
        Strategy.INT8: quickest_product(kind)[1] > 0,
        Strategy.FP8: fp8_available(kind),
        Strategy.PACKED: True,
    }
    return tuple(strategy for strategy, there in has.items() if there)


def _kept(
    device: Device, course: Course, strategy: Strategy, left_out: dict[str, str]
) -> Kept | None:
    """Load the model and make its pictures; what there is no memory for is in `left_out`."""
    began = time.perf_counter()
    pipeline = _if_memory_lasts(partial(_load, device, course, strategy))
    loading = time.perf_counter() - began
    if isinstance(pipeline, str):
        left_out[str(strategy)] = pipeline
        return None
    pictures: list[PictureFigures] = []
    prompts = _prompts()
    for size in course.sizes:
        made = _if_memory_lasts(partial(_pictures, device, course, pipeline, size, prompts))
        device.release()
        if isinstance(made, str):
            left_out[f"{strategy} {size}"] = made
        else:
            pictures.append(made)
    return Kept(str(strategy), pipeline.strategies, loading, tuple(pictures))


def _if_memory_lasts(work: Callable[[], _Result]) -> _Result | str:
    """Return what `work` returns, or in one line that there was not the memory for it."""
    try:
        return work()
    except Exception as error:
        if not ran_out_of_memory(error):
            raise
        return one_line(error)


def _load(device: Device, course: Course, strategy: Strategy) -> Pipeline:
    files = find_model(course.directory)
    pipeline = Pipeline.load(files, device=device.kind, linear=strategy)
    device.synchronise()
    return pipeline


def _pictures(
    device: Device, course: Course, pipeline: Pipeline, size: Size, prompts: Iterator[str]
) -> PictureFigures:
    """Make a picture of one step to warm up, and then those that count."""
    _picture(device, pipeline, GenerationRequest(next(prompts), size, 1, SEED))
    device.forget_peak()
    turns = [
        _picture(device, pipeline, GenerationRequest(next(prompts), size, course.steps, SEED))
        for _ in range(course.turns)
    ]
    medians = _Times(*(statistics.median(each) for each in zip(*turns, strict=True)))
    work = step_work(course.model, size, CAPTION_TOKENS)
    return PictureFigures(size, work, *medians, device.peak_bytes())


class _Times(NamedTuple):
    """Seconds of one picture."""

    encode: float
    step: float
    decode: float
    picture: float


def _picture(device: Device, pipeline: Pipeline, request: GenerationRequest) -> _Times:
    """Make a picture whose prompt has to be encoded."""
    encode, decode, each_step = 0.0, 0.0, []
    device.synchronise()
    began = time.perf_counter()
    for event in pipeline.generate(request):
        match event:
            case Encoded():
                assert event.tokens == CAPTION_TOKENS
                assert not event.cached
                encode = event.seconds
            case Step():
                each_step.append(event.seconds)
            case Decoded():
                decode = event.seconds
    device.synchronise()
    return _Times(encode, statistics.mean(each_step), decode, time.perf_counter() - began)


def _prompts() -> Iterator[str]:
    """Yield prompts of as many tokens as `PROMPT`, more in a row than the pipeline remembers."""
    return (PROMPT[:-1] + mark for mark in cycle(string.punctuation))
