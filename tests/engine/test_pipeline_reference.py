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

from engine.errors import UnsupportedModel
from engine.model.denoiser import Denoiser
from engine.model.sampler import initial_noise, sigmas
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


CASES = [
    pytest.param("a red circle", Size(64, 64), 8, id="square"),
    pytest.param("白色背景上的红色圆 🙂 caf\u00e9", Size(144, 80), 4, id="wide-chinese"),
    pytest.param("a red circle on a white background " * 8, Size(80, 208), 3, id="tall-long"),
    pytest.param("xyz " * 400, Size(64, 96), 2, id="over-512-tokens"),
]


@pytest.mark.parametrize(("prompt", "size", "steps"), CASES)
def test_latents_are_those_of_diffusers(both: Both, prompt: str, size: Size, steps: int):
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

    assert oracles.relative_error(latents, expected) < 1e-4


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
