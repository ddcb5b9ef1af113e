"""The decoder of FLUX's autoencoder: from latents to a picture eight times as wide and high.

A convolutional network with residual blocks in four levels and one attention layer in the middle
(Rombach et al. 2022, arXiv 2112.10752). It always runs in float32.

Large pictures are convolved in stripes of rows, each with the rows beside it that a filter reaches,
while the norms look at the whole: the result is that of one piece, without seams, and what a
convolution needs beside its input and output stays small whatever the picture's size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.attention import attend
from engine.model.linear import Parameters
from engine.weights.vae_layout import LEVELS, VaeDims

NORM_EPSILON: Final = 1e-6
# How many numbers go into a convolution at once: 64 MiB.
STRIPE: Final = 1 << 24

_Stripe = Callable[[Tensor], Tensor]


def _unchanged(x: Tensor) -> Tensor:
    return x


def _enlarged(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


class Convolution:
    """A convolution with square filters that keeps the picture's size."""

    def __init__(self, parameters: Parameters, name: str, stripe: int) -> None:
        self.weight = parameters.tensor(f"{name}.weight")
        self.bias = parameters.vector(f"{name}.bias")
        self.stripe = stripe

    def __call__(self, x: Tensor, prepare: _Stripe = _unchanged, factor: int = 1) -> Tensor:
        """Filter `prepare(x)` for x [batch, channels, height, width].

        `prepare` works on any rows of x by themselves, and enlarges them by `factor`.
        """
        batch, channels, height, width = x.shape
        rows = self.stripe // (channels * width * factor**2) * factor
        if rows >= height * factor:
            return self._filtered(prepare(x))
        y = x.new_empty(batch, len(self.weight), height * factor, width * factor)
        # Whole rows of x, also where they are enlarged.
        rows = max(rows, factor)
        margin = -(-(self.weight.shape[-1] // 2) // factor)
        for top in range(0, height * factor, rows):
            first = max(0, top // factor - margin)
            last = min(height, (top + rows) // factor + margin)
            filtered = self._filtered(prepare(x[:, :, first:last]))
            skipped = top - first * factor
            y[:, :, top : top + rows] = filtered[:, :, skipped : skipped + rows]
        return y

    def _filtered(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight, self.bias, padding=self.weight.shape[-1] // 2)


class GroupNorm:
    """Normalisation of channels by groups."""

    def __init__(self, parameters: Parameters, name: str, groups: int) -> None:
        self.weight = parameters.vector(f"{name}.weight")
        self.bias = parameters.vector(f"{name}.bias")
        self.groups = groups

    def __call__(self, x: Tensor) -> Tensor:
        """Normalise x [1, channels, height, width]."""
        return self.of(x)(x)

    def of(self, x: Tensor) -> _Stripe:
        """Return what normalises any part of x [1, channels, height, width] as all of it."""
        variance, mean = torch.var_mean(x.reshape(self.groups, -1), dim=1, correction=0)
        each = len(self.weight) // self.groups
        scale = self.weight * (variance + NORM_EPSILON).rsqrt().repeat_interleave(each)
        shift = self.bias - mean.repeat_interleave(each) * scale
        scale, shift = scale.view(1, -1, 1, 1), shift.view(1, -1, 1, 1)
        return lambda stripe: torch.addcmul(shift, stripe, scale)

    def activated(self, x: Tensor) -> _Stripe:
        """Return what normalises any part of x as all of it and applies SiLU."""
        normalise = self.of(x)
        return lambda stripe: F.silu(normalise(stripe), inplace=True)


class ResidualBlock:
    """Two convolutions around a shortcut, which is a 1x1 convolution where channels change."""

    def __init__(self, parameters: Parameters, groups: int, stripe: int) -> None:
        self.norm1 = GroupNorm(parameters, "norm1", groups)
        self.conv1 = Convolution(parameters, "conv1", stripe)
        self.norm2 = GroupNorm(parameters, "norm2", groups)
        self.conv2 = Convolution(parameters, "conv2", stripe)
        changes = "nin_shortcut.weight" in parameters
        self.shortcut = Convolution(parameters, "nin_shortcut", stripe) if changes else None

    def __call__(self, x: Tensor) -> Tensor:
        """Return x [1, channels, height, width] after this block."""
        h = self.conv1(x, self.norm1.activated(x))
        h = self.conv2(h, self.norm2.activated(h))
        return h.add_(x if self.shortcut is None else self.shortcut(x))


class SpatialAttention:
    """Attention with one head among all places of the picture."""

    def __init__(self, parameters: Parameters, groups: int) -> None:
        self.norm = GroupNorm(parameters, "norm", groups)
        self.query = parameters.linear("q")
        self.key = parameters.linear("k")
        self.value = parameters.linear("v")
        self.out = parameters.linear("proj_out")

    def __call__(self, x: Tensor) -> Tensor:
        """Mix the places of x [1, channels, height, width]."""
        places = self.norm(x)[0].flatten(1).T
        query, key, value = (layer(places) for layer in (self.query, self.key, self.value))
        mixed = attend(query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1))
        return x + self.out(mixed).T.reshape(x.shape)


class Level:
    """Residual blocks at one resolution, then twice that resolution except after the last."""

    def __init__(self, parameters: Parameters, dims: VaeDims, stripe: int) -> None:
        self.blocks = [
            ResidualBlock(parameters.within(f"block.{index}"), dims.groups, stripe)
            for index in range(dims.blocks)
        ]
        enlarges = "upsample.conv.weight" in parameters
        self.upsample = Convolution(parameters, "upsample.conv", stripe) if enlarges else None

    def __call__(self, x: Tensor) -> Tensor:
        """Return x after this level, enlarged where the level enlarges."""
        for block in self.blocks:
            x = block(x)
        if self.upsample is None:
            return x
        return self.upsample(x, _enlarged, factor=2)


class VaeDecoder:
    """Turns latents [channels, height, width] into a picture.

    `stripe` is how many numbers may go into a convolution at once.
    """

    def __init__(self, parameters: Parameters, dims: VaeDims, stripe: int = STRIPE) -> None:
        self.dims = dims
        self._device, self._dtype = parameters.device, parameters.dtype
        decoder = parameters.within("decoder")
        self.conv_in = Convolution(decoder, "conv_in", stripe)
        self.block_1 = ResidualBlock(decoder.within("mid.block_1"), dims.groups, stripe)
        self.attention = SpatialAttention(decoder.within("mid.attn_1"), dims.groups)
        self.block_2 = ResidualBlock(decoder.within("mid.block_2"), dims.groups, stripe)
        self.levels = [
            Level(decoder.within(f"up.{level}"), dims, stripe) for level in reversed(range(LEVELS))
        ]
        self.norm_out = GroupNorm(decoder, "norm_out", dims.groups)
        self.conv_out = Convolution(decoder, "conv_out", stripe)

    def __call__(self, latents: Tensor) -> Tensor:
        """Return the picture [3, 8 * height, 8 * width] with values from about -1 to 1."""
        z = latents.to(self._device, self._dtype)[None]
        x = self.conv_in(z / self.dims.scaling + self.dims.shift)
        x = self.block_2(self.attention(self.block_1(x)))
        for level in self.levels:
            x = level(x)
        return self.conv_out(x, self.norm_out.activated(x))[0]
