"""The decoder of FLUX's autoencoder: from latents to a picture eight times as wide and high.

A convolutional network with residual blocks in four levels and one attention layer in the middle
(Rombach et al. 2022, arXiv 2112.10752). It always runs in float32.
"""

from __future__ import annotations

from typing import Final

import torch.nn.functional as F
from torch import Tensor

from engine.model.attention import attend
from engine.model.linear import Parameters
from engine.weights.vae_layout import LEVELS, VaeDims

NORM_EPSILON: Final = 1e-6


class Convolution:
    """A convolution with square filters that keeps the picture's size."""

    def __init__(self, parameters: Parameters, name: str) -> None:
        self.weight = parameters.tensor(f"{name}.weight")
        self.bias = parameters.vector(f"{name}.bias")

    def __call__(self, x: Tensor) -> Tensor:
        """Filter x [batch, channels, height, width]."""
        return F.conv2d(x, self.weight, self.bias, padding=self.weight.shape[-1] // 2)


class GroupNorm:
    """Normalisation of channels by groups."""

    def __init__(self, parameters: Parameters, name: str, groups: int) -> None:
        self.weight = parameters.vector(f"{name}.weight")
        self.bias = parameters.vector(f"{name}.bias")
        self.groups = groups

    def __call__(self, x: Tensor) -> Tensor:
        """Normalise x [batch, channels, height, width]."""
        return F.group_norm(x, self.groups, self.weight, self.bias, NORM_EPSILON)


class ResidualBlock:
    """Two convolutions around a shortcut, which is a 1x1 convolution where channels change."""

    def __init__(self, parameters: Parameters, groups: int) -> None:
        self.norm1 = GroupNorm(parameters, "norm1", groups)
        self.conv1 = Convolution(parameters, "conv1")
        self.norm2 = GroupNorm(parameters, "norm2", groups)
        self.conv2 = Convolution(parameters, "conv2")
        changes = "nin_shortcut.weight" in parameters
        self.shortcut = Convolution(parameters, "nin_shortcut") if changes else None

    def __call__(self, x: Tensor) -> Tensor:
        """Return x [batch, channels, height, width] after this block."""
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        return h + (x if self.shortcut is None else self.shortcut(x))


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

    def __init__(self, parameters: Parameters, dims: VaeDims) -> None:
        self.blocks = [
            ResidualBlock(parameters.within(f"block.{index}"), dims.groups)
            for index in range(dims.blocks)
        ]
        enlarges = "upsample.conv.weight" in parameters
        self.upsample = Convolution(parameters, "upsample.conv") if enlarges else None

    def __call__(self, x: Tensor) -> Tensor:
        """Return x after this level, enlarged where the level enlarges."""
        for block in self.blocks:
            x = block(x)
        if self.upsample is None:
            return x
        return self.upsample(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class VaeDecoder:
    """Turns latents [channels, height, width] into a picture."""

    def __init__(self, parameters: Parameters, dims: VaeDims) -> None:
        self.dims = dims
        self._device, self._dtype = parameters.device, parameters.dtype
        decoder = parameters.within("decoder")
        self.conv_in = Convolution(decoder, "conv_in")
        self.block_1 = ResidualBlock(decoder.within("mid.block_1"), dims.groups)
        self.attention = SpatialAttention(decoder.within("mid.attn_1"), dims.groups)
        self.block_2 = ResidualBlock(decoder.within("mid.block_2"), dims.groups)
        self.levels = [
            Level(decoder.within(f"up.{level}"), dims) for level in reversed(range(LEVELS))
        ]
        self.norm_out = GroupNorm(decoder, "norm_out", dims.groups)
        self.conv_out = Convolution(decoder, "conv_out")

    def __call__(self, latents: Tensor) -> Tensor:
        """Return the picture [3, 8 * height, 8 * width] with values from about -1 to 1."""
        z = latents.to(self._device, self._dtype)[None]
        x = self.conv_in(z / self.dims.scaling + self.dims.shift)
        x = self.block_2(self.attention(self.block_1(x)))
        for level in self.levels:
            x = level(x)
        return self.conv_out(F.silu(self.norm_out(x)))[0]
