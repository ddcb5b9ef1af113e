"""Flow matching with Euler steps, as pure functions.

A picture is carried from noise (sigma 1) to data (sigma 0) along x = (1 - sigma) data + sigma
noise. The model estimates data - noise; its time runs the other way, from 0 at noise to 1.
Schedule and constants are Z-Image-Turbo's: a uniform grid, shifted by 3 towards the noise
(Esser et al. 2024, arXiv 2403.03206, equation 23).
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

SHIFT: Final = 3.0


def sigmas(steps: int, shift: float = SHIFT) -> list[float]:
    """Return the `steps + 1` noise levels of a schedule: from 1, falling, to a final 0."""
    grid = torch.linspace(1.0, 1.0 / steps, steps)
    shifted: list[float] = (shift * grid / (1 + (shift - 1) * grid)).tolist()
    return [*shifted, 0.0]


def model_time(sigma: float) -> float:
    """Return the time, from 0 to 1, at which the model is asked for noise level `sigma`."""
    return 1.0 - sigma


def euler_step(latents: Tensor, estimate: Tensor, sigma: float, next_sigma: float) -> Tensor:
    """Return the latents at `next_sigma`, given the model's estimate of data - noise."""
    velocity = -estimate.float()
    return latents + (next_sigma - sigma) * velocity


def outlook(before: Tensor, after: Tensor, sigma: float, next_sigma: float) -> Tensor:
    """Return where the straight line of a step from `sigma` to `next_sigma` ends, at sigma 0."""
    return before + (after - before) * (sigma / (sigma - next_sigma))
