"""What a picture will look like, long before it is decoded.

One number per channel and place of the latents makes one pixel, by a linear map. The map is found
anew for every picture: its first estimate, shrunk, goes through the decoder, and least squares do
the rest. So it fits any decoder and the colours that this picture really has.
"""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.vae import VaeDecoder
from engine.weights.vae_layout import FACTOR

# Latents of 128 x 128 pixels: 0.16 T operations in FLUX's decoder, 1/80 of a step at 512 x 512.
SIDE: Final = 16
# Keeps the map small where the estimate has fewer colours than the map has numbers.
_RIDGE: Final = 1e-3


class Previewer:
    """Shows estimates of one picture's latents as pixels, one for each place."""

    def __init__(self, vae: VaeDecoder) -> None:
        self._vae = vae
        self._map: Tensor | None = None

    @torch.inference_mode()
    def __call__(self, latents: Tensor) -> Tensor:
        """Return a picture [3, height, width] from 0 to 1 of latents [channels, height, width].

        The first call also runs the decoder, on no more than 16 x 16 places.
        """
        latents = latents.float().cpu()
        if self._map is None:
            self._map = self._fitted(latents)
        colours = _features(latents) @ self._map
        _, height, width = latents.shape
        return colours.T.view(3, height, width).nan_to_num().clamp(0, 1)

    def _fitted(self, latents: Tensor) -> Tensor:
        """Return the map [channels + 1, 3] that is best for latents like these."""
        _, height, width = latents.shape
        small = F.adaptive_avg_pool2d(latents, (min(height, SIDE), min(width, SIDE)))
        picture = F.avg_pool2d(self._vae(small).float().cpu(), FACTOR)
        colours = (picture / 2 + 0.5).clamp(0, 1).flatten(1).T.double()
        features = _features(small).double()
        moments = features.T @ features
        moments += _RIDGE * moments.diagonal().mean() * torch.eye(len(moments))
        solved: Tensor = torch.linalg.solve(moments, features.T @ colours)
        return solved.float()


def _features(latents: Tensor) -> Tensor:
    """Return the channels of each place and a 1, [places, channels + 1]."""
    places = latents.flatten(1).T
    return torch.cat([places, places.new_ones(len(places), 1)], dim=1)


def preview_steps(previews: int, steps: int) -> frozenset[int]:
    """Return which of `steps`, counted from 1, carry a preview: evenly spaced, never the last."""
    count = min(previews, steps - 1)
    return frozenset(steps * number // (count + 1) for number in range(1, count + 1))
