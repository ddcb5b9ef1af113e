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

STEPS = 8


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


LONG = "a red circle on a white background " * 8
CASES = [
    pytest.param("a red circle", Size(64, 64), id="square"),
    pytest.param("白色背景上的红色圆 🙂 caf\u00e9", Size(144, 80), id="wide-chinese-odd"),
    pytest.param(LONG, Size(80, 208), id="tall-long-odd"),
    pytest.param("xyz " * 400, Size(64, 96), id="over-512-tokens"),
]


@pytest.mark.parametrize(("prompt", "size"), CASES)
def test_latents_are_those_of_diffusers(both: Both, prompt: str, size: Size):
    assert latents_error(both, prompt, size) < 1e-4


def test_latents_from_k_types_are_those_of_diffusers(both_in_k_types: Both):
    assert latents_error(both_in_k_types, "a red circle", Size(64, 96)) < 1e-4


SHAPES = [
    tiny_models.TransformerSizes(dim=64, heads=1, layers=1, caption_width=64),
    tiny_models.TransformerSizes(
        dim=192, heads=6, layers=4, noise_refiners=2, context_refiners=2, caption_width=64
    ),
    tiny_models.TransformerSizes(dim=384, heads=3, layers=2, caption_width=64),
]


@pytest.mark.parametrize("sizes", SHAPES, ids=lambda sizes: f"{sizes.heads}-heads")
def test_latents_of_other_models_are_those_of_diffusers(
    tmp_path: Path, sizes: tiny_models.TransformerSizes
):
    model = tiny_models.write_model(tmp_path / "model")
    state = tiny_models.transformer_state(sizes)
    tiny_models.write_transformer(model / "tiny_z_image.gguf", state)
    files = find_model(model)
    other = Both(Pipeline.load(files), reference_pipeline(files))
    assert latents_error(other, "a red circle", Size(112, 80)) < 1e-4


def test_several_pictures_are_those_of_a_batch_of_diffusers(both: Both):
    """Ours are made one after another, theirs at once."""
    assert latents_error(both, "white on red", Size(80, 64), seeds=(3, 4, 5)) < 1e-4


@pytest.mark.parametrize("negative", ["", "a white circle", LONG], ids=["empty", "short", "long"])
def test_guided_latents_are_those_of_diffusers(both: Both, negative: str):
    error = latents_error(both, "a red circle", Size(80, 64), negative=negative, guidance=2.5)
    assert error < 1e-4


def latents_error(
    both: Both,
    prompt: str,
    size: Size,
    *,
    seeds: tuple[int, ...] = (3,),
    negative: str = "",
    guidance: float = 0.0,
) -> float:
    height, width = size.height // 8, size.width // 8
    noises = [initial_noise(16, height, width, seed) for seed in seeds]
    request = GenerationRequest(prompt, negative_prompt=negative, guidance=guidance)
    found = [our_latents(both.ours, request, noise) for noise in noises]
    expected = both.theirs(
        prompt,
        negative_prompt=negative,
        height=size.height,
        width=size.width,
        num_inference_steps=STEPS,
        guidance_scale=guidance,
        num_images_per_prompt=len(seeds),
        latents=torch.stack(noises),
        output_type="latent",
    ).images
    return max(map(oracles.relative_error, found, expected))


def our_latents(ours: Pipeline, request: GenerationRequest, noise: torch.Tensor) -> torch.Tensor:
    caption = ours._encode(request.prompt).caption
    guidance = ours._guidance(request)
    transformer = ours._model.transformer
    denoiser = Denoiser(transformer, caption, *noise.shape[1:], sigmas(STEPS), guidance)
    latents = noise
    for index in range(STEPS):
        latents = denoiser.step(latents, index)
    return latents


@pytest.mark.parametrize(("prompt", "size"), CASES)
def test_pictures_are_those_of_diffusers(both: Both, prompt: str, size: Size):
    *_, done = both.ours.generate(GenerationRequest(prompt, size, STEPS, seed=3))
    expected = both.theirs(
        prompt,
        height=size.height,
        width=size.width,
        num_inference_steps=STEPS,
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
