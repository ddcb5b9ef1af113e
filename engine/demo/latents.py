"""Latents of the album: what the diffusion transformer learns to make."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

_BATCH = 50


@dataclass(frozen=True)
class Latents:
    """Normalised latents [n, 16, height, width] and the two numbers that normalise them."""

    values: Tensor
    scaling: float
    shift: float


def as_half(vae: AutoencoderKL) -> AutoencoderKL:
    """Round an autoencoder's weights to what a half precision file keeps; return it."""
    vae.load_state_dict({name: w.half().float() for name, w in vae.state_dict().items()})
    vae.eval()
    return vae


@torch.no_grad()
def encode_album(vae: AutoencoderKL, pictures: Tensor) -> Latents:
    """Encode pictures, uint8 [n, 3, side, side], and normalise to mean 0 and deviation 1."""
    means = []
    for start in range(0, len(pictures), _BATCH):
        batch = pictures[start : start + _BATCH] / 127.5 - 1
        batch = batch.contiguous(memory_format=torch.channels_last)
        means.append(vae.encode(batch).latent_dist.mean.contiguous())
    values = torch.cat(means)
    shift, scaling = values.mean().item(), 1 / values.std().item()
    return Latents((values - shift) * scaling, scaling, shift)


@torch.no_grad()
def decode(vae: AutoencoderKL, latents: Latents, values: Tensor) -> Tensor:
    """Turn normalised latents into pictures [n, 3, height, width] in 0..1."""
    values = (values / latents.scaling + latents.shift).contiguous(
        memory_format=torch.channels_last
    )
    pictures: Tensor = (vae.decode(values).sample / 2 + 0.5).clamp(0, 1)
    return pictures


def kept_latents(path: Path, vae: AutoencoderKL, pictures: Tensor) -> Latents:
    """Read the latents of an earlier run, or make and keep them."""
    if path.exists():
        kept: Latents = torch.load(path, weights_only=False)
        return kept
    wall, cpu = time.monotonic(), time.process_time()
    latents = encode_album(vae, pictures)
    torch.save(latents, path)
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    print(f"latents {len(pictures)}  {wall:.0f} s (cpu {cpu:.0f} s)", flush=True)
    return latents
