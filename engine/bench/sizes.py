"""The sizes of the synthetic models and what a step of them costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from engine.schema import Size

_TOKENS_APART: Final = 32
_PIXELS_PER_TOKEN: Final = 16


@dataclass(frozen=True, slots=True)
class ModelSizes:
    """Sizes of a model; the defaults are Z-Image-Turbo's, Qwen3-4B's and FLUX's VAE's."""

    dim: int = 3840
    heads: int = 30
    layers: int = 30
    refiners: int = 2
    feed_forward: int = 10_240
    condition: int = 256
    channels: int = 16
    encoder_width: int = 2560
    encoder_layers: int = 36
    encoder_heads: int = 32
    encoder_key_heads: int = 8
    encoder_head_dim: int = 128
    encoder_feed_forward: int = 9728
    vocabulary: int = 151_936
    vae_widths: tuple[int, int, int, int] = (512, 512, 256, 128)
    vae_blocks: int = 3

    def layer_shapes(self) -> tuple[tuple[int, int], ...]:
        """Return (rows, columns) of the linear layers of one block."""
        dim, hidden = self.dim, self.feed_forward
        return ((3 * dim, dim), (dim, dim), (hidden, dim), (hidden, dim), (dim, hidden))


FULL: Final = ModelSizes()
SMALL: Final = ModelSizes(
    dim=768,
    heads=6,
    layers=2,
    refiners=1,
    feed_forward=2_048,
    encoder_width=256,
    encoder_layers=2,
    encoder_heads=2,
    encoder_key_heads=1,
    encoder_feed_forward=512,
    vocabulary=1_000,
    vae_widths=(64, 64, 32, 32),
    vae_blocks=1,
)


@dataclass(frozen=True, slots=True)
class StepWork:
    """What one step computes: `tokens` in the main layers, and operations (2 per product)."""

    tokens: int
    linear: int
    attention: int


def step_work(sizes: ModelSizes, size: Size, caption_tokens: int) -> StepWork:
    """Return the work of one step on a picture of `size` with a caption of so many tokens."""
    picture = (size.width // _PIXELS_PER_TOKEN) * (size.height // _PIXELS_PER_TOKEN)
    picture, caption = _padded(picture), _padded(caption_tokens)
    tokens = picture + caption
    weights = sum(rows * columns for rows, columns in sizes.layer_shapes())
    linear = 2 * weights * (tokens * sizes.layers + picture * sizes.refiners)
    attention = 4 * sizes.dim * (tokens**2 * sizes.layers + picture**2 * sizes.refiners)
    return StepWork(tokens, linear, attention)


def _padded(tokens: int) -> int:
    return -(-tokens // _TOKENS_APART) * _TOKENS_APART
