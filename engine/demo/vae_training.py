"""Training of the demo model's autoencoder: from small crops to whole pictures."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

from engine.demo.album import Album
from engine.demo.architecture import build_vae
from engine.demo.judge import read_picture
from engine.demo.optimiser import Ensemble, rate_at
from engine.demo.pictures import draw, sample_jitter
from engine.demo.scenes import sample_scene

if TYPE_CHECKING:
    from diffusers import AutoencoderKL

# Side of the crops, pictures a step, and share of all steps.
_PHASES = ((32, 32, 0.35), (64, 12, 0.45), (128, 5, 0.20))
_MUON_RATE, _ADAM_RATE = 3e-3, 2e-3
_KL_WEIGHT = 1e-3
_EDGE_WEIGHT = 3.0
_EDGE_CONTRAST = 0.1
_CHECKED_SCENES = 60


class VaeTraining:
    """Learns to reconstruct the album, outlines above all."""

    def __init__(self, album: Album, steps: int, seed: int) -> None:
        torch.manual_seed(seed)
        self.steps = steps
        self.vae = build_vae().to(memory_format=torch.channels_last)
        self._album, self._weights, self._seed = album, album.weights(), seed
        self._optimiser = Ensemble(self.vae, _inner_weights(self.vae), _MUON_RATE, _ADAM_RATE)

    def advance(self, step: int) -> dict[str, float]:
        """Fit one batch of crops."""
        rng = random.Random(f"vae-{self._seed}-{step}")
        torch.manual_seed(self._seed + step)
        side, count = _phase(step / self.steps)
        chosen = rng.choices(range(len(self._weights)), self._weights, k=count)
        pictures = self._album.crops(rng, chosen, side)
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            spread = self.vae.encode(pictures).latent_dist
            made = self.vae.decode(spread.sample()).sample
        error = made.float() - pictures
        fit = (_edge_weights(pictures) * (error.abs() + error.square())).mean()
        (fit + _KL_WEIGHT * _divergence(spread.mean.float(), spread.logvar.float())).backward()
        self._optimiser.step(rate_at(step / self.steps))
        return {"fit": fit.item(), "psnr": _psnr(error.detach())}

    @torch.no_grad()
    def report(self) -> dict[str, float]:
        """Reconstruct whole held-out pictures: mean and least PSNR in dB, share judged right."""
        rng = random.Random("vae-report")
        scenes = [sample_scene(rng, held_out=True) for _ in range(_CHECKED_SCENES)]
        pictures = torch.stack([draw(scene, sample_jitter(rng)) for scene in scenes])
        parts = torch.split(pictures, 10)
        made = torch.cat([reconstruct(self.vae, part) for part in parts])
        levels = [_psnr(2 * (a - b)) for a, b in zip(made, pictures, strict=True)]
        right = [
            read_picture((image * 255).round().byte().permute(1, 2, 0).numpy()).shows(scene)
            for image, scene in zip(made, scenes, strict=True)
        ]
        return {
            "held_out_psnr": sum(levels) / len(levels),
            "least_psnr": min(levels),
            "right": sum(right) / len(right),
        }

    def state(self) -> dict[str, object]:
        """Return weights and optimiser."""
        return {"vae": self.vae.state_dict(), "optimiser": self._optimiser.state()}

    def restore(self, state: dict[str, object]) -> None:
        """Go on from a saved state."""
        self.vae.load_state_dict(state["vae"])
        self._optimiser.restore(state["optimiser"])  # type: ignore[arg-type]


@torch.no_grad()
def reconstruct(vae: AutoencoderKL, pictures: Tensor) -> Tensor:
    """Encode and decode pictures [n, 3, height, width] in 0..1, in float32."""
    latents = vae.encode(pictures * 2 - 1).latent_dist.mean
    made: Tensor = (vae.decode(latents).sample / 2 + 0.5).clamp(0, 1)
    return made


def _inner_weights(vae: AutoencoderKL) -> set[str]:
    """Names of all matrices and filters but the first and last layers of both halves."""
    outer = ("encoder.conv_in", "encoder.conv_out", "decoder.conv_in", "decoder.conv_out")
    return {
        name
        for name, weight in vae.named_parameters()
        if weight.ndim >= 2 and not name.startswith(outer)
    }


def _phase(done: float) -> tuple[int, int]:
    """Side and number of the crops of a step."""
    for side, count, share in _PHASES:
        if done < share:
            return side, count
        done -= share
    return _PHASES[-1][:2]


def _edge_weights(pictures: Tensor) -> Tensor:
    """Weights [n, 1, height, width] that stress the pixels around an outline."""
    spread = max_pool2d(pictures, 5, 1, 2) + max_pool2d(-pictures, 5, 1, 2)
    return 1 + _EDGE_WEIGHT * (spread.amax(dim=1, keepdim=True) > _EDGE_CONTRAST)


def _divergence(mean: Tensor, logvar: Tensor) -> Tensor:
    """Kullback-Leibler divergence from the unit Gaussian, mean over elements."""
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()


def _psnr(error: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of an error whose peak is 2 (values in -1..1)."""
    return float(10 * torch.log10(4 / error.square().mean()))
