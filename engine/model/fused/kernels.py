"""The operations in Triton (https://triton-lang.org): each reads and writes its numbers once.

Meanings are those of `plain.Plain`. Numbers are computed in float32 and rounded once, at the end.
"""

from __future__ import annotations

from typing import Any, Final

import torch
import triton
import triton.language as tl
from torch import Tensor

from engine.model.fused.plain import SMALLEST_SCALE, Plain
from engine.weights.tensors import TensorType

# Tokens that one program rounds: the least that `tl.dot` takes.
_TOKENS: Final = 16
_SMALLEST_TURN: Final = 16
_NUMBERS: Final = 1024
_BLOCKS: Final = 4


@triton.jit
def _plus_normalised(x, h, weight, out, columns, epsilon, WIDTH: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.arange(0, WIDTH)
    inside = at < columns
    numbers = tl.load(h + row * columns + at, mask=inside, other=0.0).to(tl.float32)
    size = tl.rsqrt(tl.sum(numbers * numbers, 0) / columns + epsilon)
    weights = tl.load(weight + at, mask=inside, other=0.0).to(tl.float32)
    before = tl.load(x + row * columns + at, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + row * columns + at, before + numbers * size * weights, mask=inside)


@triton.jit
def _normalised_and_turned(
    x, weight, rotation, out, heads, size, token_stride, head_stride, epsilon,
    HEADS: tl.constexpr, PAIRS: tl.constexpr,
):  # fmt: skip
    token = tl.program_id(0).to(tl.int64)
    head = tl.arange(0, HEADS)[:, None]
    pair = tl.arange(0, PAIRS)[None, :]
    inside = (head < heads) & (2 * pair < size)
    here = x + token * token_stride + head * head_stride + 2 * pair
    first = tl.load(here, mask=inside, other=0.0).to(tl.float32)
    second = tl.load(here + 1, mask=inside, other=0.0).to(tl.float32)
    length = tl.rsqrt(tl.sum(first * first + second * second, 1) / size + epsilon)[:, None]
    known = 2 * pair < size
    first *= length * tl.load(weight + 2 * pair, mask=known, other=0.0).to(tl.float32)
    second *= length * tl.load(weight + 2 * pair + 1, mask=known, other=0.0).to(tl.float32)
    cosine = tl.load(rotation + token * size + 2 * pair, mask=known, other=0.0)
    sine = tl.load(rotation + token * size + 2 * pair + 1, mask=known, other=0.0)
    there = out + token * heads * size + head * size + 2 * pair
    tl.store(there, first * cosine - second * sine, mask=inside)
    tl.store(there + 1, first * sine + second * cosine, mask=inside)


@triton.jit
def _gated(gate, x, count, NUMBERS: tl.constexpr):
    at = tl.program_id(0).to(tl.int64) * NUMBERS + tl.arange(0, NUMBERS)
    inside = at < count
    numbers = tl.load(gate + at, mask=inside, other=0.0).to(tl.float32)
    other = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    tl.store(gate + at, numbers * tl.sigmoid(numbers) * other, mask=inside)


@triton.jit
def _rounded_tokens(
    x, balance, turn, out, scales, tokens, columns, limit, smallest,
    TOKENS: tl.constexpr, TURN: tl.constexpr,
):  # fmt: skip
    token = tl.program_id(0).to(tl.int64) * TOKENS + tl.arange(0, TOKENS)[:, None]
    at = tl.arange(0, TURN)[None, :]
    inside = token < tokens
    matrix = tl.load(turn + tl.arange(0, TURN)[:, None] * TURN + at)
    largest = tl.zeros((TOKENS,), dtype=tl.float32)
    for start in range(0, columns, TURN):
        numbers = tl.load(x + token * columns + start + at, mask=inside, other=0.0).to(tl.float32)
        numbers *= tl.load(balance + start + at)
        turned = tl.abs(tl.dot(numbers, matrix, input_precision="ieee"))
        # What is not a number must not be rounded to one.
        turned = tl.where(turned == turned, turned, float("inf"))
        largest = tl.maximum(largest, tl.max(turned, 1))
    scale = tl.maximum(largest / limit, smallest)[:, None]
    tl.store(scales + token, scale, mask=inside)
    for start in range(0, columns, TURN):
        numbers = tl.load(x + token * columns + start + at, mask=inside, other=0.0).to(tl.float32)
        numbers *= tl.load(balance + start + at)
        turned = tl.dot(numbers, matrix, input_precision="ieee")
        whole = tl.floor(turned / scale + 0.5)
        tl.store(out + token * columns + start + at, whole.to(tl.int8), mask=inside)


@triton.jit
def _scaled(sums, tokens, rows, out, count, stride, NUMBERS: tl.constexpr):
    token = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * NUMBERS + tl.arange(0, NUMBERS)
    inside = at < count
    numbers = tl.load(sums + token * stride + at, mask=inside, other=0).to(tl.float32)
    scale = tl.load(tokens + token) * tl.load(rows + at, mask=inside, other=0.0)
    tl.store(out + token * count + at, numbers * scale, mask=inside)


@triton.jit
def _half(data, at, inside):
    return tl.load((data + at).to(tl.pointer_type(tl.float16)), mask=inside, other=0.0).to(
        tl.float32
    )


@triton.jit
def _unpacked_q8_0(data, out, blocks, BLOCKS: tl.constexpr):
    block = tl.program_id(0).to(tl.int64) * BLOCKS + tl.arange(0, BLOCKS)[:, None]
    place = tl.arange(0, 32)[None, :]
    inside = (block < blocks) & (place < 32)
    numbers = tl.load(data + block * 34 + 2 + place, mask=inside, other=0).to(tl.int8, bitcast=True)
    scale = _half(data, block * 34, block < blocks)
    tl.store(out + block * 32 + place, numbers.to(tl.float32) * scale, mask=inside)


@triton.jit
def _unpacked_q4_k(data, out, blocks, BLOCKS: tl.constexpr):
    block = tl.program_id(0).to(tl.int64) * BLOCKS + tl.arange(0, BLOCKS)[:, None]
    place = tl.arange(0, 256)[None, :]
    inside = (block < blocks) & (place < 256)
    part = place // 32
    base = data + block * 144
    byte = tl.load(base + 16 + (part // 2) * 32 + place % 32, mask=inside, other=0)
    numbers = (byte >> (4 * (part % 2)).to(tl.uint8)) & 15
    # Of eight scales and minima of 6 bits, four lie in a byte each and four in what is left.
    early = part < 4
    low = tl.load(base + 4 + part, mask=inside, other=0)
    high = tl.load(base + 8 + part, mask=inside, other=0)
    top = tl.load(base + tl.where(early, 4, part), mask=inside, other=0)
    scale = tl.where(early, low & 63, (high & 15) | ((top >> 6) << 4)).to(tl.float32)
    least = tl.where(early, high & 63, (high >> 4) | ((low >> 6) << 4)).to(tl.float32)
    known = block < blocks
    scale *= _half(data, block * 144, known)
    least *= _half(data, block * 144 + 2, known)
    tl.store(out + block * 256 + place, numbers.to(tl.float32) * scale - least, mask=inside)


@triton.jit
def _unpacked_q6_k(data, out, blocks, BLOCKS: tl.constexpr):
    block = tl.program_id(0).to(tl.int64) * BLOCKS + tl.arange(0, BLOCKS)[:, None]
    place = tl.arange(0, 256)[None, :]
    inside = (block < blocks) & (place < 256)
    half, rest = place // 128, place % 128
    base = data + block * 210
    low = tl.load(base + half * 64 + rest % 64, mask=inside, other=0)
    high = tl.load(base + 128 + half * 32 + rest % 32, mask=inside, other=0)
    low = (low >> (4 * (rest // 64)).to(tl.uint8)) & 15
    high = (high >> (2 * (rest // 32)).to(tl.uint8)) & 3
    numbers = (low | (high << 4)).to(tl.float32) - 32
    scale = tl.load(base + 192 + place // 16, mask=inside, other=0).to(tl.int8, bitcast=True)
    whole = _half(data, block * 210 + 208, block < blocks)
    tl.store(out + block * 256 + place, numbers * scale.to(tl.float32) * whole, mask=inside)


_UNPACKED: Final[dict[str, Any]] = {
    "Q8_0": _unpacked_q8_0,
    "Q4_K": _unpacked_q4_k,
    "Q6_K": _unpacked_q6_k,
}


class Kernels(Plain):
    """Each operation in one kernel; torch has `normalised` in one itself."""

    def plus_normalised(self, x: Tensor, h: Tensor, weight: Tensor, epsilon: float) -> Tensor:
        """See `Plain`."""
        x, h, out = x.contiguous(), h.contiguous(), torch.empty_like(x)
        columns = x.shape[-1]
        width = triton.next_power_of_2(columns)
        _plus_normalised[(x.numel() // columns,)](x, h, weight, out, columns, epsilon, WIDTH=width)
        return out

    def normalised_and_turned(
        self, x: Tensor, weight: Tensor, rotation: Tensor, epsilon: float
    ) -> Tensor:
        """See `Plain`."""
        tokens, heads, size = x.shape
        if x.stride(2) != 1:
            x = x.contiguous()
        out = torch.empty((tokens, heads, size), dtype=x.dtype, device=x.device)
        table = torch.view_as_real(rotation).contiguous()
        _normalised_and_turned[(tokens,)](
            x, weight, table, out, heads, size, x.stride(0), x.stride(1), epsilon,
            HEADS=triton.next_power_of_2(heads), PAIRS=triton.next_power_of_2(size // 2),
        )  # fmt: skip
        return out

    def gated(self, gate: Tensor, x: Tensor) -> Tensor:
        """See `Plain`."""
        gate, x = gate.contiguous(), x.contiguous()
        _gated[(triton.cdiv(gate.numel(), _NUMBERS),)](gate, x, gate.numel(), NUMBERS=_NUMBERS)
        return gate

    def rounded_tokens(
        self, x: Tensor, balance: Tensor, turn: Tensor | None, limit: int
    ) -> tuple[Tensor, Tensor]:
        """See `Plain`."""
        if turn is None or len(turn) < _SMALLEST_TURN:
            return super().rounded_tokens(x, balance, turn, limit)
        x = x.contiguous()
        tokens, columns = x.shape
        out = torch.empty((tokens, columns), dtype=torch.int8, device=x.device)
        scales = torch.empty((tokens, 1), dtype=torch.float32, device=x.device)
        _rounded_tokens[(triton.cdiv(tokens, _TOKENS),)](
            x, balance, turn.contiguous(), out, scales, tokens, columns, limit, SMALLEST_SCALE,
            TOKENS=_TOKENS, TURN=len(turn),
        )  # fmt: skip
        return out, scales

    def scaled(self, sums: Tensor, tokens: Tensor, rows: Tensor, dtype: torch.dtype) -> Tensor:
        """See `Plain`."""
        height, width = sums.shape
        out = torch.empty((height, width), dtype=dtype, device=sums.device)
        grid = (height, triton.cdiv(width, _NUMBERS))
        _scaled[grid](sums, tokens, rows, out, width, sums.stride(0), NUMBERS=_NUMBERS)
        return out

    def unpacked(
        self, data: Tensor, kind: TensorType, shape: tuple[int, ...], dtype: torch.dtype
    ) -> Tensor:
        """See `Plain`; kinds that are not published for this model stay with it."""
        kernel = _UNPACKED.get(kind.name)
        if kernel is None:
            return super().unpacked(data, kind, shape, dtype)
        data = data.contiguous()
        blocks = data.numel() // kind.block_bytes
        out = torch.empty(shape, dtype=dtype, device=data.device)
        kernel[(triton.cdiv(blocks, _BLOCKS),)](data, out, blocks, BLOCKS=_BLOCKS)
        return out
