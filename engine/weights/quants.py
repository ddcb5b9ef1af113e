"""Numbers from stored bytes: plain floats and ggml's block quantisations, vectorised.

A quantised row is a sequence of blocks, each with its own scales. The block layouts are those of
ggml/src/ggml-common.h (github.com/ggml-org/ggml); the results equal those of ggml's reference
code bit for bit in float32. Types ending in _0 have a scale per block, those in _1 a minimum
too; the K types have super-blocks of 256 with quantised scales; the numbers of the IQ4 types are
places in a table of values that lie closer together near zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor

from engine.weights.tensors import TensorType

_FLOATS: Final[Mapping[str, torch.dtype]] = {
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
}
# Words of so many bytes, and the number that has a 1 in each of its bytes.
_WORDS: Final[Mapping[int, tuple[torch.dtype, int]]] = {
    1: (torch.uint8, 0x01),
    2: (torch.int16, 0x0101),
    4: (torch.int32, 0x01010101),
    8: (torch.int64, 0x0101010101010101),
}
_15S, _48S, _63S = 0x0F0F0F0F, 0x30303030, 0x3F3F3F3F
# `kvalues_iq4nl` of ggml-common.h.
_IQ4_VALUES: Final = (
    *(-127.0, -104.0, -83.0, -65.0, -49.0, -35.0, -22.0, -10.0),
    *(1.0, 13.0, 25.0, 38.0, 53.0, 69.0, 89.0, 113.0),
)


def is_quantised(kind: TensorType) -> bool:
    """Whether numbers of this type are stored in blocks and not one by one."""
    return kind.name not in _FLOATS


def dequantise(
    data: Tensor, kind: TensorType, shape: tuple[int, ...], dtype: torch.dtype = torch.float32
) -> Tensor:
    """Return the numbers in `data`, the uint8 bytes of a contiguous tensor of `shape`.

    Plain floats of the right `dtype` share the memory of `data`. Raises `KeyError` for a type
    that is not in `engine.weights.tensors.READABLE_TYPES`.
    """
    if kind.name in _FLOATS:
        return data.reshape(-1).view(_FLOATS[kind.name]).reshape(shape).to(dtype)
    blocks = data.reshape(-1, kind.block_bytes)
    return _BLOCKS[kind.name](blocks).reshape(shape).to(dtype)


def _half(blocks: Tensor, at: int) -> Tensor:
    """Return the fp16 number at byte `at` of each block as float32 [blocks, 1]."""
    return blocks[:, at : at + 2].contiguous().view(torch.float16).float()


def _fields(data: Tensor, bits: int, group: int) -> Tensor:
    """Unpack bytes of `8 / bits` numbers each, which lie `group` apart, lowest bits first.

    `data` is [blocks, bytes]; the result is uint8 [blocks, bytes * 8 / bits].
    """
    mask = (1 << bits) - 1
    bytes_at_once = math.gcd(group, 8)
    # Eight bytes at once where a group has them: a shift of a word shifts its bytes, whose
    # neighbours' bits are then masked away.
    word, ones = _WORDS[bytes_at_once]
    words = data.clone(memory_format=torch.contiguous_format).view(word)
    words = words.view(len(data), -1, 1, group // bytes_at_once)
    fields = [(words >> shift) & (mask * ones) for shift in range(0, 8, bits)]
    return torch.cat(fields, dim=2).view(torch.uint8).view(len(data), -1)


def _bits(blocks: Tensor, at: int) -> Tensor:
    """Return the 32 bits from byte `at` of each block, lowest first, as uint8 [blocks, 32]."""
    shifts = torch.arange(8, dtype=torch.uint8, device=blocks.device)
    return ((blocks[:, at : at + 4, None] >> shifts) & 1).reshape(len(blocks), 32)


def _q4_0(blocks: Tensor) -> Tensor:
    return _fields(blocks[:, 2:], 4, 16).float().sub_(8).mul_(_half(blocks, 0))


def _q4_1(blocks: Tensor) -> Tensor:
    return _half(blocks, 0) * _fields(blocks[:, 4:], 4, 16).float() + _half(blocks, 2)


def _q5_0(blocks: Tensor) -> Tensor:
    numbers = _fields(blocks[:, 6:], 4, 16) | (_bits(blocks, 2) << 4)
    return _half(blocks, 0) * (numbers.float() - 16)


def _q5_1(blocks: Tensor) -> Tensor:
    numbers = _fields(blocks[:, 8:], 4, 16) | (_bits(blocks, 4) << 4)
    return _half(blocks, 0) * numbers.float() + _half(blocks, 2)


def _q8_0(blocks: Tensor) -> Tensor:
    return blocks[:, 2:].view(torch.int8).float().mul_(_half(blocks, 0))


def _q2_k(blocks: Tensor) -> Tensor:
    scales, numbers = blocks[:, :16], _fields(blocks[:, 16:80], 2, 32)
    scale = _half(blocks, 80) * (scales & 15).float()
    least = _half(blocks, 82) * (scales >> 4).float()
    return numbers.view(-1, 16, 16).float().mul_(scale[..., None]).sub_(least[..., None])


def _q3_k(blocks: Tensor) -> Tensor:
    low, high = _fields(blocks[:, 32:96], 2, 32), _fields(blocks[:, :32], 1, 32)
    packed = blocks[:, 96:108]
    scales = _fields(packed[:, :8], 4, 8) | (_fields(packed[:, 8:], 2, 4) << 4)
    scale = _half(blocks, 108) * (scales.float() - 32)
    numbers = low.float() - 4 * (1 - high.float())
    return scale[..., None] * numbers.view(-1, 16, 16)


def _scales_and_minima(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """Return the scale and minimum [blocks, 8, 1] of the eight sub-blocks of Q4_K and Q5_K."""
    words = blocks[:, 4:16].clone(memory_format=torch.contiguous_format).view(torch.int32)
    first, second, third = words.unbind(1)
    scales = [first & _63S, (third & _15S) | ((first >> 2) & _48S)]
    minima = [second & _63S, ((third >> 4) & _15S) | ((second >> 2) & _48S)]
    numbers = torch.stack(scales + minima, dim=1).view(torch.uint8).float()
    scale, least = numbers.chunk(2, dim=1)
    return (_half(blocks, 0) * scale)[..., None], (_half(blocks, 2) * least)[..., None]


def _q4_k(blocks: Tensor) -> Tensor:
    scale, least = _scales_and_minima(blocks)
    return _fields(blocks[:, 16:], 4, 32).view(-1, 8, 32).float().mul_(scale).sub_(least)


def _q5_k(blocks: Tensor) -> Tensor:
    scale, least = _scales_and_minima(blocks)
    numbers = _fields(blocks[:, 48:], 4, 32) | (_fields(blocks[:, 16:48], 1, 32) << 4)
    return numbers.view(-1, 8, 32).float().mul_(scale).sub_(least)


def _q6_k(blocks: Tensor) -> Tensor:
    numbers = _fields(blocks[:, :128], 4, 64) | (_fields(blocks[:, 128:192], 2, 32) << 4)
    scale = _half(blocks, 208) * blocks[:, 192:208].view(torch.int8).float()
    return numbers.view(-1, 16, 16).float().sub_(32).mul_(scale[..., None])


def _nonlinear(numbers: Tensor) -> Tensor:
    """Return the values that the 4-bit numbers of the IQ4 types stand for."""
    return torch.tensor(_IQ4_VALUES, device=numbers.device)[numbers.int()]


def _iq4_nl(blocks: Tensor) -> Tensor:
    return _half(blocks, 0) * _nonlinear(_fields(blocks[:, 2:], 4, 16))


def _iq4_xs(blocks: Tensor) -> Tensor:
    scales = _fields(blocks[:, 4:8], 4, 1) | (_fields(blocks[:, 2:4], 2, 1) << 4)
    scale = _half(blocks, 0) * (scales.float() - 32)
    return scale[..., None] * _nonlinear(_fields(blocks[:, 8:], 4, 16)).view(-1, 8, 32)


_BLOCKS: Final[Mapping[str, Callable[[Tensor], Tensor]]] = {
    "Q4_0": _q4_0,
    "Q4_1": _q4_1,
    "Q5_0": _q5_0,
    "Q5_1": _q5_1,
    "Q8_0": _q8_0,
    "Q2_K": _q2_k,
    "Q3_K": _q3_k,
    "Q4_K": _q4_k,
    "Q5_K": _q5_k,
    "Q6_K": _q6_k,
    "IQ4_NL": _iq4_nl,
    "IQ4_XS": _iq4_xs,
}
