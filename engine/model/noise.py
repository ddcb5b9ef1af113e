"""The noise that a picture begins as: what a seed stands for.

The numbers come from one of two generators, both run on the CPU, so that a seed means the same
picture on every device.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.schema import Noise

Words = NDArray[np.uint32]

_ROUNDS: Final = 10
_MULTIPLIERS: Final = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL: Final = (0x9E3779B9, 0xBB67AE85)
_WORD: Final = 0xFFFFFFFF


def initial_noise(
    channels: int, height: int, width: int, seed: int, kind: Noise = Noise.CPU
) -> Tensor:
    """Return standard normal latents float32 [channels, height, width] on the CPU."""
    if kind is Noise.PHILOX:
        numbers = cuda_normal(channels * height * width, seed)
        return torch.from_numpy(numbers).view(channels, height, width)
    generator = torch.Generator("cpu").manual_seed(seed)
    return torch.randn((1, channels, height, width), generator=generator)[0]


def cuda_normal(count: int, seed: int) -> NDArray[np.float32]:
    """Return the first `count` numbers that `torch.randn` draws on a CUDA device.

    There every number is drawn by a thread of its own, whose index is the upper half of the
    counter; the seed is the key. That holds as long as the device runs as many threads at once
    (262,144 numbers make 1024x1024 pixels); with fewer, a thread would draw several. Only the
    first of the four words' two pairs is used, and of it only the sine (Box and Muller 1958).
    """
    counters = np.zeros((4, count), np.uint32)
    counters[2] = np.arange(count, dtype=np.uint32)
    first, second, _, _ = philox4x32(counters, (seed & _WORD, seed >> 32))
    # Half a step away from 0, where the logarithm has no value.
    radius = (first.astype(np.float64) + 0.5) / 2**32
    angle = (second.astype(np.float64) + 0.5) / 2**32 * (2 * math.pi)
    normal: NDArray[np.float32] = (np.sqrt(-2 * np.log(radius)) * np.sin(angle)).astype(np.float32)
    return normal


def philox4x32(counters: Words, key: tuple[int, int]) -> Words:
    """Return four random words for each of the counters [4, count], by ten rounds of Philox.

    Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
    """
    a, b, c, d = counters
    for number in range(_ROUNDS):
        low, high = ((word + number * step) & _WORD for word, step in zip(key, _WEYL, strict=True))
        first, second = a * _MULTIPLIERS[0], c * _MULTIPLIERS[1]
        a = _upper(second) ^ b ^ np.uint32(low)
        c = _upper(first) ^ d ^ np.uint32(high)
        b, d = second.astype(np.uint32), first.astype(np.uint32)
    return np.stack([a, b, c, d])


def _upper(product: NDArray[np.uint64]) -> Words:
    return (product >> np.uint64(32)).astype(np.uint32)
