"""The Z-Image transformer: a single stream of picture and prompt tokens (arXiv 2511.22699).

One picture at a time, so that no attention mask is needed. What does not change between steps
is computed once: the refined caption per prompt, the rotary tables per picture size, the
modulations of all layers per schedule.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.attention import attend
from engine.model.fused import fused_for
from engine.model.linear import Parameters
from engine.weights.transformer_layout import PATCH, TransformerDims

ROPE_THETA: Final = 256.0
TIME_SCALE: Final = 1000.0
LONGEST_PERIOD: Final = 10_000.0
NORM_EPSILON: Final = 1e-5
FINAL_NORM_EPSILON: Final = 1e-6
TOKEN_MULTIPLE: Final = 32


class Modulation(NamedTuple):
    """How the time scales and gates one block; each is [dim], or 1 for no modulation."""

    attention_scale: Tensor | float = 1.0
    attention_gate: Tensor | float = 1.0
    feed_forward_scale: Tensor | float = 1.0
    feed_forward_gate: Tensor | float = 1.0


class StepModulation(NamedTuple):
    """The modulations of all blocks for one step."""

    noise_refiner: list[Modulation]
    layers: list[Modulation]
    final_scale: Tensor


@dataclass(frozen=True, slots=True)
class Caption:
    """A prompt, ready for the layers: `tokens` [padded, dim] and their rotary table."""

    tokens: Tensor
    rotation: Tensor


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture size, ready for the layers: `rows` x `columns` patches and their rotary table."""

    rows: int
    columns: int
    rotation: Tensor


class Attention:
    """Full self-attention with normalised, rotated queries and keys."""

    def __init__(self, parameters: Parameters, dims: TransformerDims) -> None:
        self.qkv = parameters.linear("qkv")
        self.q_norm = parameters.vector("q_norm.weight")
        self.k_norm = parameters.vector("k_norm.weight")
        self.out = parameters.linear("out")
        self.heads = dims.heads
        self.fused = fused_for(parameters.device.type)

    def __call__(self, x: Tensor, rotation: Tensor) -> Tensor:
        """Mix tokens [tokens, dim] that stand where `rotation` says."""
        query, key, value = self.qkv(x).view(len(x), 3, self.heads, -1).unbind(1)
        turned = self.fused.normalised_and_turned
        query = turned(query, self.q_norm, rotation, NORM_EPSILON)
        key = turned(key, self.k_norm, rotation, NORM_EPSILON)
        return self.out(attend(query, key, value))


class FeedForward:
    """The gated feed-forward layer SwiGLU (Shazeer 2020)."""

    def __init__(self, parameters: Parameters) -> None:
        self.w1 = parameters.linear("w1")
        self.w3 = parameters.linear("w3")
        self.w2 = parameters.linear("w2")
        self.fused = fused_for(parameters.device.type)

    def __call__(self, x: Tensor) -> Tensor:
        """Transform tokens [tokens, dim], each by itself."""
        return self.w2(self.fused.gated(self.w1(x), self.w3(x)))


class Block:
    """Attention and feed-forward, each normalised before and after; modulated or not."""

    def __init__(self, parameters: Parameters, dims: TransformerDims) -> None:
        modulated = "adaLN_modulation.0.weight" in parameters
        self.modulation = parameters.exact_linear("adaLN_modulation.0") if modulated else None
        self.attention_norm1 = parameters.vector("attention_norm1.weight")
        self.attention = Attention(parameters.within("attention"), dims)
        self.attention_norm2 = parameters.vector("attention_norm2.weight")
        self.ffn_norm1 = parameters.vector("ffn_norm1.weight")
        self.feed_forward = FeedForward(parameters.within("feed_forward"))
        self.ffn_norm2 = parameters.vector("ffn_norm2.weight")
        self.fused = fused_for(parameters.device.type)

    def modulate(self, condition: Tensor) -> Modulation:
        """Return the block's modulation for a time embedding [condition]."""
        if self.modulation is None:
            return Modulation()
        scale_a, gate_a, scale_f, gate_f = self.modulation(condition).chunk(4)
        return Modulation(1 + scale_a, gate_a.tanh(), 1 + scale_f, gate_f.tanh())

    def __call__(self, x: Tensor, rotation: Tensor, m: Modulation) -> Tensor:
        """Return the tokens [tokens, dim] after this block."""
        plus_normalised = self.fused.plus_normalised
        h = self.attention(_rms_norm(x, self.attention_norm1 * m.attention_scale), rotation)
        x = plus_normalised(x, h, self.attention_norm2 * m.attention_gate, NORM_EPSILON)
        h = self.feed_forward(_rms_norm(x, self.ffn_norm1 * m.feed_forward_scale))
        return plus_normalised(x, h, self.ffn_norm2 * m.feed_forward_gate, NORM_EPSILON)


