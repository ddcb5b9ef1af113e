"""The steps of one picture, with everything computed beforehand that they share."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.model.sampler import euler_step, model_time
from engine.model.transformer import Caption, Transformer


class Denoiser:
    """Carries latents of one size, under one prompt, down a schedule of noise levels."""

    @torch.inference_mode()
    def __init__(
        self,
        transformer: Transformer,
        caption: Caption,
        height: int,
        width: int,
        schedule: list[float],
    ) -> None:
        """Prepare for latents of `height` x `width`, both even."""
        self._transformer = transformer
        self._caption = caption
        self._schedule = schedule
        self._canvas = transformer.canvas(caption, height, width)
        self._modulations = transformer.modulations([model_time(s) for s in schedule[:-1]])

    @torch.inference_mode()
    def step(self, latents: Tensor, index: int) -> Tensor:
        """Carry latents [channels, height, width] from `schedule[index]` to the next level."""
        modulation = self._modulations[index]
        estimate = self._transformer(latents, modulation, self._caption, self._canvas)
        return euler_step(latents, estimate, self._schedule[index], self._schedule[index + 1])
