"""The stock transformer on whole batches: same weights and mathematics, no masks, no lists.

A batch holds captions of one padded length, as each picture alone would have it; the stock forward
of `diffusers.ZImageTransformer2DModel` gives the same numbers, only slower.
"""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor

from engine.demo.architecture import LATENT_CHANNELS

if TYPE_CHECKING:
    from diffusers import ZImageTransformer2DModel
    from diffusers.models.attention_processor import Attention
    from diffusers.models.transformers.transformer_z_image import RopeEmbedder

SEQUENCE_MULTIPLE = 32
_TIME_SCALE = 1000
_PATCH = "2-1"
_SHIFT = 3.0

Rotation = tuple[Tensor, Tensor]


class PlainAttention:
    """Attention processor for stock blocks with rotations given as cosines and sines."""

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: None = None,
        attention_mask: None = None,
        freqs_cis: Rotation | None = None,
    ) -> Tensor:
        """Attend over all of [batch, tokens, width]; masks are not needed and not heeded."""
        assert freqs_cis is not None
        query, key, value = (
            project(hidden_states).unflatten(-1, (attn.heads, -1)).transpose(1, 2)
            for project in (attn.to_q, attn.to_k, attn.to_v)
        )
        query = _rotate(attn.norm_q(query), freqs_cis).to(value.dtype)
        key = _rotate(attn.norm_k(key), freqs_cis).to(value.dtype)
        # For sequences this short two plain products train twice as fast as the fused kernel.
        weights = (query @ key.mT * query.shape[-1] ** -0.5).softmax(dim=-1)
        mixed = weights.to(value.dtype) @ value
        return cast("Tensor", attn.to_out[0](mixed.transpose(1, 2).flatten(2)))


def prepare(transformer: ZImageTransformer2DModel) -> None:
    """Give every block of a stock transformer the plain attention."""
    for module in transformer.modules():
        if hasattr(module, "set_processor"):
            module.set_processor(PlainAttention())


def predict(
    transformer: ZImageTransformer2DModel,
    latents: Tensor,
    times: Tensor,
    captions: Tensor,
    lengths: Tensor,
) -> Tensor:
    """Return what the transformer says of noisy latents: clean latents minus noise.

    Latents are [n, 16, height, width] with a multiple of 128 values a channel, so that pictures
    need no padding tokens; times [n] are 1 - sigma; captions are [n, rows, width] with rows a
    multiple of 32, of which the first `lengths` [n] count.
    """
    height, width = latents.shape[-2] // 2, latents.shape[-1] // 2
    rows, cells = captions.shape[1], height * width
    cosines, sines = _rotation(transformer.rope_embedder, rows, height, width)
    modulation = transformer.t_embedder(times * _TIME_SCALE)
    image = transformer.all_x_embedder[_PATCH](_patches(latents))
    for block in transformer.noise_refiner:
        image = block(image, None, (cosines[:cells], sines[:cells]), modulation)
    caption = transformer.cap_embedder(captions)
    real = (torch.arange(rows) < lengths[:, None])[..., None]
    caption = torch.where(real, caption, transformer.cap_pad_token.to(caption))
    for block in transformer.context_refiner:
        caption = block(caption, None, (cosines[cells:], sines[cells:]))
    unified = torch.cat([image.float(), caption.float()], dim=1)
    for block in transformer.layers:
        unified = block(unified, None, (cosines, sines), modulation)
    final = transformer.all_final_layer[_PATCH]
    return _unpatched(final(unified[:, :cells], modulation), height, width)


def sigmas(steps: int) -> Tensor:
    """Noise levels of a run, 1 first and 0 last: evenly spaced, then shifted by 3."""
    even = torch.linspace(1, 1 / steps, steps)
    return torch.cat([shifted(even), torch.zeros(1)])


def shifted(even: Tensor) -> Tensor:
    """Move noise levels towards 1, as Z-Image-Turbo's scheduler does."""
    return _SHIFT * even / (1 + (_SHIFT - 1) * even)


@torch.no_grad()
def denoise(
    transformer: ZImageTransformer2DModel,
    noise: Tensor,
    captions: Tensor,
    lengths: Tensor,
    steps: int = 8,
) -> Tensor:
    """Take noise to clean latents by Euler steps."""
    levels, latents = sigmas(steps), noise
    for level, following in itertools.pairwise(levels):
        times = (1 - level).expand(len(noise))
        towards = predict(transformer, latents, times, captions, lengths).float()
        latents = latents + (level - following) * towards
    return latents


def _patches(latents: Tensor) -> Tensor:
    """[n, 16, height, width] to [n, cells, 64], channels fastest."""
    count, channels, height, width = latents.shape
    cells = latents.reshape(count, channels, height // 2, 2, width // 2, 2)
    return cells.permute(0, 2, 4, 3, 5, 1).flatten(3).flatten(1, 2)


def _unpatched(cells: Tensor, height: int, width: int) -> Tensor:
    """Undo `_patches`, for `height` times `width` cells."""
    grid = cells.reshape(len(cells), height, width, 2, 2, LATENT_CHANNELS)
    return grid.permute(0, 5, 1, 3, 2, 4).flatten(4).flatten(2, 3)


def _rotate(vectors: Tensor, rotation: Rotation) -> Tensor:
    """Turn neighbouring pairs of [batch, heads, tokens, size] by the tokens' angles."""
    cosines, sines = rotation
    a, b = vectors.float().reshape(*vectors.shape[:-1], -1, 2).unbind(-1)
    turned = [a * cosines - b * sines, a * sines + b * cosines]
    return torch.stack(turned, dim=-1).flatten(-2)


@lru_cache(maxsize=16)
def _rotation(embedder: RopeEmbedder, rows: int, height: int, width: int) -> Rotation:
    """Cosines and sines [cells + rows, size / 2] of image tokens, then caption tokens."""
    cells = [(rows + 1, y, x) for y in range(height) for x in range(width)]
    words = [(1 + row, 0, 0) for row in range(rows)]
    turns = embedder(torch.tensor(cells + words))
    return turns.real.contiguous(), turns.imag.contiguous()
