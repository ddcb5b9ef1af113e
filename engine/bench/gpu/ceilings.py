"""What a device can do: products of the model's shapes, attention and copying, each alone."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator
from typing import Final

import torch

from engine.bench.gpu.device import Device
from engine.bench.gpu.figures import FP8, INT8, Ceilings, ShapeRates
from engine.bench.products import Product, attention, float_product, fp8_product, int8_product
from engine.bench.sizes import ModelSizes
from engine.model.linear.byte_products import quickest_product
from engine.model.linear.fp8 import fp8_available
from engine.model.loading import compute_dtype

_TURNS: Final = 3
_MOST_CALLS: Final = 10_000


@torch.inference_mode()
def measure_ceilings(
    device: Device, sizes: ModelSizes, tokens: int, at_least: float = 0.1
) -> Ceilings:
    """Time the products of one block and its attention; each turn takes about `at_least` seconds.

    That long, so that a GPU which slows down when it is hot or needs too much power has done so.
    """
    dtype = compute_dtype(torch.device(device.kind))
    floats = str(dtype).removeprefix("torch.")
    layers = sizes.layer_shapes()
    shapes = tuple(
        ShapeRates(*shape, dict(_rates(device, tokens, shape, dtype, at_least)))
        for shape in dict.fromkeys(layers)
    )
    by_shape = {(each.rows, each.columns): each.rates for each in shapes}
    work = sum(math.prod(shape) for shape in layers)
    block = {
        kind: work / sum(math.prod(shape) / by_shape[shape][kind] for shape in layers)
        for kind in shapes[0].rates
    }
    mix = attention(tokens, sizes.dim, sizes.heads, device.kind, dtype)
    mixing = 4 * tokens**2 * sizes.dim / seconds(device, mix, at_least)
    return Ceilings(tokens, floats, shapes, block, mixing)


@torch.inference_mode()
def measure_copying(device: Device, size: int = 1 << 30, at_least: float = 0.1) -> float:
    """Return how many bytes per second are read and written when `size` bytes are copied."""
    source = torch.ones(size, dtype=torch.uint8, device=device.kind)
    target = torch.zeros_like(source)
    return 2 * size / seconds(device, lambda: target.copy_(source), at_least)


def seconds(device: Device, work: Product, at_least: float) -> float:
    """Return how long `work` takes, the median of three turns after a first one.

    A turn repeats it for about `at_least` seconds, and waits for the device once.
    """
    _repeated(device, work, 1)
    calls = math.ceil(at_least / max(_repeated(device, work, 1), 1e-9))
    calls = min(max(1, calls), _MOST_CALLS)
    return statistics.median(_repeated(device, work, calls) for _ in range(_TURNS))


def _repeated(device: Device, work: Product, calls: int) -> float:
    device.synchronise()
    began = time.perf_counter()
    for _ in range(calls):
        work()
    device.synchronise()
    return (time.perf_counter() - began) / calls


def _rates(
    device: Device, tokens: int, shape: tuple[int, int], dtype: torch.dtype, at_least: float
) -> Iterator[tuple[str, float]]:
    """Yield each type that the device multiplies quickly, and its rate for one shape."""
    operations = 2 * tokens * math.prod(shape)
    kind = device.kind
    floats = float_product(tokens, *shape, kind, dtype)
    yield str(dtype).removeprefix("torch."), operations / seconds(device, floats, at_least)
    if quickest_product(kind)[1]:
        integers = int8_product(tokens, *shape, kind)
        yield INT8, operations / seconds(device, integers, at_least)
    if fp8_available(kind):
        small = fp8_product(tokens, *shape, kind)
        yield FP8, operations / seconds(device, small, at_least)
