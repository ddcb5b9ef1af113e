from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.model.noise import cuda_normal, initial_noise, philox4x32
from engine.schema import MAX_SEED, Noise

# Random123 1.14.0, tests/kat_vectors, the lines "philox4x32 10": counter, key, words.
KNOWN_ANSWERS = """
00000000 00000000 00000000 00000000 00000000 00000000 6627e8d5 e169c58d bc57ac4c 9b00dbd8
ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff 408f276d 41c83b0e a20bc7c6 6d5451fd
243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0 d16cfe09 94fdcceb 5001e420 24126ea1
"""

# What people saw on CUDA devices, as they published it.
# Seed 0, eight digits: stable-diffusion-webui, modules/rng_philox.py, at its head.
SEED_0_PRECISELY = """
-0.92466259 -0.42534415 -2.6438457   0.14518388 -0.12086647 -0.57972564
-0.62285122 -0.32838709 -1.07454231 -0.36314407 -1.67105067  2.26550497
"""
# Seed 0, as torch printed a tensor of 64 on cuda:0: notes to CUDA MODE's lecture on fused kernels.
SEED_0 = """
-0.9247 -0.4253 -2.6438  0.1452 -0.1209 -0.5797 -0.6229 -0.3284
-1.0745 -0.3631 -1.6711  2.2655  0.3117 -0.1842  1.2866  1.1820
-0.1271  1.2169  1.4353  1.0605 -0.4941 -1.4244 -0.7244 -1.2973
 0.0697 -0.0074  1.8969  0.6878 -0.0779 -0.8373  1.3506 -0.2879
-0.5965 -0.3283 -0.9086 -0.8059 -0.7407 -0.0504  0.5435  1.5150
 0.0141  0.4532  1.6349  0.7124 -0.1806  1.0252 -1.4622 -0.7554
-0.1836  0.3824  0.3918 -0.0830  0.8971 -1.1123  0.1116  0.4863
-0.5499 -0.3231 -0.5469  0.9049  0.2837  0.1210  0.4730 -1.0823
"""
# Seed 42, as torch printed randn(2, 5) on cuda:0: FlashInfer's documentation of LogitsPipe.
SEED_42 = """
 0.1940  2.1614 -0.1721  0.8491 -1.9244  0.6530 -0.6494 -0.8175  0.5280 -1.2753
"""


@pytest.mark.parametrize("line", KNOWN_ANSWERS.split("\n")[1:-1])
def test_philox_gives_its_authors_answers(line: str):
    words = np.array([int(word, 16) for word in line.split()], np.uint32)
    found = philox4x32(words[:4, None], (int(words[4]), int(words[5])))
    assert found[:, 0].tolist() == words[6:].tolist()


@pytest.mark.parametrize(
    ("seed", "published", "places"),
    [(0, SEED_0_PRECISELY, 6), (0, SEED_0, 4), (42, SEED_42, 4)],
    ids=["seed 0, precisely", "seed 0", "seed 42"],
)
def test_philox_noise_is_what_torch_draws_on_cuda(seed: int, published: str, places: int):
    expected = np.array(published.split(), np.float64)
    found = cuda_normal(len(expected), seed)
    assert np.abs(found - expected).max() <= 0.51 * 10**-places


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_philox_noise_is_what_torch_draws_on_the_cuda_device_here():
    generator = torch.Generator("cuda").manual_seed(2**40 + 3)
    expected = torch.randn(1, 16, 64, 64, generator=generator, device="cuda")[0].cpu()
    found = initial_noise(16, 64, 64, 2**40 + 3, Noise.PHILOX)
    assert (found - expected).abs().max() < 1e-5


def test_philox_noise_is_standard_normal_and_differs_by_seed():
    numbers = initial_noise(16, 128, 128, 7, Noise.PHILOX)
    assert numbers.dtype == torch.float32
    assert abs(numbers.mean().item()) < 0.01
    assert abs(numbers.std().item() - 1) < 0.01
    for seed in (8, 7 + 2**32, MAX_SEED):
        assert not torch.equal(initial_noise(16, 128, 128, seed, Noise.PHILOX), numbers)


def test_cpu_noise_is_that_of_torchs_cpu_generator():
    expected = torch.randn(1, 16, 4, 6, generator=torch.Generator().manual_seed(42))[0]
    assert torch.equal(initial_noise(16, 4, 6, seed=42), expected)
