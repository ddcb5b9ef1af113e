from __future__ import annotations

from pathlib import Path

import loaded
import oracles
import pytest
import tiny_models
import torch

from engine.model.linear import Strategy
from engine.model.transformer import Transformer, patchify, unpatchify

SIZES = tiny_models.TransformerSizes()


@pytest.fixture(scope="module")
def oracle() -> object:
    return oracles.transformer(SIZES)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Transformer:
    path = tmp_path_factory.mktemp("transformer") / "tiny.gguf"
    return loaded.transformer(tiny_models.write_transformer(path))


def estimate(model: Transformer, latents: torch.Tensor, time: float, prompt: torch.Tensor):
    caption = model.caption(prompt)
    canvas = model.canvas(caption, *latents.shape[1:])
    (modulation,) = model.modulations([time])
    return model(latents, modulation, caption, canvas)


def expected(oracle, latents: torch.Tensor, time: float, prompt: torch.Tensor):
    with torch.no_grad():
        (answer,) = oracle([latents[:, None]], torch.tensor([time]), [prompt], return_dict=False)
    return answer[0][:, 0]


@pytest.mark.parametrize(
    ("height", "width", "tokens"),
    [
        pytest.param(8, 8, 32, id="nothing-to-pad"),
        pytest.param(8, 8, 5, id="short-prompt"),
        pytest.param(12, 20, 33, id="wide-and-prompt-over-32"),
        pytest.param(22, 6, 100, id="tall-and-long-prompt"),
        pytest.param(2, 2, 1, id="one-patch"),
        pytest.param(16, 18, 512, id="longest-prompt"),
    ],
)
@pytest.mark.parametrize("time", [0.0, 0.7])
def test_estimates_what_diffusers_estimates(oracle, ours, height, width, tokens, time):
    generator = torch.Generator().manual_seed(height * width + tokens)
    latents = torch.randn(16, height, width, generator=generator)
    prompt = torch.randn(tokens, SIZES.caption_width, generator=generator)

    found = estimate(ours, latents, time, prompt)

    assert oracles.relative_error(found, expected(oracle, latents, time, prompt)) < 1e-4


def test_packed_weights_give_what_dense_weights_give(tmp_path: Path):
    kind = tiny_models.matrices_as(tiny_models.Type.Q8_0)
    path = tiny_models.write_transformer(tmp_path / "q8.gguf", types=kind)
    latents = torch.randn(16, 8, 8, generator=torch.Generator().manual_seed(1))
    prompt = torch.randn(9, SIZES.caption_width, generator=torch.Generator().manual_seed(2))

    dense = estimate(loaded.transformer(path, Strategy.DENSE), latents, 0.3, prompt)
    packed = estimate(loaded.transformer(path, Strategy.PACKED), latents, 0.3, prompt)

    assert oracles.relative_error(packed, dense) < 1e-5


def test_patches_put_the_channel_last():
    latents = torch.arange(2 * 4 * 6.0).view(2, 4, 6)
    patches = patchify(latents)
    assert patches.shape == (6, 8)
    assert patches[0].tolist() == [
        latents[c, y, x].item() for y in (0, 1) for x in (0, 1) for c in (0, 1)
    ]
    assert torch.equal(unpatchify(patches, 2, 3), latents)
