"""The whole engine against diffusers' ZImagePipeline, from the same files and the same noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import oracles
import pytest
import tiny_models
import torch
from gguf import GGMLQuantizationType as Type

import engine.model.loading
from engine.errors import UnsupportedModel
from engine.model.denoiser import Denoiser
from engine.model.noise import initial_noise
from engine.model.sampler import sigmas
from engine.pipeline import Pipeline
from engine.reference import reference_pipeline
from engine.schema import GenerationRequest, Size
from engine.weights.discover import find_model


@dataclass(frozen=True)
class Both:
    ours: Pipeline
    theirs: Callable[..., Any]


@pytest.fixture(scope="module", params=[Type.F32, Type.Q8_0], ids=lambda kind: kind.name)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    types = tiny_models.matrices_as(request.param)
    model = tiny_models.write_model(tmp_path_factory.mktemp("both") / "model", types=types)
    files = find_model(model)
    return Both(Pipeline.load(files), reference_pipeline(files))


K_TYPES = {
    "qkv": Type.Q5_K,
    "w2": Type.Q6_K,
    "w3": Type.Q3_K,
    "adaLN_modulation": Type.Q2_K,
    "token_embd": Type.Q6_K,
    "attn_v": Type.Q6_K,
}


def k_mixture(name: str, shape: tuple[int, ...]) -> Type:
    """Different types for different tensors, norms included, as the mixtures in circulation."""
    if shape[-1] % 256:
        return Type.F32
    return next((kind for part, kind in K_TYPES.items() if part in name), Type.Q4_K)


@pytest.fixture(scope="module", params=["dense", "packed"])
def both_in_k_types(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Wide enough for blocks of 256, with the real model's heads of 128 numbers."""
    model = tmp_path_factory.mktemp("k_types")
    encoder = tiny_models.EncoderSizes(width=256, head_dim=64, feed_forward=256)
    sizes = tiny_models.TransformerSizes(dim=768, heads=6, layers=1, caption_width=256)
    tiny_models.write_transformer(
        model / "z.gguf", tiny_models.transformer_state(sizes), types=k_mixture
    )
    tiny_models.write_text_encoder(model / "qwen3.gguf", encoder, types=k_mixture)
    tiny_models.write_vae(model / "ae.safetensors")
    files = find_model(model)
    with pytest.MonkeyPatch.context() as patch:
        memory = {"dense": 1 << 40, "packed": 0}[request.param]
        patch.setattr(engine.model.loading, "available_memory", lambda device: memory)
        ours = Pipeline.load(files)
    assert ours.strategies["transformer"] == request.param
    return Both(ours, reference_pipeline(files))


CASES = [
    pytest.param("a red circle", Size(64, 64), 8, id="square"),
    pytest.param("白色背景上的红色圆 🙂 caf\u00e9", Size(144, 80), 4, id="wide-chinese"),
    pytest.param("a red circle on a white background " * 8, Size(80, 208), 3, id="tall-long"),
    pytest.param("xyz " * 400, Size(64, 96), 2, id="over-512-tokens"),
]


@pytest.mark.parametrize(("prompt", "size", "steps"), CASES)
def test_latents_are_those_of_diffusers(both: Both, prompt: str, size: Size, steps: int):
    assert latents_error(both, prompt, size, steps) < 1e-4


def test_latents_from_k_types_are_those_of_diffusers(both_in_k_types: Both):
    assert latents_error(both_in_k_types, "a red circle", Size(64, 96), 3) < 1e-4


def latents_error(both: Both, prompt: str, size: Size, steps: int) -> float:
    height, width = size.height // 8, size.width // 8
    noise = initial_noise(16, height, width, seed=3)
    caption = both.ours._encode(prompt).caption
    denoiser = Denoiser(both.ours._model.transformer, caption, height, width, sigmas(steps))
    latents = noise
    for index in range(steps):
        latents = denoiser.step(latents, index)

    expected = both.theirs(
        prompt,
        height=size.height,
        width=size.width,
        num_inference_steps=steps,
        guidance_scale=0.0,
        latents=noise[None],
        output_type="latent",
    ).images[0]

    return oracles.relative_error(latents, expected)


@pytest.mark.parametrize(("prompt", "size", "steps"), CASES)
def test_pictures_are_those_of_diffusers(both: Both, prompt: str, size: Size, steps: int):
    *_, done = both.ours.generate(GenerationRequest(prompt, size, steps, seed=3))
    expected = both.theirs(
        prompt,
        height=size.height,
        width=size.width,
        num_inference_steps=steps,
        guidance_scale=0.0,
        generator=torch.Generator("cpu").manual_seed(3),
        output_type="np",
    ).images[0]
    found = np.frombuffer(done.picture.rgb, np.uint8).reshape(size.height, size.width, 3)
    difference = np.abs(found - 255 * expected)
    # Rounding to 8 bits is half a level; the numbers before it agree to a hundredth of that.
    assert difference.max() < 0.51


def test_what_diffusers_cannot_express_is_refused(tmp_path: Path):
    sizes = tiny_models.TransformerSizes(noise_refiners=2, context_refiners=1)
    model = tiny_models.write_model(tmp_path / "model")
    state = tiny_models.transformer_state(sizes)
    tiny_models.write_transformer(model / "tiny_z_image.gguf", state)
    with pytest.raises(UnsupportedModel, match="2 noise and 1 context refiners"):
        reference_pipeline(find_model(model))
