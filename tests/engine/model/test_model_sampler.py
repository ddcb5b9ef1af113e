from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from hypothesis import given
from hypothesis import strategies as st

from engine.model.sampler import euler_step, model_time, sigmas
from engine.schema import MAX_STEPS


def test_eight_steps_are_those_of_z_image_turbo():
    expected = [1, 0.954545, 0.9, 0.833333, 0.75, 0.642857, 0.5, 0.3, 0]
    assert sigmas(8) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("steps", [1, 2, 8, 9, MAX_STEPS])
def test_the_schedule_is_that_of_diffusers(steps: int):
    scheduler = FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=False)
    grid = torch.linspace(1.0, 1 / steps, steps).tolist()
    scheduler.set_timesteps(steps, sigmas=grid)
    assert sigmas(steps) == pytest.approx(scheduler.sigmas.tolist(), rel=1e-6)
    times = ((1000 - scheduler.timesteps) / 1000).tolist()
    assert [model_time(s) for s in sigmas(steps)[:-1]] == pytest.approx(times, abs=1e-6)


@given(steps=st.integers(1, MAX_STEPS))
def test_every_schedule_falls_from_one_to_zero(steps: int):
    levels = sigmas(steps)
    assert len(levels) == steps + 1
    assert levels[0] == 1
    assert levels[-1] == 0
    assert levels == sorted(levels, reverse=True)


def test_an_estimate_that_is_right_leads_to_the_data():
    data, noise = torch.randn(2, 16, 4, 4).unbind(0)
    latents = noise
    levels = sigmas(5)
    for sigma, next_sigma in pairwise(levels):
        latents = euler_step(latents, data - noise, sigma, next_sigma)
    assert torch.allclose(latents, data, atol=1e-5)
