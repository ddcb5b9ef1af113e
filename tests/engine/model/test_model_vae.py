from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import loaded
import numpy as np
import oracles
import pytest
import tiny_models
import torch

from engine.model.vae import Convolution

SIZES = tiny_models.VaeSizes()


def expected(sizes: tiny_models.VaeSizes, latents: torch.Tensor) -> torch.Tensor:
    z = latents[None] / sizes.scaling + sizes.shift
    with torch.no_grad():
        return oracles.vae(sizes).decode(z, return_dict=False)[0][0]


@pytest.mark.parametrize(("height", "width"), [(8, 8), (4, 10), (6, 2)])
def test_decodes_what_diffusers_decodes(tmp_path: Path, height: int, width: int):
    decoder = loaded.vae(tiny_models.write_vae(tmp_path / "ae.safetensors"))
    latents = torch.randn(16, height, width, generator=torch.Generator().manual_seed(1))
    picture = decoder(latents)
    assert picture.shape == (3, 8 * height, 8 * width)
    assert oracles.relative_error(picture, expected(SIZES, latents)) < 1e-4


def test_takes_groups_scaling_and_shift_from_the_file(tmp_path: Path):
    sizes = replace(SIZES, groups=8, scaling=0.3, shift=-0.4)
    decoder = loaded.vae(tiny_models.write_vae(tmp_path / "ae.safetensors", sizes))
    latents = torch.randn(16, 4, 4, generator=torch.Generator().manual_seed(1))
    assert oracles.relative_error(decoder(latents), expected(sizes, latents)) < 1e-4
    assert oracles.relative_error(decoder(latents), expected(SIZES, latents)) > 1e-2


def test_half_precision_files_are_computed_in_float32(tmp_path: Path):
    path = tiny_models.write_vae(tmp_path / "ae.safetensors", dtype=np.float16)
    latents = torch.randn(16, 4, 4, generator=torch.Generator().manual_seed(1))
    picture = loaded.vae(path)(latents)
    assert picture.dtype == torch.float32
    assert oracles.relative_error(picture, expected(SIZES, latents)) < 1e-2


def test_reads_diffusers_names_too(tmp_path: Path):
    original = loaded.vae(tiny_models.write_vae(tmp_path / "original.safetensors"))
    diffusers = loaded.vae(oracles.write_diffusers_vae(tmp_path / "diffusers.safetensors", SIZES))
    latents = torch.randn(16, 4, 6, generator=torch.Generator().manual_seed(1))
    assert torch.equal(diffusers(latents), original(latents))


@pytest.mark.parametrize(("height", "width", "stripe"), [(4, 3, 1), (6, 10, 9_000), (9, 3, 20_000)])
def test_stripes_leave_no_seams(tmp_path: Path, stripe: int, height: int, width: int):
    decoder = loaded.vae(tiny_models.write_vae(tmp_path / "ae.safetensors"))
    latents = torch.randn(16, height, width, generator=torch.Generator().manual_seed(1))
    whole = decoder(latents)
    for convolution in convolutions(decoder):
        convolution.stripe = stripe
    assert (decoder(latents) - whole).abs().max() < 1e-5 * whole.abs().max()


def convolutions(part: object) -> list[Convolution]:
    if isinstance(part, Convolution):
        return [part]
    inner = part if isinstance(part, list) else list(getattr(part, "__dict__", {}).values())
    return [convolution for each in inner for convolution in convolutions(each)]


def test_every_convolution_is_done_in_stripes(tmp_path: Path):
    decoder = loaded.vae(tiny_models.write_vae(tmp_path / "ae.safetensors"))
    assert len(convolutions(decoder)) > 10
