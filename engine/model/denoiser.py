"""The steps of one picture, with everything computed beforehand that they share."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.sampler import euler_step, model_time
from engine.model.transformer import Caption, StepModulation, Transformer


@dataclass(frozen=True, slots=True)
class Guidance:
    """How strongly to move away from what another caption leads to.

    Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598) as diffusers' pipeline has
    it: scale 0 would be none.
    """

    away_from: Caption
    scale: float


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
        guidance: Guidance | None = None,
    ) -> None:
        """Prepare for latents of `height` x `width`, both even."""
        self._transformer = transformer
        self._caption = caption
        self._schedule = schedule
        self._canvas = transformer.canvas(caption, height, width)
        self._modulations = transformer.modulations([model_time(s) for s in schedule[:-1]])
        self._guidance = guidance
        if guidance is not None:
            self._away_canvas = transformer.canvas(guidance.away_from, height, width)

    @torch.inference_mode()
    def step(self, latents: Tensor, index: int) -> Tensor:
        """Carry latents [channels, height, width] from `schedule[index]` to the next level."""
        estimate = self._estimate(latents, self._modulations[index])
        return euler_step(latents, estimate, self._schedule[index], self._schedule[index + 1])

    def _estimate(self, latents: Tensor, modulation: StepModulation) -> Tensor:
        towards = self._transformer(latents, modulation, self._caption, self._canvas)
        if self._guidance is None:
            return towards
        other = self._guidance.away_from
        away = self._transformer(latents, modulation, other, self._away_canvas)
        return towards + self._guidance.scale * (towards - away)
