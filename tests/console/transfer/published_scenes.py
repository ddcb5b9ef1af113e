"""The published files as the stand-in holds them: small, and therefore other than is known."""

from __future__ import annotations

from pull_scenes import content
from stand_in_hub import StandInHub

from console.model.models.published import DEFAULT_ENCODER, DEFAULT_QUANTISATION, chosen_files

TRANSFORMER = "z_image_turbo-Q4_K_M.gguf"
ENCODER = "Qwen3-4B-Q4_K_M.gguf"
VAE = "ae.safetensors"
ALL = sorted((TRANSFORMER, ENCODER, VAE))


def hold_published(
    hub: StandInHub,
    transformer: int = 3_000_000,
    encoder: str = DEFAULT_ENCODER,
    quantisation: str = DEFAULT_QUANTISATION,
) -> dict[str, bytes]:
    """Have the stand-in hold the chosen files; returns what is in them, by their names."""
    held = {}
    for seed, file in enumerate(chosen_files(quantisation, encoder)):
        size = transformer if seed == 0 else 400_000 + seed
        held[file.name] = content(size, seed)
        hub.publish(file.repository, file.path, held[file.name])
    return held