class Transformer:
    """Estimates, from noisy latents, the time and a prompt, the way to the picture."""

    def __init__(self, parameters: Parameters, dims: TransformerDims) -> None:
        self.dims = dims
        self._device, self._dtype = parameters.device, parameters.dtype
        self.caption_norm = parameters.vector("cap_embedder.0.weight")
        self.caption_embedder = parameters.exact_linear("cap_embedder.1")
        self.caption_pad = parameters.vector("cap_pad_token")
        self.context_refiner = _blocks(parameters, "context_refiner", dims.context_refiners, dims)
        self.time_in = parameters.exact_linear("t_embedder.mlp.0")
        self.time_out = parameters.exact_linear("t_embedder.mlp.2")
        self.patch_embedder = parameters.exact_linear("x_embedder")
        self.patch_pad = parameters.vector("x_pad_token")
        self.noise_refiner = _blocks(parameters, "noise_refiner", dims.noise_refiners, dims)
        self.layers = _blocks(parameters, "layers", dims.layers, dims)
        self.final_modulation = parameters.exact_linear("final_layer.adaLN_modulation.1")
        self.final = parameters.exact_linear("final_layer.linear")

    def caption(self, embedding: Tensor) -> Caption:
        """Refine a prompt's embedding [tokens, caption_width]; once per prompt."""
        tokens = embedding.to(self._device, self._dtype)
        tokens = self.caption_embedder(_rms_norm(tokens, self.caption_norm))
        tokens = _pad(tokens, self.caption_pad)
        positions = torch.zeros(len(tokens), 3)
        positions[:, 0] = torch.arange(1, len(tokens) + 1)
        rotation = rotations(positions, self.dims.rope_axes).to(self._device)
        for block in self.context_refiner:
            tokens = block(tokens, rotation, Modulation())
        return Caption(tokens, rotation)

    def canvas(self, caption: Caption, height: int, width: int) -> Canvas:
        """Lay out latents of `height` x `width`; once per caption length and size."""
        rows, columns = height // PATCH, width // PATCH
        padding = -(rows * columns) % TOKEN_MULTIPLE
        row, column = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
        first = torch.full_like(row, len(caption.tokens) + 1)
        positions = torch.stack([first, row, column], dim=-1).flatten(0, 1)
        positions = torch.cat([positions, positions.new_zeros(padding, 3)])
        return Canvas(rows, columns, rotations(positions, self.dims.rope_axes).to(self._device))

    def modulations(self, times: Sequence[float]) -> list[StepModulation]:
        """Return the modulations for each time from 0 (noise) to 1; once per schedule."""
        return [self._modulation(time) for time in times]

    def __call__(
        self, latents: Tensor, modulation: StepModulation, caption: Caption, canvas: Canvas
    ) -> Tensor:
        """Return the estimate of data - noise for latents [channels, height, width], float32."""
        tokens = self.patch_embedder(patchify(latents.to(self._device, self._dtype)))
        tokens = _pad(tokens, self.patch_pad)
        for block, m in zip(self.noise_refiner, modulation.noise_refiner, strict=True):
            tokens = block(tokens, canvas.rotation, m)
        tokens = torch.cat([tokens, caption.tokens])
        rotation = torch.cat([canvas.rotation, caption.rotation])
        for block, m in zip(self.layers, modulation.layers, strict=True):
            tokens = block(tokens, rotation, m)
        tokens = tokens[: canvas.rows * canvas.columns]
        tokens = F.layer_norm(tokens, tokens.shape[-1:], eps=FINAL_NORM_EPSILON)
        patches = self.final(tokens * modulation.final_scale)
        return unpatchify(patches.float(), canvas.rows, canvas.columns)

    def _modulation(self, time: float) -> StepModulation:
        angles = time_sinusoids(time, self.dims.frequencies).to(self._device, self._dtype)
        condition = self.time_out(F.silu(self.time_in(angles)))
        return StepModulation(
            [block.modulate(condition) for block in self.noise_refiner],
            [block.modulate(condition) for block in self.layers],
            1 + self.final_modulation(F.silu(condition)),
        )


def time_sinusoids(time: float, count: int) -> Tensor:
    """Return `count / 2` cosines and as many sines of a time from 0 to 1, float32."""
    half = count // 2
    frequencies = torch.exp(-math.log(LONGEST_PERIOD) * torch.arange(half) / half)
    angles = torch.tensor(time, dtype=torch.float32) * TIME_SCALE * frequencies
    return torch.cat([angles.cos(), angles.sin()])


def rotations(positions: Tensor, axes: Sequence[int]) -> Tensor:
    """Return the rotary table complex64 [tokens, 1, head_dim / 2] for positions [tokens, 3].

    Each axis of the position turns its own share of a head's numbers (Su et al. 2021).
    """
    tables = []
    for axis, size in enumerate(axes):
        exponents = torch.arange(0, size, 2, dtype=torch.float64) / size
        angles = torch.outer(positions[:, axis].double(), ROPE_THETA**-exponents).float()
        tables.append(torch.polar(torch.ones_like(angles), angles))
    return torch.cat(tables, dim=-1).unsqueeze(1)


def patchify(latents: Tensor) -> Tensor:
    """Cut latents [channels, height, width] into patches [tokens, 4 * channels], channel last."""
    channels, height, width = latents.shape
    patches = latents.view(channels, height // PATCH, PATCH, width // PATCH, PATCH)
    return patches.permute(1, 3, 2, 4, 0).flatten(2).flatten(0, 1)


def unpatchify(patches: Tensor, rows: int, columns: int) -> Tensor:
    """Put patches [rows * columns, 4 * channels] together again."""
    latents = patches.view(rows, columns, PATCH, PATCH, -1).permute(4, 0, 2, 1, 3)
    return latents.reshape(-1, rows * PATCH, columns * PATCH)


def _blocks(parameters: Parameters, name: str, count: int, dims: TransformerDims) -> list[Block]:
    return [Block(parameters.within(f"{name}.{index}"), dims) for index in range(count)]


def _rms_norm(x: Tensor, weight: Tensor) -> Tensor:
    return F.rms_norm(x, weight.shape, weight, NORM_EPSILON)


def _pad(tokens: Tensor, pad: Tensor) -> Tensor:
    """Fill up to a multiple of 32 tokens; pad tokens take part in attention like any other."""
    missing = -len(tokens) % TOKEN_MULTIPLE
    return torch.cat([tokens, pad.expand(missing, -1)])
