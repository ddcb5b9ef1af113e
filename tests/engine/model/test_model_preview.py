from __future__ import annotations

import loaded
import pytest
import tiny_models
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from engine.model.preview import SIDE, Previewer, preview_steps
from engine.model.vae import VaeDecoder
from engine.schema import MAX_PREVIEWS, MAX_STEPS


@pytest.fixture(scope="module")
def vae(tmp_path_factory: pytest.TempPathFactory) -> VaeDecoder:
    return loaded.vae(tiny_models.write_vae(tmp_path_factory.mktemp("vae") / "ae.safetensors"))


def latents(height: int, width: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(16, height, width, generator=torch.Generator().manual_seed(seed))


def test_a_preview_has_a_pixel_for_each_place(vae: VaeDecoder):
    preview = Previewer(vae)(latents(6, 40))
    assert preview.shape == (3, 6, 40)
    assert preview.min() >= 0
    assert preview.max() <= 1


def test_the_map_is_the_best_for_the_first_latents(vae: VaeDecoder):
    first = latents(SIDE, SIDE)
    true = (F.avg_pool2d(vae(first), 8) / 2 + 0.5).clamp(0, 1)
    error = (Previewer(vae)(first) - true).pow(2).mean()
    features = torch.cat([first.flatten(1), torch.ones(1, SIDE * SIDE)]).T
    best = torch.linalg.lstsq(features, true.flatten(1).T).solution
    assert error <= 1.01 * (features @ best - true.flatten(1).T).pow(2).mean()


def test_the_decoder_runs_once_a_picture_and_on_little():
    sizes = []

    def decoder(small: torch.Tensor) -> torch.Tensor:
        sizes.append(tuple(small.shape))
        return F.interpolate(small[None, :3], scale_factor=8)[0]

    preview = Previewer(decoder)
    for seed in range(3):
        preview(latents(64, 12, seed))
    assert sizes == [(16, SIDE, 12)]


def test_a_decoder_without_sense_makes_a_preview_without_colours():
    preview = Previewer(lambda small: torch.full((3, 64, 64), torch.nan))
    assert torch.equal(preview(latents(8, 8)), torch.zeros(3, 8, 8))


@pytest.mark.parametrize(
    ("previews", "steps", "expected"),
    [
        (0, 8, []),
        (1, 8, [4]),
        (3, 8, [2, 4, 6]),
        (7, 8, [1, 2, 3, 4, 5, 6, 7]),
        (50, 4, [1, 2, 3]),
        (3, 1, []),
    ],
)
def test_previews_are_spread_over_the_steps(previews: int, steps: int, expected: list[int]):
    assert sorted(preview_steps(previews, steps)) == expected


@given(st.integers(0, MAX_PREVIEWS), st.integers(1, MAX_STEPS))
def test_every_preview_that_fits_is_made_and_never_of_the_last_step(previews: int, steps: int):
    chosen = preview_steps(previews, steps)
    assert len(chosen) == min(previews, steps - 1)
    assert chosen <= set(range(1, steps))
